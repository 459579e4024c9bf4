package shell

import (
	"context"

	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/record"
	"runes.im/platform/runekit"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/token"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// notices are what the house itself tells people, most of it about the safety of their account.
var notices = []slot.Notice{
	{Kind: "identity.new_device", Title: "shell.notice_new_device", Mail: true, Always: true},
	{Kind: "identity.password_changed", Title: "shell.notice_password_changed", Mail: true, Always: true},
	{Kind: "identity.app_password_made", Title: "shell.notice_app_password_made", Mail: true, Always: true},
	{Kind: "identity.password_forgotten", Title: "shell.notice_password_forgotten", Permission: "manage_users", Mail: true},
	{Kind: "identity.email_asked", Title: "shell.notice_email_asked", Permission: "manage_users", Mail: true},
	{Kind: "identity.roles_offered", Title: "shell.notice_roles_offered", Permission: "manage_roles"},
	{Kind: "identity.email_changed", Title: "shell.notice_email_changed", Mail: true, Always: true},
	{Kind: "identity.member_left", Title: "shell.notice_member_left", Permission: "manage_users"},
	{Kind: "identity.member_left_things", Title: "shell.notice_member_left_things", Permission: "manage_users", Mail: true},
	{Kind: "identity.factor_added", Title: "shell.notice_factor_added", Mail: true, Always: true},
	{Kind: "identity.factor_removed", Title: "shell.notice_factor_removed", Mail: true, Always: true},
	{Kind: "identity.factors_reset", Title: "shell.notice_factors_reset", Mail: true, Always: true},
	{Kind: "identity.recovery_renewed", Title: "shell.notice_recovery_renewed", Mail: true, Always: true},
	{Kind: "identity.passkey_copied", Title: "shell.notice_passkey_copied", Mail: true, Always: true},
	{Kind: "identity.many_failures", Title: "shell.notice_many_failures", Mail: true, Always: true},
	{Kind: "identity.spraying", Title: "shell.notice_spraying", Permission: "manage_users", Mail: true, Always: true},
	{Kind: "identity.guest_ends", Title: "shell.notice_guest_ends", Mail: true},
	{Kind: "identity.guest_ends_soon", Title: "shell.notice_guest_ends_soon", Mail: true},
	{Kind: "identity.guest_ended", Title: "shell.notice_guest_ended", Mail: true},
	{Kind: "identity.guest_longer", Title: "shell.notice_guest_longer", Permission: "manage_users", Mail: true},
	{Kind: "shell.quote_asked", Title: "shell.notice_quote_asked", Permission: "manage_organization", Mail: true},
	{Kind: "cert.ends", Title: "cert.notice_ends", Permission: "manage_network_governance", Mail: true},
	{Kind: "cert.not_renewed", Title: "cert.notice_not_renewed", Permission: "manage_network_governance", Mail: true},
	record.Mentions,
	record.ImportDone,
	record.ImportUndone,
}

// account and told are what the house itself knows about a member.
var (
	account = slot.Personal{
		Title: "shell.personal_account",
		Export: func(ctx context.Context, r store.Reader, s slot.Subject) (any, error) {
			return identity.KnownAbout(ctx, r, s.Member)
		},
	}
	told = slot.Personal{
		Title: "shell.notifications",
		Export: func(ctx context.Context, r store.Reader, s slot.Subject) (any, error) {
			return notify.KnownAbout(ctx, r, s.Member)
		},
		Erase: func(ctx context.Context, tx *store.Tx, s slot.Subject) error { return notify.Forget(ctx, tx, s.Member) },
	}
)

// Offers is everything that the house and its runes offer in slots.
func Offers(runes []*runekit.Installed, book *words.Book) []slot.Offer {
	var all []slot.Offer
	for _, t := range token.Core(book) {
		all = append(all, slot.TokenValues.Offer(t))
	}
	all = append(all, slot.Widgets.Offer(glance))
	for _, n := range notices {
		all = append(all, slot.Notices.Offer(n))
	}
	all = append(all, slot.PersonalData.Offer(account), slot.PersonalData.Offer(told), slot.Payments.Offer(invoice))
	all = append(all, slot.Mine.Offer(slot.Own{Title: "shell.my_profile", Icon: "circle-user-round", Link: ownProfile}))
	all = append(all, slot.Mine.Offer(slot.Own{Title: "shell.bins", Icon: "trash-2", Link: binPath}))
	for _, page := range ownSettings {
		all = append(all, slot.Settings.Offer(page))
	}
	for i := range all {
		all[i].Rune = slot.House
	}
	for _, in := range runes {
		all = append(all, in.Offers...)
	}
	return all
}

// Mailed are the notifications that go out by mail, too, unless somebody chose otherwise.
func Mailed(offers []slot.Offer) map[string]bool {
	all := map[string]bool{}
	for _, o := range offers {
		all[o.Rune] = true
	}
	mailed := map[string]bool{}
	for _, n := range slot.Notices.Among(offers, all) {
		mailed[n.Kind] = n.Mail
	}
	return mailed
}

// slots are the pages on which the offers of all runes meet.
func (s *Shell) slots(r *web.Router) {
	r.Get("/tokens", web.SignedIn, listTokens)
	r.Post("/tokens/preview", web.SignedIn, previewTokens)
	r.Get("/pick", web.SignedIn, pick)
	r.Post("/pick", web.SignedIn, pickNew)
	r.Get(binPath, web.SignedIn, s.showBins)
	r.Get("/preferences/notifications", web.SignedIn, showNotices)
	r.Post("/preferences/notifications", web.SignedIn, saveNotices)
	r.Post("/preferences/notifications/unmute", web.SignedIn, unmute)
	r.Get("/preferences/notifications/all", manageOrganization, showHouseNotices)
	r.Post("/preferences/notifications/all", manageOrganization, saveHouseNotices)
	r.Post("/notifications/unread", web.SignedIn, markUnread)
	r.Post("/notifications/mute", web.SignedIn, mute)
	r.Get("/get/{rune}", "manage_runes", s.showGet)
}

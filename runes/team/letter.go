package team

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/token"
	"runes.im/platform/web"
)

// letter is what an invitation says in one language.
type letter struct{ Subject, Body string }

// What a letter may be: a header and a page.
const (
	maxSubject = 200
	maxBody    = 8000
)

// linkToken is what a letter cannot go without.
const linkToken = "invite.link"

// letterOf is the letter of a language: what somebody wrote, else the text of the house.
func letterOf(v *web.Visit, lang string) (letter, bool, error) {
	var l letter
	err := v.DB.QueryRow(v.Context(), `SELECT subject, body FROM team_letters WHERE lang = ?`, lang).Scan(&l.Subject, &l.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return letter{v.In(lang, "team.letter_subject"), v.In(lang, "team.letter_body")}, false, nil
	}
	return l, true, err
}

// written is the letter of one invitation with its values, ready for a mail program.
func written(v *web.Visit, i identity.Invitation, link string) (letter, error) {
	l, _, err := letterOf(v, v.Tenant.Locale)
	if err != nil {
		return l, err
	}
	return filled(v, l, map[string]string{"link": link, "expires": v.Date(i.EndsAt)})
}

// filled puts the values in: those of this invitation beside those that every text has.
func filled(v *web.Visit, l letter, invite map[string]string) (letter, error) {
	offers, err := slot.TokenValues.Ask(v.Context(), v.Asker())
	if err != nil {
		return l, err
	}
	known := map[string]map[string]string{"invite": invite, "inviter": {"name": v.Person.Name}}
	own := slot.Only(offers)
	for n, o := range own {
		if values := known[o.Namespace]; values != nil {
			own[n].Permission = "" // whoever invites needs no right over the letter
			own[n].Values = func(context.Context, slot.Asker, map[string]string, []string) (map[string]string, error) {
				return values, nil
			}
		}
	}
	subject, err := token.Render(v.Context(), v.Asker(), own, l.Subject, nil, token.Header)
	if err != nil {
		return l, err
	}
	body, err := token.Render(v.Context(), v.Asker(), own, l.Body, nil, token.Text)
	return letter{subject.Text, body.Text}, err
}

// letterTokens are those that only a letter has: the list of tokens knows them, the letter gives their values.
func letterTokens(namespace string, paths ...string) slot.Offer {
	o := slot.Tokens{Namespace: namespace, Permission: "manage_invite_settings"}
	for _, path := range paths {
		o.Paths = append(o.Paths, slot.Path{Path: path, Title: "team.token_" + namespace + "_" + path})
	}
	o.Values = func(context.Context, slot.Asker, map[string]string, []string) (map[string]string, error) {
		return nil, nil
	}
	return slot.TokenValues.Offer(o)
}

// letterPage edits the letter of one language.
type letterPage struct {
	web.Problems
	letter
	Lang      string
	Languages []record.Segment
	Sample    letter
	Changed   bool
	Days      int // that a link opens
}

func showLetter(v *web.Visit) error {
	p, err := letterPageOf(v)
	if err != nil {
		return err
	}
	return v.Page("letter", p)
}

func letterPageOf(v *web.Visit) (*letterPage, error) {
	p := &letterPage{Lang: languageOf(v)}
	p.Languages = languageTabs(v, "/team/letter", p.Lang)
	var err error
	if p.letter, p.Changed, err = letterOf(v, p.Lang); err != nil {
		return nil, err
	}
	if p.Days, err = identity.InvitationDays(v.Context(), v.DB); err != nil {
		return nil, err
	}
	p.Sample, err = filled(v, p.letter, map[string]string{"link": v.Site() + "/join/…", "expires": v.Date(clock.Now(v.Context()).AddDate(0, 0, p.Days))})
	headed(v, v.T("team.letter"))
	return p, err
}

func saveLetter(v *web.Visit) error {
	p, err := letterPageOf(v)
	if err != nil {
		return err
	}
	here := "/team/letter?lang=" + p.Lang
	if v.Form("reset") != "" {
		if err := putLetter(v, p.Lang, p.letter, nil); err != nil {
			return err
		}
		v.Flash(v.T("team.letter_reset_done"), "")
		return v.Go(here)
	}
	before := p.letter
	p.letter = letter{strings.TrimSpace(v.Form("subject")), strings.TrimSpace(v.Form("body"))}
	form := fault.Form{}
	form.Need(p.Subject != "", "subject", "team.letter_no_subject")
	form.Need(len(p.Subject) <= maxSubject, "subject", "team.letter_long", "max", maxSubject)
	form.Need(len(p.Body) <= maxBody, "body", "team.letter_long", "max", maxBody)
	form.Need(token.Has(p.Body, linkToken), "body", "team.letter_no_link")
	if err := form.Err(); err != nil {
		return v.Again("letter", p, err)
	}
	if err := putLetter(v, p.Lang, before, &p.letter); err != nil {
		return err
	}
	v.Flash(v.T("team.letter_saved"), "")
	return v.Go(here)
}

// saveDays decides how long the links of invitations open.
func saveDays(v *web.Visit) error {
	days, err := strconv.Atoi(v.Form("days"))
	if err != nil {
		days = 0 // no number is refused like a wrong one
	}
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return identity.SetInvitationDays(ctx, tx, days) })
	if err != nil {
		p, failed := letterPageOf(v)
		if failed != nil {
			return failed
		}
		return v.Again("letter", p, err)
	}
	v.Flash(v.T("team.letter_days_saved"), "")
	return v.Go("/team/letter")
}

// putLetter keeps the letter of a language; nil goes back to the text of the house.
func putLetter(v *web.Visit, lang string, before letter, l *letter) error {
	return v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error {
		var err error
		after := map[string]any{}
		if l == nil {
			_, err = tx.Exec(ctx, `DELETE FROM team_letters WHERE lang = ?`, lang)
		} else {
			after = map[string]any{"subject": l.Subject, "body": l.Body}
			_, err = tx.Exec(ctx, `INSERT INTO team_letters (lang, subject, body, changed_at, changed_by) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (lang) DO UPDATE SET subject = excluded.subject, body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
				lang, l.Subject, l.Body, clock.Text(clock.Now(ctx)), v.Person.ID)
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "team.letter_changed", Object: "letter:" + lang, Title: lang, Before: map[string]any{"subject": before.Subject, "body": before.Body}, After: after,
		})
	})
}

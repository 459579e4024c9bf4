package identity

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"runes.im/platform/audit"
	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// Terms are one wording of what people accept who register by an invitation of the organisation. The zero value: it asks for nothing.
type Terms struct {
	ID   int64
	Lang string
	Body string // plain text
	At   time.Time
}

// maxTerms is the longest wording, in bytes: some fifty pages.
const maxTerms = 200_000

// inForce are the newest wordings of every language, but for those taken back.
const inForce = `FROM identity_terms WHERE id IN (SELECT max(id) FROM identity_terms GROUP BY lang) AND body <> ''`

// TermsIn is the wording in that language, as it is edited.
func TermsIn(ctx context.Context, r store.Reader, lang string) (Terms, error) {
	return oneTerms(r.QueryRow(ctx, `SELECT id, lang, body, made_at `+inForce+` AND lang = ?`, lang))
}

// TermsFor is the wording that somebody with that language reads: in theirs, else in that of the organisation, else in the one there is.
func TermsFor(ctx context.Context, t *tenant.Tenant, lang string) (Terms, error) {
	return oneTerms(t.DB.QueryRow(ctx, `SELECT id, lang, body, made_at `+inForce+` ORDER BY lang = ? DESC, lang = ? DESC, id LIMIT 1`, lang, t.Locale))
}

// TermsOf is the wording that a member accepted, At the time when they did.
func TermsOf(ctx context.Context, r store.Reader, memberID string) (Terms, error) {
	return oneTerms(r.QueryRow(ctx, `SELECT w.id, w.lang, w.body, m.terms_at FROM identity_members m JOIN identity_terms w ON w.id = m.terms_id WHERE m.id = ?`, memberID))
}

func oneTerms(row *sql.Row) (t Terms, err error) {
	var at string
	if err = row.Scan(&t.ID, &t.Lang, &t.Body, &at); errors.Is(err, sql.ErrNoRows) {
		return Terms{}, nil
	}
	if err == nil {
		t.At, err = clock.Parse(at)
	}
	return t, err
}

// SetTerms puts a wording into force for whoever registers from now on; an empty one takes that of the language back. Those before are kept:
// somebody accepted them.
func SetTerms(ctx context.Context, tx *store.Tx, lang, body string) error {
	body = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	form := fault.Form{}
	form.Need(isLanguage(lang), "lang", "identity.locale_unknown")
	form.Need(len(body) <= maxTerms, "body", "identity.terms_long")
	if err := form.Err(); err != nil {
		return err
	}
	before, err := TermsIn(ctx, tx, lang)
	if err != nil || before.Body == body {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO identity_terms (lang, body, made_at) VALUES (?, ?, ?)`, lang, body, clock.Text(clock.Now(ctx))); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.terms_changed", Object: "terms:" + lang, Title: lang, Before: map[string]any{"body": before.Body}, After: map[string]any{"body": body},
	})
}

// needTerms refuses whoever did not accept a wording that is in force, and answers the one they accepted; 0 where nothing is asked.
func needTerms(ctx context.Context, r store.Reader, form *fault.Form, accepted int64) (int64, error) {
	var any, is bool
	if err := r.QueryRow(ctx, `SELECT EXISTS (SELECT 1 `+inForce+`), EXISTS (SELECT 1 `+inForce+` AND id = ?)`, accepted).Scan(&any, &is); err != nil {
		return 0, err
	}
	form.Need(is || !any || accepted != 0, "terms", "identity.terms_needed")
	form.Need(is || !any || accepted == 0, "terms", "identity.terms_changed")
	if !is {
		accepted = 0
	}
	return accepted, nil
}

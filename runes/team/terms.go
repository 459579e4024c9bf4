package team

import (
	"context"
	"slices"

	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// termsPage edits what people accept who register by an invitation, in one language.
type termsPage struct {
	web.Problems
	identity.Terms
	Since     string // empty: nothing is in force in this language
	Languages []record.Segment
}

func showTerms(v *web.Visit) error {
	p, err := termsPageOf(v)
	if err != nil {
		return err
	}
	return v.Page("terms", p)
}

func termsPageOf(v *web.Visit) (*termsPage, error) {
	lang := languageOf(v)
	terms, err := identity.TermsIn(v.Context(), v.DB, lang)
	if err != nil {
		return nil, err
	}
	p := &termsPage{Terms: terms, Languages: languageTabs(v, "/team/terms", lang)}
	if terms.ID != 0 {
		p.Since = v.Date(terms.At)
	}
	p.Lang = lang
	headed(v, v.T("team.terms"))
	return p, nil
}

func saveTerms(v *web.Visit) error {
	p, err := termsPageOf(v)
	if err != nil {
		return err
	}
	p.Body = v.Form("body")
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) error { return identity.SetTerms(ctx, tx, p.Lang, p.Body) })
	if err != nil {
		return v.Again("terms", p, err)
	}
	v.Flash(v.T("team.terms_saved"), "")
	return v.Go("/team/terms?lang=" + p.Lang)
}

// languageOf is the language that a page of texts shows: the one asked for, else that of the organisation.
func languageOf(v *web.Visit) string {
	if lang := v.Query("lang"); slices.Contains(words.Languages, lang) {
		return lang
	}
	return v.Tenant.Locale
}

// languageTabs lead from one language of such a page to the others.
func languageTabs(v *web.Visit, at, here string) (tabs []record.Segment) {
	for _, lang := range words.Languages {
		tabs = append(tabs, record.Segment{Text: v.T("team.lang_" + lang), Href: at + "?lang=" + lang, Current: lang == here})
	}
	return tabs
}

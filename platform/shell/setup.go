package shell

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/web"
)

// The steps of the wizard. Each form carries what the earlier ones said.
const (
	stepCode    = "code"
	stepCompany = "company"
	stepOwner   = "owner"
	stepDone    = "done"
)

type setupPage struct {
	web.Problems
	Founding
	Step    string
	Steps   []step
	Code    string `form:"code"`
	Address string
	Problem string
}

type step struct{ Text, State, Href string }

func (s *Shell) showSetup(v *web.Visit) error {
	return drawSetup(v, http.StatusOK, &setupPage{Step: stepCode, Code: v.Query("code")})
}

func drawSetup(v *web.Visit, status int, page *setupPage) error {
	page.Steps = steps(v, page.Step)
	v.Title(v.T("shell.setup"))
	return v.Bare(status, "setup", page)
}

func steps(v *web.Visit, now string) []step {
	all := []step{{Text: v.T("shell.step_code")}, {Text: v.T("shell.step_company")}, {Text: v.T("shell.step_owner")}}
	at := map[string]int{stepCode: 0, stepCompany: 1, stepOwner: 2, stepDone: 3}[now]
	for n := range all {
		switch {
		case n < at:
			all[n].State = "done"
		case n == at:
			all[n].State = "now"
		}
	}
	return all
}

// setUp goes one step on, or back. The code is asked for at every step: a form can be sent without the one before.
func (s *Shell) setUp(v *web.Visit) error {
	page := &setupPage{Step: v.Form("step")}
	v.Fill(page)
	if err := s.checkCode(page.Code); err != nil {
		page.Step = stepCode
		return s.againSetup(v, page, err)
	}
	var err error
	switch {
	case v.Form("back") != "":
		page.Step = before(page.Step)
	case page.Step == stepCode:
		page.Step = stepCompany
	case page.Step == stepCompany:
		if page.Slug == "" {
			page.Slug = slugOf(page.Company)
		}
		if err = page.checkCompany(); err == nil {
			page.Step = stepOwner
		}
	default:
		page.Step = stepOwner
		err = s.found(v, page)
	}
	if err != nil {
		return s.againSetup(v, page, err)
	}
	return drawSetup(v, http.StatusOK, page)
}

func before(step string) string {
	if step == stepOwner {
		return stepCompany
	}
	return stepCode
}

// found makes the workspace. When the name in the address bar reaches it, the person stays there.
func (s *Shell) found(v *web.Visit, page *setupPage) error {
	f := page.Founding
	f.Password, f.Locale = v.Form("password"), v.Lang()
	address, err := s.Found(v.Context(), f)
	if err != nil {
		return err
	}
	page.Step, page.Address = stepDone, address
	if _, err := s.Tenants.ByHost(v.Context(), v.Request.Host); err == nil {
		page.Address = "/login"
	}
	return nil
}

func (s *Shell) againSetup(v *web.Visit, page *setupPage, err error) error {
	f := fault.Of(err)
	if f == nil {
		return err
	}
	page.Problems = web.Problems{}
	for field, p := range f.Problems {
		page.Problems[field] = v.T(p.Key, p.Args...)
	}
	if len(f.Problems) == 0 {
		page.Problem = v.T(f.Key, f.Args...)
	}
	if page.Problems["company"] != "" || page.Problems["slug"] != "" {
		page.Step = stepCompany
	}
	return drawSetup(v, http.StatusUnprocessableEntity, page)
}

func (s *Shell) checkCode(given string) error {
	form := fault.Form{}
	same := subtle.ConstantTimeCompare([]byte(plainCode(given)), []byte(plainCode(s.code))) == 1
	form.Need(same, "code", "shell.wrong_code")
	return form.Err()
}

// plainCode forgives small letters, blanks and missing hyphens.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(code))
}

func (p *setupPage) checkCompany() error {
	form := fault.Form{}
	form.Need(p.Company != "", "company", "shell.need_company")
	form.Need(p.Slug != "", "slug", "shell.need_slug")
	return form.Err()
}

// slugOf proposes the name in the address: "Halden & Fjord" becomes halden-fjord.
func slugOf(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		letter, known := plainLetters[r]
		if !known && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
			letter = string(r)
		}
		if letter == "" {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteString(letter)
	}
	if slug := b.String(); len(slug) > 40 {
		return strings.Trim(slug[:40], "-")
	}
	return b.String()
}

var plainLetters = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'à': "a", 'á': "a", 'â': "a", 'å': "a", 'æ': "ae", 'ç': "c", 'è': "e", 'é': "e",
	'ê': "e", 'ë': "e", 'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'ø': "o", 'ù': "u", 'ú': "u", 'û': "u",
}

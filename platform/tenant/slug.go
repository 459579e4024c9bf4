package tenant

import (
	"strings"
	"time"
	_ "time/tzdata" // a bare machine has no zone files
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"runes.im/platform/fault"
	"runes.im/platform/words"
)

// reserved are names that mean something else on a domain, or that people would take for the operator.
var reserved = strings.Fields(`
	abuse account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog caldav
	carddav cdn chat cloud console dav dev dns docs download downloads ftp git healthz help hostmaster
	imap info internal intranet invite kb local localhost login logout mail mailer mailserver metrics mobile mta-sts
	news noc ns ns1 ns2 ocs operator owner password payment payments pop pop3 portal postmaster preview proxy public
	readyz register remote root runes security server setup shop signin signup smtp ssh ssl staging static status
	store support sync sysadmin system test tls update updates upload vpn web webdav webmail webmaster wiki wpad www
	con prn aux nul com1 com2 com3 com4 lpt1 lpt2 lpt3 lpt4`)

// isSlug reports whether the text can name a tenant. Only after this may it become part of a path.
func isSlug(slug string) bool {
	return len(slug) >= 3 && len(slug) <= 40 && isLabel(slug)
}

func isReserved(slug string) bool {
	for _, word := range reserved {
		if slug == word {
			return true
		}
	}
	// "xn--" and its like are read as encoded international names.
	return len(slug) > 3 && slug[2:4] == "--"
}

// nameKey is the same for two names that a person would read as one.
func nameKey(name string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	return cases.Fold().String(strings.Join(strings.Fields(visible), " "))
}

func (n *New) check() error {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	if n.Locale == "" {
		n.Locale = words.Languages[0]
	}
	if n.Zone == "" {
		n.Zone = "UTC"
	}
	form := fault.Form{}
	checkName(&form, n.Name)
	checkSlug(&form, n.Slug)
	form.Need(isLanguage(n.Locale), "locale", "tenant.locale_unknown")
	form.Need(isZone(n.Zone), "zone", "tenant.zone_unknown")
	return form.Err()
}

func isLanguage(locale string) bool {
	for _, language := range words.Languages {
		if language == locale {
			return true
		}
	}
	return false
}

func isZone(zone string) bool {
	_, err := time.LoadLocation(zone)
	return err == nil && zone != "Local" && zone != ""
}

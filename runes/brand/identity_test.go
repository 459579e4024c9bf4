package brand

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"runes.im/platform/identity"
	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/slot"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
	"runes.im/platform/token"
)

func TestAdministratorsWorkFromTheirNetworksOnly(t *testing.T) {
	n := &network{}
	for _, address := range []string{"198.51.100.7", "2001:db8::1", ""} {
		if !n.admits(address) {
			t.Errorf("without networks %q stays outside", address)
		}
	}
	var wrong string
	if n.prefixes, wrong = readNetworks("192.0.2.0/24\r\n\n 203.0.113.9 \n2001:db8:7::/48"); wrong != "" || len(n.prefixes) != 3 {
		t.Fatalf("read %v, wrong %q", n.prefixes, wrong)
	}
	for address, want := range map[string]bool{
		"192.0.2.1": true, "192.0.3.1": false, "203.0.113.9": true, "203.0.113.10": false, "2001:db8:7::1": true, "2001:db8:8::1": false,
		"::ffff:192.0.2.1": true, "": false, "unix": false,
	} {
		if got := n.admits(address); got != want {
			t.Errorf("admits(%q) = %t, want %t", address, got, want)
		}
	}
	for _, text := range []string{"office", "192.0.2.1/24", "192.0.2.0/33", "fe80::1%eth0", "192.0.2.0/24 192.0.3.0/24", "*"} {
		if _, wrong := readNetworks(text); wrong != text {
			t.Errorf("readNetworks(%q) is taken for a network", text)
		}
	}
}

func TestAccountNumbersWithASlipAreFound(t *testing.T) {
	for _, good := range []string{"CH9300762011623852957", "DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947"} {
		if !isIBAN(good) {
			t.Errorf("%s is refused", good)
		}
		swapped := good[:6] + good[7:8] + good[6:7] + good[8:]
		if swapped != good && isIBAN(swapped) {
			t.Errorf("%s with two digits swapped is taken", good)
		}
	}
	for _, bad := range []string{"", "CH93", "CH9300762011623852958", "ch9300762011623852957", "CH93 0076", strings.Repeat("9", 40)} {
		if isIBAN(bad) {
			t.Errorf("isIBAN(%q)", bad)
		}
	}
}

func TestHostileThemesAreRefused(t *testing.T) {
	for _, text := range []string{"red", "#fff", "#12345g", "#ABCDEF", "#123456;}", "url(//x)", "</style><script>", "#123456\n"} {
		d := houseDesign()
		d.Tint = text
		if err := d.check(t.Context(), nil); err == nil {
			t.Errorf("the colour %q is taken", text)
		}
		d = houseDesign()
		d.Name = text
		if err := d.check(t.Context(), nil); (err == nil) == strings.ContainsAny(text, "<>{}\n") {
			t.Errorf("the name %q: %v", text, err)
		}
	}
}

func TestTextsKnowTheCompanyAndItsColours(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	p := &profile{LegalName: "Acme & Söhne", City: "Bern", Country: "CH", IBAN: "CH9300762011623852957"}
	if err := acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return p.save(ctx, tx, "acme") }); err != nil {
		t.Fatal(err)
	}
	d := houseDesign()
	d.Primary = "#0b8a6f"
	if err := publishDesign(ctx, acme, d); err != nil {
		t.Fatal(err)
	}
	asker := slot.Asker{Tenant: acme, Person: &identity.Person{Locale: "de"}}
	text := "[[ company.name ]], [[company.country]], [[ company.iban ]], [[ brand.color.primary ]][[ brand.logo ]] [[ company.secret ]]"
	got, err := token.Render(ctx, asker, []slot.Tokens{companyTokens, brandTokens}, text, nil, token.Text)
	if want := "Acme & Söhne, Schweiz, CH93 0076 2011 6238 5295 7, #0b8a6f [[ company.secret ]]"; err != nil || got.Text != want {
		t.Errorf("got %q, %v, want %q", got.Text, err, want)
	}
}

// What changes about the company stands in the log field by field.
func TestTheLogSaysWhatChangedAboutTheCompany(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	acme := h.Tenant("acme")
	ctx := tenant.With(h.Context(), acme)
	for _, p := range []*profile{
		{LegalName: "Acme", City: "Bern", IBAN: "CH9300762011623852957"},
		{LegalName: "Acme", City: "Basel", IBAN: "CH9300762011623852957", Version: 1},
	} {
		if err := acme.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return p.save(ctx, tx, "Lena") }); err != nil {
			t.Fatal(err)
		}
	}
	var before, after map[string]string
	var was, is string
	err := acme.DB.QueryRow(ctx, `SELECT before, after FROM audit_lines WHERE action = 'brand.profile_updated' ORDER BY number DESC LIMIT 1`).Scan(&was, &is)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.Unmarshal([]byte(was), &before), json.Unmarshal([]byte(is), &after)); err != nil {
		t.Fatal(err)
	}
	if len(before) != 1 || len(after) != 1 || before["city"] != "Bern" || after["city"] != "Basel" {
		t.Errorf("the log says %v → %v, want the city alone: Bern → Basel", before, after)
	}
}

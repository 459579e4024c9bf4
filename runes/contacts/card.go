package contacts

import (
	"strings"
	"unicode/utf8"

	"runes.im/platform/web"
)

// showCard answers with a person as vCard, of version 4 unless 3 is asked for.
func showCard(v *web.Visit) error {
	p, err := people.One(v.Context(), v.DB, v.Person, v.Param("id"))
	if err != nil {
		return err
	}
	c, err := companies.One(v.Context(), v.DB, v.Person, p.Company)
	if err != nil {
		return err
	}
	version := "4.0"
	if v.Query("version") == "3" {
		version = "3.0"
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "text/vcard; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="contact.vcf"`)
	v.Writer.Write([]byte(card(p, c, version))) // a reader who left has nobody to be told
	return nil
}

// card is a person with their company's address as vCard (RFC 6350, RFC 2426).
func card(p *Person, c *Company, version string) string {
	var b strings.Builder
	line := func(name string, values ...string) {
		if strings.Join(values, "") == "" {
			return
		}
		for i, value := range values {
			values[i] = cardText.Replace(value)
		}
		fold(&b, name+":"+strings.Join(values, ";"))
	}
	b.WriteString("BEGIN:VCARD\r\nVERSION:" + version + "\r\n")
	line("UID", "urn:uuid:"+p.ID)
	line("FN", p.Name())
	line("N", p.LastName, p.FirstName, "", "", "")
	line("ORG", c.LegalName)
	line("TITLE", p.JobRole)
	line("EMAIL;TYPE=work", p.Email)
	line("TEL;TYPE=work", p.Phone)
	line("ADR;TYPE=work", "", "", c.Address, c.City, "", c.PostalCode, c.Country)
	line("URL", c.Website)
	b.WriteString("REV:" + p.UpdatedAt.Format("20060102T150405Z") + "\r\nEND:VCARD\r\n")
	return b.String()
}

var cardText = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// fold breaks a line after 75 bytes at most, never inside a letter.
func fold(b *strings.Builder, line string) {
	for limit := 75; len(line) > limit; limit = 74 {
		at := limit
		for !utf8.RuneStart(line[at]) {
			at--
		}
		b.WriteString(line[:at] + "\r\n ")
		line = line[at:]
	}
	b.WriteString(line + "\r\n")
}

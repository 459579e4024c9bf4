package contacts

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// phone is a program with an app password for contacts.
type phone struct {
	*runetest.Person
	t    *testing.T
	home string
}

func newPhone(t *testing.T, p *runetest.Person) *phone {
	t.Helper()
	return &phone{Person: p.Device("contacts"), t: t, home: "/remote.php/dav/addressbooks/users/" + p.ID + "/"}
}

// ask wants that status.
func (p *phone) ask(want int, method, path, body string, header ...string) *runetest.Answer {
	p.t.Helper()
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	if !strings.HasPrefix(path, "/") {
		path = p.home + path
	}
	a := p.Do(method, path, strings.NewReader(body), h)
	if a.StatusCode != want {
		p.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.StatusCode, want, a.Text)
	}
	return a
}

// sync asks what changed since the token: names that came or changed, names that went, and the next token.
func (p *phone) sync(book, token string) (there, gone []string, next string) {
	p.t.Helper()
	a := p.ask(207, "REPORT", book, `<sync-collection xmlns="DAV:"><sync-token>`+token+`</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>`)
	for _, one := range regexp.MustCompile(`(?s)<d:response><d:href>([^<]+)</d:href>(.*?)</d:response>`).FindAllStringSubmatch(a.Text, -1) {
		name := one[1][strings.LastIndexByte(one[1], '/')+1:]
		if strings.Contains(one[2], "getetag") {
			there = append(there, name)
		} else {
			gone = append(gone, name)
		}
	}
	return there, gone, regexp.MustCompile(`<d:sync-token>([^<]+)<`).FindStringSubmatch(a.Text)[1]
}

func (p *phone) wantSync(book, token string, there, gone string) string {
	p.t.Helper()
	came, went, next := p.sync(book, token)
	if got := strings.Join(came, " ") + "|" + strings.Join(went, " "); got != there+"|"+gone {
		p.t.Errorf("%s since %q: got %q, want %q", book, token, got, there+"|"+gone)
	}
	return next
}

func cardText(uid, first, last, more string) string {
	return "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + uid + "\r\nN:" + last + ";" + first + ";;;\r\nFN:" + first + " " + last + "\r\n" + more + "END:VCARD\r\n"
}

const strange = "X-STRANGE;x=\"a:b\":keep,me;as\\;is\r\nPHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\nNOTE:größer\\n日本\r\n"

func TestAProgramFindsTheAddressBooks(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newPhone(t, h.Person("view_contacts"))
	if a := h.Visitor("acme").Do("PROPFIND", "/.well-known/carddav", nil, nil); a.StatusCode != 301 || a.Header.Get("Location") != "/remote.php/dav/" {
		t.Errorf("well-known leads to %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	find := `<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>`
	principal := regexp.MustCompile(`<d:current-user-principal><d:href>([^<]+)<`).FindStringSubmatch(p.ask(207, "PROPFIND", "/remote.php/dav/", find, "Depth", "0").Text)[1]
	find = `<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><c:addressbook-home-set/><displayname/><nonsense/></prop></propfind>`
	a := p.ask(207, "PROPFIND", principal, find, "Depth", "0")
	if home := regexp.MustCompile(`<card:addressbook-home-set><d:href>([^<]+)<`).FindStringSubmatch(a.Text)[1]; home != p.home || !strings.Contains(a.Text, "404 Not Found") {
		t.Errorf("home %q in %s", home, a.Text)
	}
	find = `<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/"><prop><resourcetype/><displayname/><s:getctag/><sync-token/><supported-report-set/><c:supported-address-data/><c:max-resource-size/><current-user-privilege-set/></prop></propfind>`
	a = p.ask(207, "PROPFIND", "", find, "Depth", "1")
	for _, want := range []string{"<card:addressbook/>", "All contacts", "<d:sync-collection/>", `version="4.0"`, "524288", "https://runes.im/ns/sync/"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("%s is missing in %s", want, a.Text)
		}
	}
	if strings.Contains(a.Text, "<d:bind/>") {
		t.Error("a reader is told that cards may be added")
	}
	if dav := p.ask(200, "OPTIONS", "all/", "").Header.Get("DAV"); !strings.Contains(dav, "addressbook") {
		t.Errorf("DAV: %q", dav)
	}
	p.ask(403, "PROPFIND", "", "", "Depth", "infinity")
	p.ask(405, "MKCOL", "new/", "")
}

func TestACardIsKeptAsItWasSent(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	person := h.Person("manage_contacts")
	p := newPhone(t, person)
	text := cardText("u-1", "Anna", "Zürcher", "ORG:Acme Robotics\r\nTITLE:Finance\r\nEMAIL;TYPE=INTERNET:anna@acme.example\r\nTEL;TYPE=CELL:+41 79 555 01 02\r\n"+strange)
	etag := p.ask(201, "PUT", "all/anna.vcf", text, "If-None-Match", "*", "Content-Type", "text/vcard; charset=utf-8").Header.Get("ETag")
	if a := p.ask(200, "GET", "all/anna.vcf", ""); a.Text != text || a.Header.Get("ETag") != etag || etag == "" {
		t.Errorf("got %q with %s, want %s", a.Text, a.Header.Get("ETag"), etag)
	}
	p.ask(412, "PUT", "all/anna.vcf", text, "If-None-Match", "*")
	p.ask(412, "PUT", "all/anna.vcf", text, "If-Match", `"0-0-0"`)
	page := person.Get("/contacts/people").See()
	for _, want := range []string{"Anna Zürcher", "Acme Robotics", "Finance", "anna@acme.example", "+41 79 555 01 02"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing on the page", want)
		}
	}
	// A change on a page is written into the card; what only the program knows stays.
	all, err := people.List(h.Context(), h.Tenant("acme").DB, nil, everyone)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	edit := url.Values{"version": {"1"}, "company": {all[0].Company}, "first_name": {"Anna"}, "last_name": {"Zürcher-Meier"}, "job_role": {"Sales"}, "email": {"a@acme.example"}, "phone": {"+41 79 555 01 02"}}
	if a := person.Post("/contacts/people/"+all[0].ID+"/edit", edit); a.StatusCode != 303 {
		t.Fatal(a.StatusCode, a.Text)
	}
	a := p.ask(200, "GET", "all/anna.vcf", "")
	for _, want := range []string{"N:Zürcher-Meier;Anna;;;", "FN:Anna Zürcher-Meier", "TITLE:Sales", "EMAIL;TYPE=INTERNET:a@acme.example", "TEL;TYPE=CELL:+41 79 555 01 02", "ORG:Acme Robotics", strange} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("%q is missing in %s", want, a.Text)
		}
	}
	if a.Header.Get("ETag") == etag {
		t.Error("the ETag stayed although the card changed")
	}
	p.ask(412, "PUT", "all/anna.vcf", text, "If-Match", etag)
	p.ask(412, "DELETE", "all/anna.vcf", "", "If-Match", etag)
	if four := p.ask(200, "GET", "all/anna.vcf", "", "Accept", "text/vcard; version=4.0"); !strings.Contains(four.Text, "VERSION:4.0") || !strings.Contains(four.Text, "PHOTO:data:image/jpeg;base64,/9j/4AAQ") {
		t.Errorf("version 4 is %s", four.Text)
	}
	// The organisation moves somebody to another company; an old one is found by its name, however its form is written.
	p.ask(204, "PUT", "all/anna.vcf", strings.Replace(text, "ORG:Acme Robotics", "ORG:Other Works", 1))
	p.ask(201, "PUT", "all/bert.vcf", cardText("u-2", "Bert", "Moser", "ORG:ACME Robotics AG\r\n"))
	if n, err := companies.Count(h.Context(), h.Tenant("acme").DB, nil, everyone); n != 2 || err != nil {
		t.Errorf("there are %d companies, %v", n, err)
	}
	if got := person.Get("/contacts").See(); !strings.Contains(got, "Other Works") {
		t.Errorf("the directory is %s", got)
	}
	// Without an organisation nobody is lost.
	p.ask(201, "PUT", "all/cora.vcf", cardText("u-3", "Cora", "", ""))
	if a := p.ask(200, "GET", "all/cora.vcf", ""); strings.Contains(a.Text, "ORG") || strings.Contains(a.Text, noFamily) {
		t.Errorf("the card says what nobody said: %s", a.Text)
	}
	if got := person.Get("/contacts/people").See(); !strings.Contains(got, "Cora") || !strings.Contains(got, nowhere) {
		t.Errorf("Cora is nowhere: %s", got)
	}
}

func TestTokensTellWhatChanged(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	person := h.Person("manage_contacts")
	p := newPhone(t, person)
	made := person.Post("/contacts/lists/new", url.Values{"name": {"VIP"}, "holds": {"people"}})
	list := regexp.MustCompile(`list=([0-9a-f-]+)`).FindStringSubmatch(made.Header.Get("Location"))[1]
	first := p.wantSync("all/", "", "", "")
	p.ask(201, "PUT", "all/anna.vcf", cardText("u-1", "Anna", "Zürcher", "ORG:Acme\r\n"))
	second := p.wantSync("all/", first, "anna.vcf", "")
	p.wantSync("all/", second, "", "")
	vip := p.wantSync(list+"/", "", "", "")
	// A card in a list's book puts the person into the list: the one who is there already when the UID says so.
	p.ask(201, "PUT", list+"/bert.vcf", cardText("u-2", "Bert", "Moser", "ORG:Acme\r\n"))
	p.ask(201, "PUT", list+"/anna.vcf", cardText("u-1", "Anna", "Zürcher", "ORG:Acme\r\n"))
	if n, err := people.Count(h.Context(), h.Tenant("acme").DB, nil, everyone); n != 2 || err != nil {
		t.Errorf("there are %d people, %v", n, err)
	}
	vip2 := p.wantSync(list+"/", vip, "anna.vcf bert.vcf", "")
	p.ask(409, "PUT", list+"/again.vcf", cardText("u-1", "Anna", "Zürcher", ""))
	// Out of the list is not gone; out of the book of all is in the bin, and comes back from there.
	p.ask(204, "DELETE", list+"/anna.vcf", "")
	p.wantSync(list+"/", vip2, "", "anna.vcf")
	third := p.wantSync("all/", second, "anna.vcf bert.vcf", "")
	p.ask(204, "DELETE", "all/bert.vcf", "")
	p.ask(404, "GET", "all/bert.vcf", "")
	fourth := p.wantSync("all/", third, "", "bert.vcf")
	if got := person.Get("/contacts/people/bin").See(); !strings.Contains(got, "Bert Moser") {
		t.Errorf("the bin shows %s", got)
	}
	bin, err := people.List(h.Context(), h.Tenant("acme").DB, nil, binned)
	if err != nil || len(bin) != 1 {
		t.Fatal(bin, err)
	}
	person.Post("/contacts/people/restore", url.Values{"id": {bin[0].ID}})
	p.wantSync("all/", fourth, "bert.vcf", "")
	// What a filter chooses nobody puts in or takes out by hand.
	made = person.Post("/contacts/lists/new", url.Values{"name": {"Bs"}, "holds": {"people"}, "filter": {"q=moser"}})
	filtered := regexp.MustCompile(`list=([0-9a-f-]+)`).FindStringSubmatch(made.Header.Get("Location"))[1]
	p.wantSync(filtered+"/", "", "bert.vcf", "")
	p.ask(403, "PUT", filtered+"/dora.vcf", cardText("u-4", "Dora", "Moser", ""))
	p.ask(403, "DELETE", filtered+"/bert.vcf", "")
	p.ask(204, "PUT", filtered+"/bert.vcf", cardText("u-2", "Bert", "Moser", "ORG:Acme\r\nTEL:+41 31 000 00 00\r\n"))
	p.ask(403, "REPORT", "all/", `<sync-collection xmlns="DAV:"><sync-token>https://runes.im/ns/sync/ffffffff-1</sync-token><prop><getetag/></prop></sync-collection>`)
	// Page by page: the rest follows the token of the page.
	a := p.ask(207, "REPORT", "all/", `<sync-collection xmlns="DAV:"><sync-token/><limit><nresults>1</nresults></limit><prop><getetag/></prop></sync-collection>`)
	if strings.Count(a.Text, "<d:getetag>") != 1 || !strings.Contains(a.Text, "507 ") {
		t.Errorf("a page of one is %s", a.Text)
	}
}

func TestQuestionsOfPrograms(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newPhone(t, h.Person("manage_contacts"))
	p.ask(201, "PUT", "all/anna.vcf", cardText("u-1", "Anna", "Zürcher", "EMAIL:anna@acme.example\r\n"))
	p.ask(201, "PUT", "all/bert & co.vcf", cardText("u-2", "Bert", "Moser", ""))
	query := func(filter string) string {
		return p.ask(207, "REPORT", "all/", `<c:addressbook-query xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><getetag/><c:address-data/></prop>`+filter+`</c:addressbook-query>`).Text
	}
	for filter, want := range map[string]string{
		``: "Anna Bert",
		`<c:filter><c:prop-filter name="FN"><c:text-match match-type="contains">zurcher</c:text-match></c:prop-filter></c:filter>`:                                                                            "Anna",
		`<c:filter><c:prop-filter name="EMAIL"><c:is-not-defined/></c:prop-filter></c:filter>`:                                                                                                                "Bert",
		`<c:filter test="anyof"><c:prop-filter name="EMAIL"/><c:prop-filter name="FN"><c:text-match match-type="starts-with">bert</c:text-match></c:prop-filter></c:filter>`:                                  "Anna Bert",
		`<c:filter test="allof"><c:prop-filter name="EMAIL"/><c:prop-filter name="FN"><c:text-match match-type="starts-with">bert</c:text-match></c:prop-filter></c:filter>`:                                  "",
		`<c:filter><c:prop-filter name="FN"><c:text-match match-type="equals" negate-condition="yes">anna zürcher</c:text-match></c:prop-filter></c:filter>`:                                                  "Bert",
		`<c:filter test="allof"><c:prop-filter name="FN" test="allof"><c:text-match>anna</c:text-match><c:text-match match-type="ends-with">zürcher</c:text-match></c:prop-filter></c:filter><limit></limit>`: "Anna",
	} {
		var got []string
		for _, name := range []string{"Anna", "Bert"} {
			if strings.Contains(query(filter), "FN:"+name) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %q", filter, got, want)
		}
	}
	p.ask(403, "REPORT", "all/", `<c:addressbook-query xmlns:c="urn:ietf:params:xml:ns:carddav"><c:filter><c:nonsense/></c:filter></c:addressbook-query>`)
	p.ask(403, "REPORT", "all/", `<expand-property xmlns="DAV:"/>`)
	a := p.ask(207, "REPORT", "all/", `<c:addressbook-multiget xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><getetag/><c:address-data content-type="text/vcard" version="4.0"/></prop><href>`+
		p.home+`all/bert%20%26%20co.vcf</href><href>`+p.home+`all/nobody.vcf</href><href>/remote.php/dav/addressbooks/users/somebody/all/anna.vcf</href></c:addressbook-multiget>`)
	if strings.Count(a.Text, "VERSION:4.0") != 1 || strings.Count(a.Text, "404 Not Found") != 2 || !strings.Contains(a.Text, "bert%20&amp;%20co.vcf") && !strings.Contains(a.Text, "bert%20%26%20co.vcf") {
		t.Errorf("multiget: %s", a.Text)
	}
}

func TestNobodyReachesWhatIsNotTheirs(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	manager, reader, nobody := h.Person("manage_contacts"), h.Person("view_contacts"), h.Person()
	p, r := newPhone(t, manager), newPhone(t, reader)
	p.ask(201, "PUT", "all/anna.vcf", cardText("u-1", "Anna", "Zürcher", ""))
	r.ask(200, "GET", "all/anna.vcf", "")
	for _, method := range []string{"PUT", "DELETE"} {
		r.ask(403, method, "all/anna.vcf", cardText("u-1", "Mallory", "X", ""))
		r.ask(403, method, "all/new.vcf", cardText("u-9", "Mallory", "X", ""))
	}
	// The address of somebody else, however it is spelled, is no address.
	for _, path := range []string{p.home, p.home + "all/anna.vcf", "/remote.php/dav/principals/users/" + manager.ID + "/", r.home + "../" + manager.ID + "/all/", r.home + "all/x/y", r.home + "nonsense/", r.home + "all/%2e%2e%2fanna.vcf"} {
		for _, method := range []string{"PROPFIND", "GET", "PUT", "DELETE"} {
			if a := r.Do(method, path, strings.NewReader(""), nil); a.StatusCode != 404 && a.StatusCode != 403 {
				t.Errorf("%s %s: %d", method, path, a.StatusCode)
			}
		}
	}
	newPhone(t, nobody).ask(403, "PROPFIND", "", "")
	// Another scope, the password of the person and a session open nothing.
	for name, other := range map[string]*runetest.Person{"another scope": manager.Device("sync"), "the own password": h.Visitor("acme").WithPassword(manager.Email, runetest.Password), "a session": manager, "nothing": h.Visitor("acme")} {
		if a := other.Do("PROPFIND", p.home, nil, nil); a.StatusCode != 401 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	if a := manager.Device("contacts").Do("PROPFIND", "/remote.php/dav/files/"+manager.ID+"/", nil, nil); a.StatusCode == 207 {
		t.Error("the password for contacts opens files")
	}
	// Another organisation knows nothing of it.
	stranger := newPhone(t, h.PersonOf("beta", "manage_contacts"))
	stranger.ask(404, "GET", "all/anna.vcf", "")
	stranger.wantSync("all/", "", "", "")
}

func TestHostileCardsAreRefusedAtTheDoor(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	p := newPhone(t, h.Person("manage_contacts"))
	for name, text := range map[string]string{
		"nothing": "", "no card": "<script>alert(1)</script>", "two cards": cardText("a", "A", "B", "") + cardText("b", "A", "B", ""),
		"a group": cardText("g", "A", "B", "X-ADDRESSBOOKSERVER-KIND:group\r\n"), "nameless": "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nEND:VCARD\r\n",
	} {
		if a := p.Do("PUT", p.home+"all/x.vcf", strings.NewReader(text), nil); a.StatusCode != 403 || !strings.HasPrefix(a.Text, "<?xml") {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.Text)
		}
	}
	p.ask(413, "PUT", "all/x.vcf", cardText("x", "A", "B", "NOTE:"+strings.Repeat("x", 600<<10)+"\r\n"))
	p.ask(403, "PUT", "all/x.vcf", cardText("x", "A", "B", ""), "Content-Type", "text/html")
	bomb := `<!DOCTYPE d [<!ENTITY a "` + strings.Repeat("x", 1000) + `">]><propfind xmlns="DAV:"><prop><displayname/></prop></propfind>`
	for method, most := range map[string]int{"PROPFIND": 64 << 10, "REPORT": 2 << 20, "PROPPATCH": 256 << 10} {
		p.ask(400, method, "all/", bomb)
		p.ask(413, method, "all/", "<a>"+strings.Repeat("x", most)+"</a>")
	}
	// What a field cannot hold stays in the card alone; the names are cut to what fits.
	text := cardText("x", strings.Repeat("ä", 300), "<img src=x onerror=alert(1)>", "EMAIL:no address\r\nTEL:tel:+1 (555) call me\r\nURL:javascript:alert(1)\r\nTITLE:"+strings.Repeat("t", 500)+"\r\n")
	p.ask(201, "PUT", "all/%E2%82%AC%20%3Cb%3E.vcf", text)
	if a := p.ask(200, "GET", "all/%E2%82%AC%20%3Cb%3E.vcf", ""); a.Text != text {
		t.Errorf("got %q", a.Text)
	}
	p.ask(207, "PROPFIND", "all/", "", "Depth", "1")
}

// Whoever asks again while nothing changed is answered from one number; whatever a book can show moves it, also what
// changes without anybody touching a person.
func TestAnUnchangedBookIsNotComparedAgain(t *testing.T) {
	h := runetest.Start(t, []runekit.Rune{Rune})
	who := h.Person("view_contacts", "manage_contacts")
	p := newPhone(t, who)
	acme := h.Tenant("acme")
	c := &Company{LegalName: "Nordlicht AG"}
	ida := &Person{FirstName: "Ida", LastName: "Frey"}
	err := acme.DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := companies.Create(ctx, tx, c); err != nil {
			return err
		}
		ida.Company = c.ID
		return people.Create(ctx, tx, ida)
	})
	if err != nil {
		t.Fatal(err)
	}
	written := func() (n int) {
		t.Helper()
		if err := acme.DB.QueryRow(h.Context(), `SELECT coalesce(sum(seq), 0) FROM contacts_books`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	stamp := func() (text string) {
		t.Helper()
		if err := acme.DB.QueryRow(h.Context(), `SELECT stamp FROM contacts_books WHERE book = 'all'`).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	_, _, token := p.sync("all/", "")
	before, seq := stamp(), written()
	there, gone, again := p.sync("all/", token)
	if len(there)+len(gone) != 0 || again != token || stamp() != before || written() != seq {
		t.Errorf("nothing changed, but %v came, %v went, and the stamp %q became %q", there, gone, before, stamp())
	}
	// A change outside of the book moves the number alone: it is compared once, then it rests again.
	for what, statement := range map[string]string{
		"the name of the company": `UPDATE contacts_companies SET version = version + 1 WHERE id = '` + c.ID + `'`,
		"the person":              `UPDATE contacts_people SET version = version + 1 WHERE id = '` + ida.ID + `'`,
		"a card":                  `INSERT INTO contacts_cards (person, name, uid, body, version, rev) VALUES ('` + ida.ID + `', 'x.vcf', 'x', '', 1, 9)`,
	} {
		err := acme.DB.Write(h.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if there, _, token = p.sync("all/", token); len(there) != 1 {
			t.Errorf("%s changed: %v came, want one card", what, there)
		}
	}
	rested := stamp()
	if there, _, _ := p.sync("all/", token); len(there) != 0 || stamp() != rested {
		t.Errorf("%v came, and the stamp %q became %q", there, rested, stamp())
	}
}

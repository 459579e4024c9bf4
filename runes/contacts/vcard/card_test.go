package vcard

import (
	"bytes"
	"strings"
	"testing"
)

// phone is a card as a phone writes it, with properties nobody here knows.
const phone = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iOS 19//EN\r\nN:Zürcher;Anna Maria;;Dr.;\r\nFN:Dr. Anna Maria Zürcher\r\n" +
	"ORG:Bäckerei\\, Söhne \\; Co;Einkauf\r\nitem1.EMAIL;type=INTERNET:old@example.org\r\nitem2.EMAIL;type=INTERNET,pref:anna@example.org\r\n" +
	"item2.X-ABLabel:_$!<Work>!$_\r\nTEL;type=CELL;type=VOICE:+41 79 555 01 02\r\nNOTE:first line\\nsecond \\\\ line, with a very long sentence th\r\n at the phone has\r\n\t folded twice\r\n" +
	"PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgAB\r\nX-STRANGE;x=\"a:b;c\":keep,me;as\\;is\r\nUID:8F2A-1\r\nEND:VCARD\r\n"

func read(t *testing.T, text string) *Card {
	t.Helper()
	c, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return c
}

func TestACardComesOutAsItWentIn(t *testing.T) {
	for _, text := range []string{phone, strings.ReplaceAll(phone, "\r\n", "\n")} {
		if got := read(t, text).Bytes(); string(got) != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func TestAValueReadsAsPeopleWroteIt(t *testing.T) {
	c := read(t, phone)
	for name, want := range map[string]string{
		"EMAIL": "anna@example.org", "TEL": "+41 79 555 01 02", "UID": "8F2A-1", "X-STRANGE": "keep,me;as;is",
		"NOTE": "first line\nsecond \\ line, with a very long sentence that the phone has folded twice", "NICKNAME": "",
	} {
		if got := c.Text(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := strings.Join(c.Parts("ORG", 2), "|"); got != "Bäckerei, Söhne ; Co|Einkauf" {
		t.Errorf("ORG is %q", got)
	}
	if got := strings.Join(c.Parts("N", 5), "|"); got != "Zürcher|Anna Maria||Dr.|" {
		t.Errorf("N is %q", got)
	}
}

func TestAChangeLeavesAllElseAlone(t *testing.T) {
	c := read(t, phone)
	c.Set("EMAIL", "TYPE=work", "neu@example.org")
	want := strings.Replace(phone, "anna@example.org", "neu@example.org", 1)
	if got := string(c.Bytes()); got != want {
		t.Errorf("got %q", got)
	}
	c.Set("TEL", "", "")
	if got := c.Text("TEL"); got != "" {
		t.Errorf("the number is still there: %q", got)
	}
	c.Set("TITLE", "", "Köchin; leitend, \"gut\"\nzweite Zeile")
	again := read(t, string(c.Bytes()))
	if got := again.Text("TITLE"); got != "Köchin; leitend, \"gut\"\nzweite Zeile" {
		t.Errorf("TITLE is %q", got)
	}
}

func TestALineIsFoldedBetweenLetters(t *testing.T) {
	c := New("4.0", "x")
	note := strings.Repeat("größer ", 60) + "日本語の名前" + strings.Repeat("é", 90)
	c.Set("NOTE", "", note)
	for _, l := range strings.Split(string(c.Bytes()), "\r\n") {
		if len(l) > 75 || strings.ContainsRune(l, '\ufffd') {
			t.Errorf("a line of %d bytes: %q", len(l), l)
		}
	}
	if got := read(t, string(c.Bytes())).Text("NOTE"); got != note {
		t.Errorf("got %q", got)
	}
}

func TestTheOtherVersion(t *testing.T) {
	four := read(t, phone).As("4.0")
	text := string(four.Bytes())
	for _, want := range []string{"VERSION:4.0\r\n", "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgAB\r\n", "item2.EMAIL;TYPE=INTERNET;PREF=1:anna@example.org\r\n", "X-STRANGE;x=\"a:b;c\":keep,me;as\\;is\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	three := string(four.As("3.0").Bytes())
	for _, want := range []string{"VERSION:3.0\r\n", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgAB\r\n", "item2.EMAIL;TYPE=INTERNET;TYPE=pref:anna@example.org\r\n"} {
		if !strings.Contains(three, want) {
			t.Errorf("%q is missing in %s", want, three)
		}
	}
}

var hostile = map[string]string{
	"nothing": "", "no card": "hello", "another version": strings.Replace(phone, "3.0", "2.1", 1), "no version": strings.Replace(phone, "VERSION:3.0\r\n", "", 1),
	"two cards": phone + phone, "one within the other": strings.Replace(phone, "NOTE:", "BEGIN:VCARD\r\nNOTE:", 1), "no end": strings.Replace(phone, "END:VCARD\r\n", "", 1),
	"a zero byte": strings.Replace(phone, "Anna", "An\x00na", 1), "broken UTF-8": strings.Replace(phone, "Anna", "An\xffna", 1),
	"a line without a name": strings.Replace(phone, "NOTE:", ":", 1), "a name with a space": strings.Replace(phone, "NOTE:", "NO TE:", 1),
	"an open quote": strings.Replace(phone, "x=\"a:b;c\"", "x=\"a:b;c", 1), "too large": strings.Replace(phone, "first", strings.Repeat("x", MaxBytes), 1),
	"too many lines": strings.Replace(phone, "UID:8F2A-1\r\n", strings.Repeat("X-A:1\r\n", maxLines), 1), "a calendar": "BEGIN:VCALENDAR\r\nVERSION:3.0\r\nEND:VCALENDAR\r\n",
}

func TestHostileCardsAreRefused(t *testing.T) {
	for name, text := range hostile {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(phone))
	for _, text := range hostile {
		if len(text) < 4<<10 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(text)
		if err != nil {
			return
		}
		again, err := Read(c.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), c.Bytes()) {
			t.Fatalf("%q reads otherwise the second time: %v", text, err)
		}
		c.As("4.0").As("3.0")
		c.Set("FN", "", c.Text("FN")+"x")
		if _, err := Read(c.Bytes()); err != nil {
			t.Fatalf("a changed card is none: %v", err)
		}
	})
}

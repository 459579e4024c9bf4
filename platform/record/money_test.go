package record

import "testing"

// An amount reads as people of our languages write it, and as it is written it is read again.
func TestMoneyReadsAsItIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"CHF 1'250.50": "CHF 1250.50", "1.250,50 EUR": "EUR 1250.50", "1’250": "CHF 1250.00", "usd 1,250": "USD 1250.00", "-0.05": "CHF -0.05",
		"JPY 1500": "JPY 1500", "KWD 1.250": "KWD 1.250", "12,5": "CHF 12.50", "1.250.000": "CHF 1250000.00", "0": "CHF 0.00",
		"": "", "CHF": "", "XXL 5": "", "12.345.6": "CHF 12345.60", "1.2345": "", "JPY 1.5": "", "99999999999999999999": "", "a lot": "",
	} {
		m, ok := readMoney(text, "CHF")
		if ok != (want != "") || ok && m.String() != want {
			t.Errorf("%q: got %q %v, want %q", text, m, ok, want)
		}
		if again, _ := readMoney(m.String(), ""); ok && again != m {
			t.Errorf("%q is read as %v, and that as %v", text, m, again)
		}
	}
	if _, ok := readMoney("12", ""); ok {
		t.Error("an amount without any currency is one")
	}
	for lang, want := range map[string]string{"en": "CHF -1,250.05", "de": "CHF -1.250,05"} {
		if got := (Money{-125005, "CHF"}).Shown(lang); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestOneTypingMistakeIsForgiven(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"robotics", "robotcs"}: true, {"robotics", "robotisc"}: true, {"robotics", "robatics"}: true, {"robotics", "xrobotics"}: true,
		{"robotics", "robots"}: false, {"robotics", "tobotisc"}: false, {"house 12", "house 13"}: false, {"house 1", "house 12"}: false, {"ab", "ac"}: false,
	} {
		if got := oneMistake(pair[0], pair[1]); got != want || oneMistake(pair[1], pair[0]) != want {
			t.Errorf("%v: got %v, want %v", pair, got, want)
		}
	}
}

package record

import (
	"slices"
	"strings"
	"unicode"

	"runes.im/platform/fault"
	"runes.im/platform/web"
	"runes.im/platform/words"
)

// alsoCalled are heads that files have for fields of these names, in English, German, French and Italian, folded and
// without anything but letters and digits. The labels of a field need not be among them.
var alsoCalled = map[string]string{
	"legal_name":  "name company companyname firm business organisation organization org account accountname customer client supplier vendor firma firmenname firmaname unternehmen kunde lieferant organisationsname societe raisonsociale entreprise nomdelentreprise nomdelasociete azienda ditta ragionesociale nomeazienda",
	"name":        "title bezeichnung titel nom intitule nome titolo",
	"company":     "companyname employer organisation organization org account firm firma firmenname unternehmen arbeitgeber societe entreprise employeur azienda ditta datoredilavoro",
	"vat_id":      "vat vatid vatno vatnumber taxid taxno taxnumber uid uidnr ust ustid ustidnr ustidnummer mwst mwstnr mwstnummer steuernummer tva notva numerotva idtva iva piva partitaiva numeroiva codicefiscale",
	"website":     "web url homepage site internet domain domaine domainname webseite webadresse sitoweb sito siteweb siteinternet",
	"email":       "mail emailaddress emailadresse mailadresse courriel adresseemail adressemail indirizzoemail postaelettronica email1 email1value primaryemail",
	"phone":       "tel telephone phonenumber telefon telefonnummer telefonnr telnr mobile mobil mobiltelefon handy natel cell cellphone portable notelephone numerodetelephone telefono cellulare numeroditelefono phone1value businessphone",
	"address":     "street streetaddress address1 addressline1 strasse adresse anschrift strassenr strassehausnummer rue adressepostale via indirizzo businessstreet",
	"city":        "town place locality ort stadt wohnort ortschaft ville localite lieu citta localita comune businesscity",
	"postal_code": "zip zipcode postcode plz postleitzahl npa codepostal cp cap codicepostale businesspostalcode",
	"country":     "countrycode nation land laendercode landescode pays codepays paese nazione businesscountry",
	"first_name":  "firstname given givenname forename vorname prenom nome nomedibattesimo",
	"last_name":   "lastname surname family familyname nachname familienname name nom nomdefamille cognome",
	"job_role":    "role job jobtitle title position function funktion rolle stelle berufsbezeichnung titel fonction poste ruolo funzione mansione posizione",
	"notes":       "note comment comments remark remarks bemerkung bemerkungen notiz notizen kommentar remarque remarques commentaire nota osservazioni commento",
	"note":        "notes comment comments remark remarks bemerkung bemerkungen notiz notizen kommentar remarque remarques commentaire nota osservazioni commento",
	"birthday":    "birthdate dateofbirth bday geburtstag geburtsdatum anniversaire datedenaissance compleanno datadinascita",
	"owner":       "accountowner responsible zustaendig verantwortlich besitzer responsable proprietaire responsabile proprietario",
}

// bare is a head as it is compared.
func bare(head string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold(strings.ReplaceAll(head, "ß", "ss")))
}

// guess suggests a field for every column: by its head in any language of the house, else by what stands in it.
func (k *kind) guess(v *web.Visit, i *imported) []string {
	mapping, taken := make([]string, len(i.Heads)), map[string]bool{}
	give := func(n int, f *Field) {
		mapping[n], taken[f.Name] = f.Name, true
	}
	fields := k.exported()
	for _, fits := range []func(f *Field, head string) bool{k.calledSo(v), alsoSo, nearlySo} {
		for n, head := range i.Heads {
			for _, f := range fields {
				if mapping[n] == "" && !taken[f.Name] && head != "" && fits(f, bare(head)) {
					give(n, f)
				}
			}
		}
	}
	for n := range i.Heads {
		for _, f := range fields {
			if mapping[n] == "" && !taken[f.Name] && looksLike(f, i.Samples[n]) {
				give(n, f)
			}
		}
	}
	return mapping
}

// calledSo compares with the field's name and its labels in all languages.
func (k *kind) calledSo(v *web.Visit) func(f *Field, head string) bool {
	labels := map[string][]string{}
	for _, f := range k.exported() {
		if f.from != nil {
			for _, label := range f.from.labels() {
				labels[f.Name] = append(labels[f.Name], bare(label))
			}
			continue
		}
		for _, lang := range words.Languages {
			labels[f.Name] = append(labels[f.Name], bare(v.In(lang, f.Label)))
		}
	}
	return func(f *Field, head string) bool { return head == bare(f.Name) || slices.Contains(labels[f.Name], head) }
}

func alsoSo(f *Field, head string) bool {
	return slices.Contains(strings.Fields(alsoCalled[f.Name]), head)
}

// nearlySo finds "Telefon geschäftlich" and "Company name (legal)": a head that begins with a longer name of the field.
func nearlySo(f *Field, head string) bool {
	return slices.ContainsFunc(append(strings.Fields(alsoCalled[f.Name]), bare(f.Name)), func(name string) bool {
		return len(name) >= 5 && strings.HasPrefix(head, name)
	})
}

// looksLike recognises what cannot be mistaken: addresses of mail and web.
func looksLike(f *Field, samples []string) bool {
	if len(samples) == 0 || f.Sort != "email" && f.Sort != "url" {
		return false
	}
	for _, text := range samples {
		form := fault.Form{}
		if f.clean(text, &form); form.Err() != nil || f.Sort == "url" && !strings.Contains(text, "://") && !strings.HasPrefix(text, "www.") {
			return false
		}
	}
	return true
}

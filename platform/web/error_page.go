package web

// ErrorPage is what ui/pages/error.html shows ({{define "error"}}): inside the shell for people signed in, bare for others.
type ErrorPage struct {
	Status  int
	Title   string   // "This page does not exist"
	Text    string   // what to do now
	ID      string   // reference of a failure, empty for a refusal
	Who     []string // 403: people who can grant it
	Home    string   // way out: "/" or "/login"; empty when there is none
	Search  bool     // 404: the person may look for it
	Resting bool     // 404: the page belongs to a suspended rune
	Retry   string   // address to try again, empty when that is no use
	Host    string   // 421: the name nobody knows
	Add     string   // 421: the command that adds it
}

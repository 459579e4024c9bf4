package token

import (
	"context"
	"embed"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/slot"
	"runes.im/platform/words"
)

// Words are the sentences of this room.
//
//go:embed words
var Words embed.FS

// Core is the house's own tokens: who renders, and when.
func Core(book *words.Book) []slot.Tokens {
	return []slot.Tokens{
		{Namespace: "user", Paths: []slot.Path{
			{Path: "name", Title: "token.user_name"},
			{Path: "first_name", Title: "token.user_first_name"},
			{Path: "email", Title: "token.user_email"},
		}, Values: user},
		{Namespace: "date", Paths: []slot.Path{
			{Path: "today", Title: "token.date_today"}, {Path: "now", Title: "token.date_now"},
		}, Values: func(ctx context.Context, a slot.Asker, _ map[string]string, _ []string) (map[string]string, error) {
			return date(ctx, book, a), nil
		}},
	}
}

func user(_ context.Context, a slot.Asker, _ map[string]string, _ []string) (map[string]string, error) {
	first, _, _ := strings.Cut(a.Person.Name, " ")
	return map[string]string{"name": a.Person.Name, "first_name": first, "email": a.Person.Email}, nil
}

var months = [...]string{
	"web.january", "web.february", "web.march", "web.april", "web.may", "web.june",
	"web.july", "web.august", "web.september", "web.october", "web.november", "web.december",
}

// date is today and now on the clock of the person.
func date(ctx context.Context, book *words.Book, a slot.Asker) map[string]string {
	now := clock.Now(ctx).UTC()
	if zone, err := time.LoadLocation(a.Person.Zone); err == nil {
		now = now.In(zone)
	}
	lang := a.Lang()
	month := book.Text(lang, months[now.Month()-1])
	today := book.Text(lang, "web.date", "day", now.Day(), "month", month, "year", now.Year())
	return map[string]string{"today": today, "now": today + " " + now.Format("15:04")}
}

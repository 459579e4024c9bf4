// Package token puts values into texts that people write: [[ customer.legal_name ]] becomes the name of the company the
// text is about. One pass, a table of names, no template language: a value is never read as text again.
package token

import (
	"context"
	"slices"
	"strings"

	"runes.im/platform/fault"
	"runes.im/platform/slot"
)

const (
	maxText = 1 << 20 // bytes of a text with tokens
	maxMade = 8 << 20 // and of what becomes of it
	maxName = 120     // bytes between the brackets
	maxKind = 1000    // different tokens in one text
)

// Result is a text with its values. Unknown are the tokens that have none for this person, as they stand in the text:
// missing and forbidden ones cannot be told apart.
type Result struct {
	Text    string
	Unknown []string
}

// Render puts the values in that the asker may see. offers are who may answer, about says which record the text is
// about, by kind: {"contacts.company": "…"}. The text itself is written in the language of the target (HTML, JSON, a
// line of a mail's header); the values are escaped for it.
func Render(ctx context.Context, a slot.Asker, offers []slot.Tokens, text string, about map[string]string, to Target) (Result, error) {
	if len(text) > maxText {
		return Result{}, fault.New(fault.TooLarge, "token.too_large", "max", "1 MiB")
	}
	pieces := split(text)
	values, err := resolve(ctx, a, offers, pieces, about)
	if err != nil {
		return Result{}, err
	}
	var made strings.Builder
	result := Result{}
	for _, p := range pieces {
		value, known := values[p.name]
		switch {
		case p.name == "":
			made.WriteString(p.text)
		case known:
			made.WriteString(to.escape(value))
		default:
			made.WriteString(p.text)
			if !slices.Contains(result.Unknown, p.text) {
				result.Unknown = append(result.Unknown, p.text)
			}
		}
		if made.Len() > maxMade {
			return Result{}, fault.New(fault.TooLarge, "token.too_large", "max", "8 MiB")
		}
	}
	result.Text = to.finish(made.String())
	return result, nil
}

// Has reports whether the text holds the token, whatever its letters and blanks: "invite.link".
func Has(text, name string) bool {
	return slices.ContainsFunc(split(text), func(p piece) bool { return p.name == name })
}

// piece is a stretch of a text: a token with its name in small letters, or what stands between two.
type piece struct{ text, name string }

// split cuts a text into its pieces; together they are the text.
func split(text string) []piece {
	var pieces []piece
	plain := 0
	for at := 0; ; {
		open := strings.Index(text[at:], "[[")
		if open < 0 {
			break
		}
		at += open
		size, name := tokenAt(text[at:])
		if size == 0 {
			at++ // "[[[name]]]" is a token in brackets
			continue
		}
		if plain < at {
			pieces = append(pieces, piece{text: text[plain:at]})
		}
		pieces = append(pieces, piece{text: text[at : at+size], name: name})
		at += size
		plain = at
	}
	if plain < len(text) {
		pieces = append(pieces, piece{text: text[plain:]})
	}
	return pieces
}

// tokenAt reads the token that the text begins with; size 0 when it is none.
func tokenAt(text string) (size int, name string) {
	within := text[2:min(len(text), maxName+4)]
	end := strings.IndexAny(within, "[]\r\n")
	if end < 0 || !strings.HasPrefix(within[end:], "]]") {
		return 0, ""
	}
	name = strings.ToLower(strings.Trim(within[:end], " \t"))
	if name == "" {
		return 0, ""
	}
	return end + 4, name
}

// resolve asks every namespace once for all of its tokens in the text.
func resolve(ctx context.Context, a slot.Asker, offers []slot.Tokens, pieces []piece, about map[string]string) (map[string]string, error) {
	table := tableOf(a, offers)
	wanted := map[int][]string{}   // paths by place of the offer
	names := map[string][]string{} // how "place path" is written in the text
	seen := map[string]bool{}
	for _, p := range pieces {
		if p.name == "" || seen[p.name] {
			continue
		}
		seen[p.name] = true
		if len(seen) > maxKind {
			return nil, fault.New(fault.TooLarge, "token.too_many", "max", maxKind)
		}
		if where, ok := table.find(p.name); ok {
			key := offers[where.offer].Namespace + "\x00" + where.path
			if names[key] == nil {
				wanted[where.offer] = append(wanted[where.offer], where.path)
			}
			names[key] = append(names[key], p.name)
		}
	}
	values := map[string]string{}
	for at, paths := range wanted {
		found, err := offers[at].Values(ctx, a, about, paths)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			value, ok := found[path]
			for _, name := range names[offers[at].Namespace+"\x00"+path] {
				if ok {
					values[name] = value
				}
			}
		}
	}
	return values, nil
}

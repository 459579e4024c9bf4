package contacts

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/record"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// book is an address book: all people, or those of a list.
type book struct {
	ID   string // of the list, or everybody
	Name string
	List *List // nil: everybody
}

// everybody is the id of the book of all people.
const everybody = "all"

// maxCards is how many people one address book may hold; a telephone gives up long before.
const maxCards = 50_000

// fills reports whether the book fills itself: nobody puts anybody in or takes anybody out.
func (b *book) fills() bool { return b.List != nil && b.List.Filter != "" }

// query chooses the people of the book.
func (b *book) query(ctx context.Context, r store.Reader) (record.Query, error) {
	q := record.Query{Limit: maxCards}
	if b.List == nil {
		return q, nil
	}
	var err error
	q.Where, q.Args, _, err = narrow[Person]("people")(ctx, r, people, b.ID)
	return q, err
}

// oneBook is the book with that id, as the person may see it.
func oneBook(ctx context.Context, r store.Reader, p *identity.Person, id, everyone string) (*book, error) {
	if id == everybody {
		return &book{ID: id, Name: everyone}, nil
	}
	l, err := lists.One(ctx, r, p, id)
	if err == nil && l.Holds != "people" {
		err = noCard()
	}
	if err != nil {
		return nil, err
	}
	return &book{ID: l.ID, Name: l.Name, List: l}, nil
}

func noCard() error { return fault.New(fault.NotFound, "web.not_found") }

// books are those of the person: everybody first, then the lists by name.
func books(ctx context.Context, r store.Reader, p *identity.Person, everyone string) ([]*book, error) {
	all := []*book{{ID: everybody, Name: everyone}}
	found, err := lists.List(ctx, r, p, record.Query{Where: "holds = 'people'", Limit: 200})
	for _, l := range found {
		all = append(all, &book{ID: l.ID, Name: l.Name, List: l})
	}
	return all, err
}

// entry is a card as a listing shows it.
type entry struct {
	Person, Name, ETag string
	seq                int64
}

// A card as SQL: names of their companies stand on the cards, so those count as well. The ETag changes with all that a
// card shows, and never comes back.
const (
	entryName    = `coalesce(k.name, p.id || '.vcf')`
	entryETag    = `p.version || '-' || coalesce(c.version, 0) || '-' || coalesce(k.rev, 0)`
	entryColumns = `p.id, ` + entryName + `, ` + entryETag
	entryJoins   = ` p LEFT JOIN contacts_companies c ON c.id = p.company LEFT JOIN contacts_cards k ON k.person = p.id `
)

// within is the people of the book that the person may see, as a table for SQL: a book is compared in the database,
// without a record being made of anybody.
func (b *book) within(ctx context.Context, r store.Reader, who *identity.Person, columns string) (table string, args []any, err error) {
	q, err := b.query(ctx, r)
	if err != nil {
		return "", nil, err
	}
	scope, args, err := people.Within(ctx, r, who)
	table = "(SELECT " + columns + " FROM contacts_people WHERE deleted_at IS NULL"
	if scope != "" {
		table += " AND (" + scope + ")"
	}
	if q.Where != "" {
		table += " AND (" + q.Where + ")"
	}
	return table + ")", append(args, q.Args...), err
}

// comparable are the columns that a card's name and ETag are made of.
const comparable = "id, version, company, title_key"

// entries are the cards of a book that the person may see, by name of the people.
func (b *book) entries(ctx context.Context, r store.Reader, who *identity.Person) ([]entry, error) {
	table, args, err := b.within(ctx, r, who, comparable)
	if err != nil {
		return nil, err
	}
	return readEntries(ctx, r, `SELECT `+entryColumns+`, 0 FROM `+table+entryJoins+`ORDER BY p.title_key, p.id LIMIT ?`, append(args, maxCards)...)
}

// named are the cards of those names in the book.
func (b *book) named(ctx context.Context, r store.Reader, who *identity.Person, names []string) (map[string]entry, error) {
	found := make(map[string]entry, len(names))
	for len(names) > 0 {
		part := names[:min(bite, len(names))]
		names = names[len(part):]
		table, args, err := b.within(ctx, r, who, comparable)
		if err != nil {
			return nil, err
		}
		var asked []any
		for _, name := range part {
			asked = append(asked, name)
		}
		ids := make([]any, len(part))
		for i, name := range part {
			ids[i] = strings.TrimSuffix(name, ".vcf")
		}
		all, err := readEntries(ctx, r, `SELECT `+entryColumns+`, 0 FROM `+table+entryJoins+
			`WHERE p.id IN (SELECT person FROM contacts_cards WHERE `+record.In("name", len(asked))+`) OR `+record.In("p.id", len(ids)),
			append(append(args, asked...), ids...)...)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			found[e.Name] = e
		}
	}
	return found, nil
}

// entriesOf are the names and ETags of a few people's cards, in their order.
func entriesOf(ctx context.Context, r store.Reader, found []*Person) ([]entry, error) {
	if len(found) == 0 {
		return nil, nil
	}
	at, ids := map[string]int{}, make([]any, len(found))
	for i, one := range found {
		at[one.ID], ids[i] = i, one.ID
	}
	read, err := readEntries(ctx, r, `SELECT `+entryColumns+`, 0 FROM contacts_people`+entryJoins+`WHERE `+record.In("p.id", len(ids)), ids...)
	all := make([]entry, len(found))
	for _, e := range read {
		all[at[e.Person]] = e
	}
	return all, err
}

func readEntries(ctx context.Context, r store.Reader, query string, args ...any) ([]entry, error) {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Person, &e.Name, &e.ETag, &e.seq); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// bookState is what programs compare: the token goes up when anything in the book changed for this person.
type bookState struct {
	Epoch       string
	Seq         int64
	stamp, seen string
}

func (s *bookState) token() string { return tokenPrefix + s.Epoch + "-" + strconv.FormatInt(s.Seq, 10) }

// tokenPrefix makes a token the URI that it has to be.
const tokenPrefix = "https://runes.im/ns/sync/"

// state compares the book with what the person's programs saw last and remembers what is new. Where nothing happened that
// the book could show, one number tells so and nothing is compared.
func (b *book) state(ctx context.Context, db *store.DB, p *identity.Person) (*bookState, error) {
	s, err := b.known(ctx, db, p)
	if err != nil {
		return nil, err
	}
	stamp, err := b.stamp(ctx, db, p)
	if err != nil || s.Epoch != "" && s.stamp == stamp && !s.isStale(ctx) {
		return s, err
	}
	s, changes, err := b.compare(ctx, db, p)
	if err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s.Epoch == "" || len(changes) > 0 { // else the stamp is older than the comparison: it promises too little at most
			if stamp, err = b.stamp(ctx, tx, p); err != nil {
				return err
			}
			if s, changes, err = b.compare(ctx, tx, p); err != nil {
				return err
			}
		}
		s.stamp = stamp
		return s.remember(ctx, tx, p.ID, b.ID, changes)
	})
	return s, err
}

// known is the state that was remembered; without an epoch there is none.
func (b *book) known(ctx context.Context, r store.Reader, p *identity.Person) (*bookState, error) {
	s := &bookState{}
	err := r.QueryRow(ctx, `SELECT epoch, seq, stamp, seen FROM contacts_books WHERE member = ? AND book = ?`, p.ID, b.ID).
		Scan(&s.Epoch, &s.Seq, &s.stamp, &s.seen)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return s, err
}

// isStale reports a book that was remembered long ago: to ask for it is to want that it is kept.
func (s *bookState) isStale(ctx context.Context) bool {
	return s.seen < clock.Text(clock.Now(ctx).Add(-keepBooks/6))
}

// stamp stands for everything that the book is made of: the data, and what of it this person may see.
func (b *book) stamp(ctx context.Context, r store.Reader, p *identity.Person) (string, error) {
	var turn int64
	if err := r.QueryRow(ctx, `SELECT n FROM contacts_turn`).Scan(&turn); err != nil {
		return "", err
	}
	table, args, err := b.within(ctx, r, p, comparable)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%q", table, args))
	return strconv.FormatInt(turn, 10) + "-" + hex.EncodeToString(sum[:12]), err
}

// compare reads what was remembered. The changes are entries as they have to be remembered; one without an ETag has gone.
func (b *book) compare(ctx context.Context, r store.Reader, p *identity.Person) (*bookState, []entry, error) {
	s, err := b.known(ctx, r, p)
	if err != nil {
		return nil, nil, err
	}
	table, args, err := b.within(ctx, r, p, comparable)
	if err != nil {
		return nil, nil, err
	}
	changes, err := readEntries(ctx, r, `SELECT `+entryColumns+`, 0 FROM `+table+entryJoins+
		`LEFT JOIN contacts_book_cards o ON o.member = ? AND o.book = ? AND o.person = p.id
		WHERE o.etag IS NOT `+entryETag+` OR o.name <> `+entryName+` ORDER BY p.title_key, p.id LIMIT ?`, append(args, p.ID, b.ID, maxCards)...)
	if err != nil || s.Epoch == "" {
		return s, changes, err
	}
	if table, args, err = b.within(ctx, r, p, "id"); err != nil {
		return nil, nil, err
	}
	gone, err := readEntries(ctx, r, `SELECT person, name, '', 0 FROM contacts_book_cards
		WHERE member = ? AND book = ? AND etag <> '' AND person NOT IN `+table+` ORDER BY seq`, append([]any{p.ID, b.ID}, args...)...)
	return s, append(changes, gone...), err
}

// remembered are the entries behind seq, in the order in which they changed.
func remembered(ctx context.Context, r store.Reader, member, book string, seq int64) ([]entry, error) {
	return readEntries(ctx, r, `SELECT person, name, etag, seq FROM contacts_book_cards WHERE member = ? AND book = ? AND seq > ?
		ORDER BY seq LIMIT ?`, member, book, seq, 4*maxCards)
}

func (s *bookState) remember(ctx context.Context, tx *store.Tx, member, book string, changes []entry) error {
	if s.Epoch == "" {
		s.Epoch = id.Short()
	}
	s.Seq += int64(len(changes))
	_, err := tx.Exec(ctx, `INSERT INTO contacts_books (member, book, epoch, seq, stamp, seen) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (member, book) DO UPDATE SET seq = max(seq, excluded.seq), stamp = excluded.stamp, seen = excluded.seen`,
		member, book, s.Epoch, s.Seq, s.stamp, clock.Text(clock.Now(ctx)))
	for i, e := range changes {
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO contacts_book_cards (member, book, person, name, etag, seq) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (member, book, person) DO UPDATE SET name = excluded.name, etag = excluded.etag, seq = excluded.seq`,
			member, book, e.Person, e.Name, e.ETag, s.Seq-int64(len(changes))+int64(i)+1)
	}
	return err
}

// since is where a token stands; an unknown one makes the program begin anew.
func (s *bookState) since(token string) (int64, bool) {
	if token == "" {
		return 0, true
	}
	epoch, seq, _ := strings.Cut(strings.TrimPrefix(token, tokenPrefix), "-")
	n, err := strconv.ParseInt(seq, 10, 64)
	return n, err == nil && epoch == s.Epoch && n >= 0 && n <= s.Seq
}

const keepBooks = 180 * 24 * time.Hour

// forgetBooks drops what programs saw that have not asked for half a year.
func forgetBooks(ctx context.Context, _ []byte) error {
	return tenant.From(ctx).DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM contacts_books WHERE seen < ?`, clock.Text(clock.Now(ctx).Add(-keepBooks)))
		return err
	})
}

package contacts

import (
	"context"
	"database/sql"
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

// entries are the cards of a book that the person may see, by name of the people.
func (b *book) entries(ctx context.Context, r store.Reader, p *identity.Person) ([]entry, error) {
	found, err := b.people(ctx, r, p)
	if err != nil {
		return nil, err
	}
	return entriesOf(ctx, r, found)
}

// entriesOf are the names and ETags of people's cards. Names of their companies stand on the cards, so those count as well.
func entriesOf(ctx context.Context, r store.Reader, found []*Person) ([]entry, error) {
	type sent struct {
		name string
		rev  int64
	}
	versions, cards := map[string]int64{}, map[string]sent{}
	err := eachRow(ctx, r, `SELECT id, version FROM contacts_companies`, func(rows *sql.Rows) error {
		var id string
		var version int64
		err := rows.Scan(&id, &version)
		versions[id] = version
		return err
	})
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, r, `SELECT person, name, rev FROM contacts_cards`, func(rows *sql.Rows) error {
		var person string
		var s sent
		err := rows.Scan(&person, &s.name, &s.rev)
		cards[person] = s
		return err
	})
	all := make([]entry, len(found))
	for i, one := range found {
		s := cards[one.ID]
		if s.name == "" {
			s.name = one.ID + ".vcf"
		}
		all[i] = entry{Person: one.ID, Name: s.name, ETag: cardETag(one.Version, versions[one.Company], s.rev)}
	}
	return all, err
}

func eachRow(ctx context.Context, r store.Reader, query string, do func(*sql.Rows) error) error {
	rows, err := r.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// cardETag changes with all that a card shows, and never comes back.
func cardETag(person, company, rev int64) string {
	return fmt.Sprintf("%d-%d-%d", person, company, rev)
}

// bookState is what programs compare: the token goes up when anything in the book changed for this person.
type bookState struct {
	Epoch string
	Seq   int64
	Cards []entry
}

func (s *bookState) token() string { return tokenPrefix + s.Epoch + "-" + strconv.FormatInt(s.Seq, 10) }

// tokenPrefix makes a token the URI that it has to be.
const tokenPrefix = "https://runes.im/ns/sync/"

// state compares the book with what the person's programs saw last and remembers what is new.
func (b *book) state(ctx context.Context, db *store.DB, p *identity.Person) (*bookState, error) {
	now, err := b.entries(ctx, db, p)
	if err != nil {
		return nil, err
	}
	s, changes, err := b.compare(ctx, db, p, now)
	if err != nil || s.Epoch != "" && len(changes) == 0 {
		return s, err
	}
	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if now, err = b.entries(ctx, tx, p); err != nil {
			return err
		}
		if s, changes, err = b.compare(ctx, tx, p, now); err != nil {
			return err
		}
		return s.remember(ctx, tx, p.ID, b.ID, changes)
	})
	return s, err
}

// compare reads what was remembered. The changes are entries as they have to be remembered; one without an ETag has gone.
func (b *book) compare(ctx context.Context, r store.Reader, p *identity.Person, now []entry) (*bookState, []entry, error) {
	s := &bookState{Cards: now}
	err := r.QueryRow(ctx, `SELECT epoch, seq FROM contacts_books WHERE member = ? AND book = ?`, p.ID, b.ID).Scan(&s.Epoch, &s.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return s, now, nil
	}
	if err != nil {
		return nil, nil, err
	}
	before, err := remembered(ctx, r, p.ID, b.ID, 0)
	if err != nil {
		return nil, nil, err
	}
	known := make(map[string]entry, len(before))
	for _, e := range before {
		known[e.Person] = e
	}
	var changes []entry
	for _, e := range now {
		if was := known[e.Person]; was.ETag != e.ETag || was.Name != e.Name {
			changes = append(changes, e)
		}
		delete(known, e.Person)
	}
	for _, was := range before {
		if _, gone := known[was.Person]; gone && was.ETag != "" {
			changes = append(changes, entry{Person: was.Person, Name: was.Name})
		}
	}
	return s, changes, nil
}

// remembered are the entries behind seq, in the order in which they changed.
func remembered(ctx context.Context, r store.Reader, member, book string, seq int64) ([]entry, error) {
	rows, err := r.Query(ctx, `SELECT person, name, etag, seq FROM contacts_book_cards WHERE member = ? AND book = ? AND seq > ?
		ORDER BY seq LIMIT ?`, member, book, seq, 4*maxCards)
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

func (s *bookState) remember(ctx context.Context, tx *store.Tx, member, book string, changes []entry) error {
	if s.Epoch == "" {
		s.Epoch = id.Short()
	}
	s.Seq += int64(len(changes))
	_, err := tx.Exec(ctx, `INSERT INTO contacts_books (member, book, epoch, seq, seen) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (member, book) DO UPDATE SET seq = excluded.seq, seen = excluded.seen`,
		member, book, s.Epoch, s.Seq, clock.Text(clock.Now(ctx)))
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

// forgetBooks drops what programs saw that have not asked for half a year.
func forgetBooks(ctx context.Context, _ []byte) error {
	const keep = 180 * 24 * time.Hour
	return tenant.From(ctx).DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM contacts_books WHERE seen < ?`, clock.Text(clock.Now(ctx).Add(-keep)))
		return err
	})
}

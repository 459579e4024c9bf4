package isolation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"runes.im/platform/blob"
	"runes.im/platform/entitlement"
	"runes.im/platform/fault"
	"runes.im/platform/id"
	"runes.im/platform/identity"
	"runes.im/platform/live"
	"runes.im/platform/secret"
	"runes.im/platform/store"
	"runes.im/platform/tenant"
)

// What is looked at. Each has its words on the page: isolation.<key>.
const (
	Hosts         = "hosts"
	OwnFiles      = "files"
	Sessions      = "sessions"
	AppPasswords  = "app_passwords"
	APITokens     = "api_tokens"
	Invitations   = "invitations"
	Identifiers   = "identifiers"
	Contents      = "contents"
	Secrets       = "secrets"
	Streams       = "streams"
	DatabaseSound = "database"
	ContentsThere = "contents_there"
	LogUnbroken   = "log"
)

// RunTest takes what really lies in the tenant and in another one, made for this moment in a folder of its own, presents each to
// the other the way a request does, and keeps whether anything opened. Nothing of any tenant is changed.
func (p *Prover) RunTest(ctx context.Context, t *tenant.Tenant) (*Result, error) {
	began := time.Now()
	o, err := p.stranger(ctx, t)
	if err != nil {
		return nil, err
	}
	r, err := p.replay(ctx, t, o)
	if err := errors.Join(err, o.close()); err != nil {
		return nil, err
	}
	return r, keep(ctx, t, Test, r, began)
}

func (p *Prover) replay(ctx context.Context, t *tenant.Tenant, o *stranger) (*Result, error) {
	r := new(Result)
	p.hosts(ctx, r, t)
	if err := p.files(ctx, r, t); err != nil {
		return nil, err
	}
	if err := p.keys(ctx, r, t, o); err != nil {
		return nil, err
	}
	if err := identifiers(ctx, r, t, o.t); err != nil {
		return nil, err
	}
	if err := contents(ctx, r, t, o); err != nil {
		return nil, err
	}
	secrets(r, t, o.t)
	streams(r, t, o.t)
	return r, nil
}

// stranger is another tenant with people and a file of its own, on an appliance that exists for the test alone.
type stranger struct {
	dir     string
	system  *store.DB
	tenants *tenant.Registry
	people  *identity.House
	t       *tenant.Tenant
	content string
}

func (p *Prover) stranger(ctx context.Context, t *tenant.Tenant) (o *stranger, err error) {
	o = new(stranger)
	if o.dir, err = os.MkdirTemp("", "runes-isolation-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	master, err := secret.Open(filepath.Join(o.dir, "runes.key"), true)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(o.dir, "data")
	if o.system, err = store.Create(ctx, filepath.Join(data, "system.db")); err != nil {
		return nil, err
	}
	if err := o.system.Migrate(ctx, identity.SystemSchema, secret.Schema); err != nil {
		return nil, err
	}
	o.people = identity.New(o.system, live.NewHub())
	o.people.Provide(p.People.Catalogue())
	if o.tenants, err = p.Apart(ctx, data, o.system, master); err != nil {
		return nil, err
	}
	active, err := entitlement.Active(ctx, t.DB)
	if err != nil {
		return nil, err
	}
	furnish := func(ctx context.Context, s *tenant.Tenant) error { return s.DB.Migrate(ctx, p.Schemas(active)...) }
	o.t, err = o.tenants.Create(ctx, tenant.New{Slug: "stranger", Name: "Stranger"}, tenant.Founding{Furnish: furnish})
	if err != nil {
		return nil, err
	}
	if err := o.people.Sample(tenant.With(ctx, o.t), o.t); err != nil {
		return nil, err
	}
	return o, o.keepFile(ctx)
}

// keepFile gives the stranger a content that nobody else has, large enough to be a file.
func (o *stranger) keepFile(ctx context.Context) error {
	bytes := bytes.NewReader(bytes.Repeat([]byte(id.Secret(32)), blob.Inline/32))
	staged, err := o.t.Blobs.Stage(ctx, bytes, blob.StageOptions{Expect: -1})
	if err != nil {
		return err
	}
	defer staged.Discard()
	o.content = staged.ID
	return o.t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return o.t.Blobs.Keep(ctx, tx, staged) })
}

func (o *stranger) close() error {
	if o.t != nil {
		o.t.Leave()
	}
	if o.tenants != nil {
		o.tenants.Close()
	}
	var err error
	if o.system != nil {
		err = o.system.Close()
	}
	return errors.Join(err, os.RemoveAll(o.dir))
}

// hosts looks whether every name of the tenant leads to it alone, and whether names that only look like them lead nowhere.
func (p *Prover) hosts(ctx context.Context, r *Result, t *tenant.Tenant) {
	var wrong []string
	names := append(t.Hosts(), t.Address())
	tried := 0
	for _, name := range names {
		tried++
		if slug, err := p.Tenants.ByHost(ctx, name); err != nil || slug != t.Slug {
			wrong = append(wrong, name+" leads elsewhere")
		}
		for _, form := range []string{name + ".evil.test", "someone@" + name, name + ":80:90", " " + name, name + "/", "x." + name} {
			tried++
			if slug, err := p.Tenants.ByHost(ctx, form); err == nil && slug == t.Slug {
				wrong = append(wrong, fmt.Sprintf("%q leads here", form))
			}
		}
	}
	infos, err := p.Tenants.List(ctx)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, i := range infos {
		tried++
		if slug, err := p.Tenants.ByHost(ctx, p.Tenants.Address(i.Slug)); i.Slug != t.Slug && err == nil && slug == t.Slug {
			wrong = append(wrong, "the address of another organisation leads here")
		}
	}
	r.add(Hosts, tried, wrong)
}

// files looks whether the open database is one file, in the tenant's own folder, and no other tenant's.
func (p *Prover) files(ctx context.Context, r *Result, t *tenant.Tenant) error {
	var wrong []string
	tried := 1
	want := filepath.Join(t.Folder(), "tenant.db")
	rows, err := t.DB.Query(ctx, `SELECT name, file FROM pragma_database_list ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, file string
		if err := rows.Scan(&name, &file); err != nil {
			return err
		}
		if file != "" && file != want {
			wrong = append(wrong, name+" is another file")
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	own, err := os.Lstat(want)
	if err != nil {
		return err
	}
	if !own.Mode().IsRegular() || own.Mode().Perm()&0o077 != 0 {
		wrong = append(wrong, "others may read the file")
	}
	infos, err := p.Tenants.List(ctx)
	if err != nil {
		return err
	}
	for _, i := range infos {
		if i.Slug == t.Slug {
			continue
		}
		tried++
		other, err := os.Stat(filepath.Join(filepath.Dir(t.Folder()), i.Slug, "tenant.db"))
		if err == nil && os.SameFile(own, other) {
			wrong = append(wrong, "another organisation has the same file")
		}
	}
	r.add(OwnFiles, tried, wrong)
	return nil
}

// keys presents what lets people and programs in. As the control, the stranger's keys must open the stranger.
func (p *Prover) keys(ctx context.Context, r *Result, t *tenant.Tenant, o *stranger) error {
	there, err := p.People.Replay(ctx, t, o.t)
	if err != nil {
		return err
	}
	here, err := p.People.Replay(ctx, o.t, t)
	if err != nil {
		return err
	}
	control, err := o.people.Replay(ctx, o.t, o.t)
	if err != nil {
		return err
	}
	for _, k := range []struct{ key, kind string }{
		{Sessions, identity.KeySession}, {AppPasswords, identity.KeyAppPassword}, {APITokens, identity.KeyAPIToken}, {Invitations, identity.KeyInvitation},
	} {
		var wrong []string
		for range there[k.kind].Opened + here[k.kind].Opened {
			wrong = append(wrong, "a key opened another organisation")
		}
		if control[k.kind].Opened == 0 {
			wrong = append(wrong, "the test itself does not work: a right key opened nothing")
		}
		r.add(k.key, there[k.kind].Tried+here[k.kind].Tried, wrong)
	}
	return nil
}

// contents asks each for the other's files by their keys.
func contents(ctx context.Context, r *Result, t *tenant.Tenant, o *stranger) error {
	var wrong []string
	ids, err := store.Texts(t.DB.Query(ctx, `SELECT id FROM blob_contents WHERE uses > 0 ORDER BY made_at DESC, id LIMIT 20`))
	if err != nil {
		return err
	}
	reads := func(in *tenant.Tenant, content string) bool {
		c, err := in.Blobs.Read(ctx, in.DB, content)
		if err == nil {
			c.Close()
		}
		return !fault.Is(err, fault.NotFound)
	}
	for _, content := range ids {
		if reads(o.t, content) {
			wrong = append(wrong, "a file opened in another organisation")
		}
	}
	if reads(t, o.content) {
		wrong = append(wrong, "a file of another organisation opened here")
	}
	if !reads(o.t, o.content) {
		wrong = append(wrong, "the test itself does not work: a file does not open at home")
	}
	r.add(Contents, len(ids)+1, wrong)
	return nil
}

// secrets looks whether either could read what the other sealed.
func secrets(r *Result, t, o *tenant.Tenant) {
	var wrong []string
	for _, pair := range [][2]*tenant.Tenant{{t, o}, {o, t}} {
		plain := []byte(id.Secret(16))
		sealed := pair[0].Secrets.Seal("isolation", plain)
		if _, err := pair[1].Secrets.Open("isolation", sealed); err == nil {
			wrong = append(wrong, "a secret of one was read by the other")
		}
		if back, err := pair[0].Secrets.Open("isolation", sealed); err != nil || !bytes.Equal(back, plain) {
			wrong = append(wrong, "the test itself does not work: a secret does not open at home")
		}
	}
	r.add(Secrets, 2, wrong)
}

// streams looks whether a message for one reaches an open page of the other.
func streams(r *Result, t, o *tenant.Tenant) {
	hub := live.NewHub()
	var wrong []string
	page := hub.Open(t.ID, "person", "session", 1)
	defer page.Close()
	hub.Send(o.ID, "", live.Message{Name: "isolation"})
	hub.Send(o.ID, "person", live.Message{Name: "isolation"})
	if len(page.C) > 0 {
		wrong = append(wrong, "a message for another organisation arrived")
	}
	hub.Send(t.ID, "", live.Message{Name: "isolation"})
	if len(page.C) == 0 {
		wrong = append(wrong, "the test itself does not work: a message does not arrive")
	}
	r.add(Streams, 2, wrong)
}

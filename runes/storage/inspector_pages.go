package storage

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// inspector is the details of one thing. The top of the drive has no ID: nothing can be done with it.
type inspector struct {
	ID           int64
	Name         string
	Folder       bool
	Icon         string
	Hue          int
	Excerpt      string // the beginning of a text file
	DownloadHref string
	MayChange    bool
	Facts        []fact
	Warning      string
	Versions     []versionRow
	People       []accessRow
}

type fact struct{ Label, Value string }

type versionRow struct{ When, Meta, DownloadHref, RestoreHref string }

type accessRow struct {
	ID, Name, Initials, Right string
	Hue                       int
}

const shownVersions = 20

// showDetails is the details alone, for the panel beside the list; ?n= and ?bytes= describe a choice of several things.
func showDetails(v *web.Visit) error {
	if v.Query("n") != "" {
		return showChoice(v)
	}
	d, at, err := placeOf(v, v.Param("id"))
	if err != nil {
		return err
	}
	p, err := inspect(v, d, at)
	if err != nil {
		return err
	}
	return v.Part("inspect", p)
}

func showChoice(v *web.Visit) error {
	n, err := strconv.Atoi(v.Query("n"))
	bytes, wrong := strconv.ParseInt(v.Query("bytes"), 10, 64)
	if err != nil || wrong != nil || n < 0 || bytes < 0 {
		return fault.New(fault.Malformed, "storage.not_found", "name", "")
	}
	return v.Part("inspect", &inspector{
		Name: v.T("storage.several", "n", n), Icon: "files", Hue: 7,
		Facts: []fact{{v.T("storage.size"), v.Size(bytes)}},
	})
}

func inspect(v *web.Visit, d *drive, at *place) (*inspector, error) {
	ctx, l := v.Context(), lookOf(at.Name, at.Folder)
	p := &inspector{Name: at.Path.name(), Folder: at.Folder, Icon: l.icon, Hue: l.hue}
	if at.Folder {
		p.Hue = folderHue(at.ID)
	}
	kind := v.T(l.kind)
	if end := ending(at.Name); l == otherLook && end != strings.ToLower(at.Name) && len(end) <= 6 {
		kind = v.T("storage.kind_ending", "ending", strings.ToUpper(end))
	}
	p.Facts = []fact{{v.T("storage.kind"), kind}}
	if at.Path.isTop() {
		p.Name, p.Hue = v.T("storage.all_files"), 7
	} else {
		p.ID, p.MayChange = at.ID, at.rights.can(mayRename)
		p.DownloadHref = "/storage/download/" + strconv.FormatInt(at.ID, 10)
	}
	if at.Folder {
		_, all, err := d.numbers(ctx, v.DB, at)
		if err != nil {
			return nil, err
		}
		inside := v.T("storage.things", "n", all)
		if all == 0 {
			inside = v.T("storage.nothing_inside")
		}
		p.Facts = append(p.Facts, fact{v.T("storage.contents"), inside})
	}
	p.Facts = append(p.Facts, fact{v.T("storage.size"), v.Size(at.Size)}, fact{v.T("storage.modified"), v.When(time.Unix(at.MTime, 0))})
	if isAwkward(at.Path.name()) {
		p.Warning = v.T("storage.awkward_name")
	}
	if at.Path.isTop() {
		return p, nil
	}
	return p, errors.Join(p.addOwner(v, at), p.addVersions(v, d, at), p.addText(ctx, d, at), p.addPeople(v, d, at))
}

func (p *inspector) addOwner(v *web.Visit, at *place) error {
	if at.StoredBy == "" {
		return nil
	}
	by, err := v.People.Member(v.Context(), v.Tenant, at.StoredBy)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		p.Facts = append(p.Facts, fact{v.T("storage.created_by"), by.Name})
	}
	return err
}

func (p *inspector) addVersions(v *web.Visit, d *drive, at *place) error {
	if at.Folder {
		return nil
	}
	all, err := d.versions(v.Context(), v.DB, at)
	if err != nil || len(all) == 0 {
		return err
	}
	p.Facts = append(p.Facts, fact{v.T("storage.versions"), v.T("storage.versions_fact", "n", len(all)+1)})
	for _, old := range all[:min(len(all), shownVersions)] {
		href := fmt.Sprintf("/storage/version/%d/%d", at.ID, old.ID)
		p.Versions = append(p.Versions, versionRow{
			When: v.When(storedAt(old.StoredAt)), Meta: v.Size(old.Size),
			DownloadHref: href, RestoreHref: href + "/restore",
		})
	}
	return nil
}

// addText reads the beginning of a text, never more. It is shown as text and nothing else.
func (p *inspector) addText(ctx context.Context, d *drive, at *place) error {
	const most = 1500
	if at.Folder || at.Size == 0 {
		return nil
	}
	switch ending(at.Name) {
	case "txt", "md", "csv", "log", "json":
	default:
		return nil
	}
	content, err := d.open(ctx, at)
	if err != nil {
		return err
	}
	defer content.Close()
	raw, err := io.ReadAll(io.LimitReader(content, most))
	if err != nil {
		return err
	}
	for cut := 0; cut < utf8.UTFMax && !utf8.Valid(raw) && len(raw) > 0; cut++ {
		raw = raw[:len(raw)-1] // a letter may be cut in two
	}
	if utf8.Valid(raw) && !strings.ContainsRune(string(raw), 0) {
		p.Excerpt = string(raw)
	}
	return nil
}

// addPeople tells who else gets here: everybody the tree is mounted for.
func (p *inspector) addPeople(v *web.Visit, d *drive, at *place) error {
	right := v.T("storage.right_edit")
	if !at.inside.can(mayAddFile | mayDelete) {
		right = v.T("storage.right_view")
	}
	s, err := d.space(v.Context(), v.DB, at)
	if err != nil {
		return err
	}
	if s.Kind == "home" {
		owner := v.Person
		right = v.T("storage.right_owner")
		if s.Owner != v.Person.ID {
			if owner, err = v.People.Member(v.Context(), v.Tenant, s.Owner); err != nil {
				return err
			}
		}
		p.People = []accessRow{faceOf(owner, right)}
		return nil
	}
	people, err := v.People.Members(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	for _, one := range people {
		if one.State() == "active" && one.Can("view_storage") && (s.Kind != "system" || one.Can("manage_storage_settings")) {
			p.People = append(p.People, faceOf(one, right))
		}
	}
	return nil
}

func faceOf(p *identity.Person, right string) accessRow {
	return accessRow{ID: p.ID, Name: p.Name, Initials: initials(p.Name), Hue: hueOf(p.ID), Right: right}
}

// initials are the first letters of the first and the last name, as the shell draws them.
func initials(name string) string {
	var letters []rune
	for word := range strings.FieldsSeq(name) {
		first, _ := utf8.DecodeRuneInString(word)
		if !unicode.IsLetter(first) {
			continue
		}
		letters = append(letters[:min(len(letters), 1)], unicode.ToUpper(first))
	}
	return string(letters)
}

// hueOf is the colour of a person, the same one everywhere.
func hueOf(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % 12)
}

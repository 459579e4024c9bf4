package web

import (
	"bytes"
	"html/template"
	"log/slog"
	"strconv"
	"strings"

	"runes.im/platform/identity"
)

// Templates know whom they show, not how that person looks: where they say {{portrait .ID 36}} a mark stands in the page,
// and the picture takes its place when the page goes out. So every room shows people the same way without asking for it.

// portrait marks where the picture of a member goes. size is that of the avatar, in pixels on the page.
func (s *Server) portrait(member string, size int) template.HTML {
	if member == "" || strings.Trim(member, "0123456789abcdef-") != "" {
		return "" // a company's letters, or the house itself
	}
	return template.HTML(s.easel + member + "." + strconv.Itoa(size) + ";")
}

// hang puts pictures where the marks stand. Whom the visitor may not know, and who has no picture, stays with initials.
func (v *Visit) hang(page []byte) []byte {
	easel := []byte(v.server.easel)
	before, rest, found := bytes.Cut(page, easel)
	if !found {
		return page
	}
	known := v.pictures()
	hung := bytes.NewBuffer(make([]byte, 0, len(page)))
	for found {
		hung.Write(before)
		var whom []byte
		whom, rest, _ = bytes.Cut(rest, []byte(";"))
		member, size, _ := strings.Cut(string(whom), ".")
		if version := known[member]; version != "" && v.Person.Knows(member) {
			hung.WriteString(`<img src="` + identity.PicturePath(member, version) + strconv.Itoa(sideFor(size)) + `" alt="" decoding="async">`)
		}
		before, rest, found = bytes.Cut(rest, easel)
	}
	hung.Write(before)
	return hung.Bytes()
}

// Portrait is the address of a small picture of the member; empty where there is none for this visitor.
func (v *Visit) Portrait(member string) string {
	if version := v.pictures()[member]; version != "" && v.Person.Knows(member) {
		return identity.PicturePath(member, version) + strconv.Itoa(identity.PictureSides[0])
	}
	return ""
}

// pictures are those of the members that this page may show.
func (v *Visit) pictures() map[string]string {
	if v.Person == nil || v.Tenant == nil {
		return nil
	}
	known, err := v.People.Pictures(v.Context(), v.Tenant)
	if err != nil {
		slog.WarnContext(v.Context(), "a page goes without pictures of people", "tenant", v.Tenant.Slug, "error", err)
	}
	return known
}

// sideFor is the picture that looks sharp on a dense screen.
func sideFor(size string) int {
	if n, err := strconv.Atoi(size); err == nil && n <= identity.PictureSides[0]/2 {
		return identity.PictureSides[0]
	}
	return identity.PictureSides[1]
}

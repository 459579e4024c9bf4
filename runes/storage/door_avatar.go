package storage

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/web"
)

// Where clients fetch how somebody looks: USER/SIZE, and USER/SIZE.png in the tree of DAV.
const (
	avatarPath    = "/index.php/avatar/"
	davAvatarPath = "/remote.php/dav/avatars/"
)

// showAvatar answers with the picture of a member, in the smallest size that is large enough. Who has none gets a 404,
// and the client draws initials.
func showAvatar(v *web.Visit) error {
	rest := strings.TrimPrefix(strings.TrimPrefix(v.Request.URL.Path, avatarPath), davAvatarPath)
	member, asked, _ := strings.Cut(rest, "/")
	asked, _, _ = strings.Cut(asked, ".")
	size, err := strconv.Atoi(asked)
	if err != nil || size < 1 || !v.Person.Knows(member) || v.Request.Method != http.MethodGet && v.Request.Method != http.MethodHead {
		return fault.New(fault.NotFound, "storage.nothing_here")
	}
	side := identity.PictureSides[len(identity.PictureSides)-1]
	for _, one := range identity.PictureSides {
		if one >= size {
			side = one
			break
		}
	}
	content, version, err := v.People.Picture(v.Context(), v.Tenant, member, side)
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("X-Nc-Iscustomavatar", "1")
	h.Set("Etag", `"`+version+"-"+strconv.Itoa(side)+`"`)
	http.ServeContent(v.Writer, v.Request, "", time.Time{}, bytes.NewReader(content))
	return nil
}

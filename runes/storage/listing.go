package storage

import (
	"strconv"
	"time"

	"runes.im/platform/clock"
	"runes.im/platform/dav"
	"runes.im/platform/web"
)

// prop is a property that we know how to write.
type prop int

const (
	propMissing prop = iota // known to clients, never told by us
	propResourceType
	propModified
	propLength
	propETag
	propContentType
	propName
	propCreated
	propQuotaUsed
	propQuotaRoom
	propSupportedLock
	propLocks
	propSize
	propID
	propFileID
	propRights
	propChecksums
	propShareTypes
	propFingerprint
	propFavourite
	propOwner
	propOwnerName
	propMountTop
	propPreview
	propCreation
	propUpload
	propDead // kept for a client
)

var known = map[dav.Name]prop{
	{Space: dav.DAV, Local: "resourcetype"}:          propResourceType,
	{Space: dav.DAV, Local: "getlastmodified"}:       propModified,
	{Space: dav.DAV, Local: "getcontentlength"}:      propLength,
	{Space: dav.DAV, Local: "getetag"}:               propETag,
	{Space: dav.DAV, Local: "getcontenttype"}:        propContentType,
	{Space: dav.DAV, Local: "displayname"}:           propName,
	{Space: dav.DAV, Local: "creationdate"}:          propCreated,
	{Space: dav.DAV, Local: "quota-used-bytes"}:      propQuotaUsed,
	{Space: dav.DAV, Local: "quota-available-bytes"}: propQuotaRoom,
	{Space: dav.DAV, Local: "supportedlock"}:         propSupportedLock,
	{Space: dav.DAV, Local: "lockdiscovery"}:         propLocks,

	{Space: dav.OwnCloud, Local: "size"}:               propSize,
	{Space: dav.OwnCloud, Local: "id"}:                 propID,
	{Space: dav.OwnCloud, Local: "fileid"}:             propFileID,
	{Space: dav.OwnCloud, Local: "permissions"}:        propRights,
	{Space: dav.OwnCloud, Local: "checksums"}:          propChecksums,
	{Space: dav.OwnCloud, Local: "share-types"}:        propShareTypes,
	{Space: dav.OwnCloud, Local: "data-fingerprint"}:   propFingerprint,
	{Space: dav.OwnCloud, Local: "favorite"}:           propFavourite,
	{Space: dav.OwnCloud, Local: "owner-id"}:           propOwner,
	{Space: dav.OwnCloud, Local: "owner-display-name"}: propOwnerName,
	{Space: dav.OwnCloud, Local: "downloadURL"}:        propMissing,
	{Space: dav.OwnCloud, Local: "dDC"}:                propMissing,

	{Space: dav.Nextcloud, Local: "is-mount-root"}:          propMountTop,
	{Space: dav.Nextcloud, Local: "has-preview"}:            propPreview,
	{Space: dav.Nextcloud, Local: "creation_time"}:          propCreation,
	{Space: dav.Nextcloud, Local: "upload_time"}:            propUpload,
	{Space: dav.Nextcloud, Local: "is-encrypted"}:           propMissing,
	{Space: dav.Nextcloud, Local: "lock"}:                   propMissing,
	{Space: dav.Nextcloud, Local: "lock-owner"}:             propMissing,
	{Space: dav.Nextcloud, Local: "lock-owner-displayname"}: propMissing,
	{Space: dav.Nextcloud, Local: "lock-owner-type"}:        propMissing,
	{Space: dav.Nextcloud, Local: "lock-owner-editor"}:      propMissing,
	{Space: dav.Nextcloud, Local: "lock-time"}:              propMissing,
	{Space: dav.Nextcloud, Local: "lock-timeout"}:           propMissing,
}

// usual are the properties of an allprop answer.
var usual = []dav.Name{
	{Space: dav.DAV, Local: "resourcetype"},
	{Space: dav.DAV, Local: "getlastmodified"},
	{Space: dav.DAV, Local: "getcontentlength"},
	{Space: dav.DAV, Local: "getetag"},
	{Space: dav.DAV, Local: "getcontenttype"},
	{Space: dav.DAV, Local: "displayname"},
	{Space: dav.DAV, Local: "creationdate"},
	{Space: dav.DAV, Local: "supportedlock"},
	{Space: dav.DAV, Local: "lockdiscovery"},
}

// wish is one property of the answer, with its tags ready to be copied.
type wish struct {
	prop
	dav.Name
	open, close, empty string
	usual              bool // nobody asked for it by name: left out where it is missing
}

// plan is what a PROPFIND wants, worked out once for all entries.
type plan struct {
	steps []wish
	only  bool // names without values
	dead  bool // every stored property besides
	asks  [propDead + 1]bool
}

func newPlan(find dav.PropFind) *plan {
	p := &plan{only: find.Only, dead: find.All || find.Only}
	wanted := find.Names
	if p.dead {
		wanted = append(usual[:len(usual):len(usual)], wanted...)
	}
	for i, name := range wanted {
		kind, ok := known[name]
		if !ok {
			kind = propDead
		}
		empty := string(dav.AppendName(nil, name))
		open := empty[:len(empty)-2] + ">"
		p.steps = append(p.steps, wish{
			prop: kind, Name: name, empty: empty, open: open, close: closing(open),
			usual: p.dead && i < len(usual),
		})
		p.asks[kind] = true
	}
	return p
}

// closing is the end tag for a start tag.
func closing(open string) string {
	for i := range len(open) {
		if open[i] == ' ' || open[i] == '>' {
			return "</" + open[1:i] + ">"
		}
	}
	return ""
}

// listed is one node in a listing.
type listed struct {
	ID        int64
	Name      string
	Folder    bool
	Size      int64
	MTime     int64
	ETag      string
	Checksum  string
	Created   int64
	StoredAt  string
	Favourite bool
	Rights    string
	Mounted   bool // the top of another tree
}

// lister writes the answers for the nodes of one listing.
type lister struct {
	*plan
	person   string
	name     string // of the person
	instance string
	books    *space
	locks    map[int64][]*lock
	deep     []*lock // those that cover all entries
	stored   map[int64][]storedProp
	missing  []byte
}

// storedProp is a property kept for a client.
type storedProp struct {
	dav.Name
	XML string
}

const (
	beginResponse = "<d:response><d:href>"
	beginFound    = "</d:href><d:propstat><d:prop>"
	endFound      = "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
	beginMissing  = "<d:propstat><d:prop>"
	endMissing    = "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
	endResponse   = "</d:response>\n"
)

// append writes one response. All that was found stands in one propstat: of two, clients would keep the last.
func (l *lister) append(b []byte, href string, name string, e *listed) []byte {
	b = append(append(b, beginResponse...), href...)
	if name != "" {
		b = dav.AppendSegment(b, name)
		if e.Folder {
			b = append(b, '/')
		}
	}
	b = append(b, beginFound...)
	l.missing = l.missing[:0]
	begin := len(b)
	for i := range l.steps {
		s := &l.steps[i]
		mark := len(b)
		if l.only {
			if _, has := l.value(b, e, s); has {
				b = append(b[:mark], s.empty...)
			}
			continue
		}
		var has bool
		if s.prop == propDead {
			b, has = l.storedValue(b, e, s.Name)
		} else if b, has = l.value(append(b, s.open...), e, s); has {
			b = append(b, s.close...)
		}
		if !has {
			b = b[:mark]
		}
		if !has && !s.usual {
			l.missing = append(l.missing, s.empty...)
		}
	}
	if l.dead {
		b = l.appendStored(b, e)
	}
	if len(l.missing) > 0 {
		b = l.appendMissing(b, begin)
	} else {
		b = append(b, endFound...)
	}
	return append(b, endResponse...)
}

// appendMissing ends what was found and adds what was not. Nothing found at all leaves no empty propstat behind.
func (l *lister) appendMissing(b []byte, begin int) []byte {
	if len(b) == begin {
		b = b[:begin-len(beginMissing)]
	} else {
		b = append(b, endFound...)
	}
	return append(append(append(b, beginMissing...), l.missing...), endMissing...)
}

func (l *lister) storedValue(b []byte, e *listed, name dav.Name) ([]byte, bool) {
	for _, s := range l.stored[e.ID] {
		if s.Name == name {
			return append(b, s.XML...), true
		}
	}
	return b, false
}

func (l *lister) appendStored(b []byte, e *listed) []byte {
	for _, s := range l.stored[e.ID] {
		if l.only {
			b = dav.AppendName(b, s.Name)
		} else {
			b = append(b, s.XML...)
		}
	}
	return b
}

// value writes the value of a property; false when this node has none.
func (l *lister) value(b []byte, e *listed, s *wish) ([]byte, bool) {
	switch s.prop {
	case propResourceType:
		if e.Folder {
			b = append(b, "<d:collection/>"...)
		}
	case propModified:
		b = dav.AppendDate(b, e.MTime)
	case propLength:
		if e.Folder {
			return b, false
		}
		b = strconv.AppendInt(b, e.Size, 10)
	case propETag:
		b = append(append(append(b, '"'), e.ETag...), '"')
	case propSize:
		b = strconv.AppendInt(b, e.Size, 10)
	case propID:
		b = appendFileID(b, e.ID, l.instance)
	case propFileID:
		b = strconv.AppendInt(b, e.ID, 10)
	case propRights:
		b = append(b, e.Rights...)
	case propChecksums:
		if e.Checksum == "" {
			return b, false
		}
		b = append(append(append(b, "<oc:checksum>"...), e.Checksum...), "</oc:checksum>"...)
	case propShareTypes, propFingerprint:
	default:
		return l.rareValue(b, e, s.prop)
	}
	return b, true
}

func (l *lister) rareValue(b []byte, e *listed, p prop) ([]byte, bool) {
	switch p {
	case propContentType:
		if e.Folder {
			return b, false
		}
		b = append(b, web.FileType(e.Name)...)
	case propName:
		b = dav.AppendText(b, e.Name)
	case propCreated:
		b = time.Unix(e.since(), 0).UTC().AppendFormat(b, time.RFC3339)
	case propQuotaUsed, propQuotaRoom:
		if !e.Folder || l.books == nil {
			return b, false
		}
		n := l.books.Used
		if p == propQuotaRoom {
			if n = l.books.room(); n < 0 {
				n = unlimited
			}
		}
		b = strconv.AppendInt(b, n, 10)
	case propSupportedLock:
		b = append(b, "<d:lockentry><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"+
			"<d:lockentry><d:lockscope><d:shared/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockentry>"...)
	case propLocks:
		for _, k := range l.deep {
			b = appendLock(b, k, l.person, "")
		}
		for _, k := range l.locks[e.ID] {
			b = appendLock(b, k, l.person, "")
		}
	case propFavourite:
		b = appendBit(b, e.Favourite)
	case propOwner:
		b = dav.AppendText(b, l.person)
	case propOwnerName:
		b = dav.AppendText(b, l.name)
	case propMountTop:
		b = strconv.AppendBool(b, e.Mounted)
	case propPreview:
		b = append(b, "false"...)
	case propCreation:
		b = strconv.AppendInt(b, e.Created, 10)
	case propUpload:
		b = strconv.AppendInt(b, unixOf(e.StoredAt), 10)
	default:
		return b, false
	}
	return b, true
}

// unlimited is how clients read that there is no quota.
const unlimited = -3

// since is when the file was made: as its first device told, else when it came here.
func (e *listed) since() int64 {
	if e.Created > 0 {
		return e.Created
	}
	return unixOf(e.StoredAt)
}

// unixOf is 0 for a time that cannot be read, which our own never is.
func unixOf(text string) int64 {
	t, err := clock.Parse(text)
	if err != nil {
		return 0
	}
	return t.Unix()
}

func appendBit(b []byte, on bool) []byte {
	if on {
		return append(b, '1')
	}
	return append(b, '0')
}

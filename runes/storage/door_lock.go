package storage

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"runes.im/platform/blob"
	"runes.im/platform/dav"
	"runes.im/platform/fault"
	"runes.im/platform/store"
)

func (c *call) lock() error {
	info, err := dav.ReadLock(c.Request.Body)
	if err != nil {
		return err
	}
	seconds := dav.ReadTimeout(c.Request.Header.Get("Timeout"))
	if info == nil {
		return c.refreshLock(seconds)
	}
	depth, err := dav.ReadDepth(c.Request.Header.Get("Depth"), dav.Infinity)
	if err == nil && depth == 1 {
		err = fault.New(fault.Malformed, "dav.header_malformed", "name", "Depth")
	}
	if err != nil {
		return err
	}
	// A name that is free is locked by putting an empty file there.
	empty, err := c.Tenant.Blobs.Stage(c.Context(), bytes.NewReader(nil), blob.StageOptions{})
	if err != nil {
		return err
	}
	defer empty.Discard()
	l := &lock{Deep: depth == dav.Infinity, Shared: info.Shared, Owner: info.Owner, Seconds: seconds}
	var made bool
	err = c.write(func(ctx context.Context, tx *store.Tx) error {
		at, _, err := c.drive.around(ctx, tx, c.path)
		if err != nil {
			return err
		}
		if made = at == nil; made {
			if at, _, err = c.drive.place(ctx, tx, c.path, empty, upload{Held: c.cond.Tokens()}); err != nil {
				return missingFolder(err, c.path)
			}
		}
		return c.drive.lockPlace(ctx, tx, at, l)
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Lock-Token", "<"+l.Token+">")
	return c.showLock(l, made)
}

// missingFolder says 409 where a folder on the way is missing.
func missingFolder(err error, p path) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "storage.target_missing", "name", p.folder().name())
	}
	return err
}

func (c *call) refreshLock(seconds int64) error {
	var l *lock
	err := c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		at, err := c.drive.find(ctx, tx, c.path)
		if err != nil {
			return err
		}
		l, err = c.drive.refresh(ctx, tx, at, c.cond.Tokens(), seconds)
		return err
	})
	if err != nil {
		return err
	}
	return c.showLock(l, false)
}

func (c *call) showLock(l *lock, made bool) error {
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	b := append([]byte(dav.Declaration), "<d:prop"+dav.Namespaces+"><d:lockdiscovery>"...)
	b = appendLock(b, l, c.drive.person.ID, c.root+c.path.escaped())
	dav.Send(c.Visit, status, append(b, "</d:lockdiscovery></d:prop>\n"...))
	return nil
}

// appendLock writes an activelock. Its token is for its owner's eyes only.
func appendLock(b []byte, l *lock, reader, root string) []byte {
	scope, depth := "exclusive", "0"
	if l.Shared {
		scope = "shared"
	}
	if l.Deep {
		depth = "infinity"
	}
	b = append(b, "<d:activelock><d:locktype><d:write/></d:locktype><d:lockscope><d:"...)
	b = append(append(b, scope...), "/></d:lockscope><d:depth>"...)
	b = append(append(b, depth...), "</d:depth>"...)
	b = append(b, l.Owner...)
	b = append(append(append(b, "<d:timeout>Second-"...), strconv.FormatInt(l.Seconds, 10)...), "</d:timeout>"...)
	if l.Member == reader {
		b = append(append(append(b, "<d:locktoken><d:href>"...), l.Token...), "</d:href></d:locktoken>"...)
	}
	if root != "" {
		b = append(dav.AppendText(append(b, "<d:lockroot><d:href>"...), root), "</d:href></d:lockroot>"...)
	}
	return append(b, "</d:activelock>"...)
}

func (c *call) unlock() error {
	token := c.Request.Header.Get("Lock-Token")
	if !strings.HasPrefix(token, "<") || !strings.HasSuffix(token, ">") {
		return fault.New(fault.Malformed, "dav.header_malformed", "name", "Lock-Token")
	}
	err := c.DB.Write(c.Context(), func(ctx context.Context, tx *store.Tx) error {
		at, err := c.drive.find(ctx, tx, c.path)
		if err != nil {
			return err
		}
		return c.drive.unlock(ctx, tx, at, token[1:len(token)-1])
	})
	if err == nil {
		c.Writer.WriteHeader(http.StatusNoContent)
	}
	return err
}

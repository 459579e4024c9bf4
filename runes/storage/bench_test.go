package storage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"runes.im/platform/runekit"
	"runes.im/platform/runetest"
	"runes.im/platform/store"
)

// desktop is what the desktop client asks for in every listing.
const desktop = `<?xml version="1.0" ?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getlastmodified/><d:getcontentlength/>` +
	`<d:getetag/><size xmlns="http://owncloud.org/ns"/><id xmlns="http://owncloud.org/ns"/><fileid xmlns="http://owncloud.org/ns"/>` +
	`<downloadURL xmlns="http://owncloud.org/ns"/><dDC xmlns="http://owncloud.org/ns"/><permissions xmlns="http://owncloud.org/ns"/>` +
	`<checksums xmlns="http://owncloud.org/ns"/><share-types xmlns="http://owncloud.org/ns"/></d:prop></d:propfind>`

func benchClient(b *testing.B) (*runetest.House, *runetest.Person, string) {
	h := runetest.Start(b, []runekit.Rune{Rune})
	p := h.Person("view_storage", "desktop_sync").Device(syncScope)
	return h, p, filesRoot + p.ID
}

func BenchmarkPut4KiB(b *testing.B) {
	h, p, root := benchClient(b)
	content := bytes.Repeat([]byte("x"), 4<<10)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	var n atomic.Int64
	address := numbered127(b, h)
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			body := append([]byte(fmt.Sprint(i)), content[:4088]...)
			req, _ := http.NewRequest("PUT", fmt.Sprintf("%s%s/f%d", address, root, i), bytes.NewReader(body))
			req.SetBasicAuth(p.Email, p.Secret())
			req.Header.Set("X-OC-Mtime", "1700000000")
			resp, err := client.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 201 {
				b.Errorf("status %d", resp.StatusCode)
				return
			}
		}
	})
}

func BenchmarkPropfind5000(b *testing.B) {
	h, p, root := benchClient(b)
	ctx := h.Context()
	t := h.Tenant("acme")
	d, err := openDrive(ctx, t, p.Person)
	if err != nil {
		b.Fatal(err)
	}
	err = t.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := d.makeFolder(ctx, tx, path{"many"}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 5000)
			INSERT INTO storage_nodes (parent, name, kind, size, mtime, etag, content, checksum, stored_at)
			SELECT (SELECT id FROM storage_nodes WHERE name = 'many'), printf('file number %05d.txt', i), 'file', i*17, 1700000000+i,
			lower(hex(randomblob(12))), lower(hex(randomblob(32))), 'SHA1:' || lower(hex(randomblob(20))), '2026-01-01T00:00:00.000Z' FROM c`)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	address := numbered127(b, h)
	b.ResetTimer()
	for b.Loop() {
		req, _ := http.NewRequest("PROPFIND", address+root+"/many/", bytes.NewReader([]byte(desktop)))
		req.SetBasicAuth(p.Email, p.Secret())
		req.Header.Set("Depth", "1")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		n, _ := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 207 || n < 1<<20 {
			b.Fatalf("status %d, %d bytes", resp.StatusCode, n)
		}
	}
}

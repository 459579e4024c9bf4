package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// desktopProps is what a desktop client asks of a folder.
const desktopProps = `<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>` +
	`<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><d:getetag/><oc:size/><oc:id/><oc:fileid/><oc:downloadURL/><oc:dDC/>` +
	`<oc:permissions/><oc:checksums/><oc:share-types/></d:prop></d:propfind>`

// listings measures PROPFIND Depth 1 of folders with 1,000 and 5,000 files.
func listings(ours *runes, _ string) ([]figure, error) {
	var figures []figure
	for _, folder := range []struct {
		entries int
		limit   time.Duration
	}{{1000, 8 * time.Millisecond}, {5000, 80 * time.Millisecond}} {
		path := fmt.Sprintf("/remote.php/webdav/list%d", folder.entries)
		if status, err := ours.request("MKCOL", path, ""); err != nil || status != http.StatusCreated {
			return figures, fmt.Errorf("MKCOL answered %d: %w", status, err)
		}
		for n := range folder.entries {
			status, err := ours.request(http.MethodPut, fmt.Sprintf("%s/Quarterly report %04d.pdf", path, n), fmt.Sprint("content ", n))
			if err != nil || status != http.StatusCreated {
				return figures, fmt.Errorf("PUT answered %d: %w", status, err)
			}
		}
		const rounds = 20
		before := cpu(ours.cmd.Process.Pid)
		for range rounds {
			status, err := ours.request("PROPFIND", path, desktopProps, "Depth", "1")
			if err != nil || status != http.StatusMultiStatus {
				return figures, fmt.Errorf("PROPFIND answered %d: %w", status, err)
			}
		}
		each := (cpu(ours.cmd.Process.Pid) - before) / rounds
		figures = append(figures, figure{
			fmt.Sprintf("PROPFIND Depth 1 of %d entries: CPU", folder.entries), ms(each), "", "<= " + ms(folder.limit), each <= folder.limit,
		})
	}
	return figures, nil
}

// largeDownload compares GET of 512 MB with a bare Go file server.
func largeDownload(ours *runes, scratch string) ([]figure, error) {
	const size = 512 << 20
	dir := filepath.Join(scratch, "bare")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	piece := make([]byte, 1<<20)
	rand.Read(piece)
	content := bytes.Repeat(piece, size>>20)
	if err := os.WriteFile(filepath.Join(dir, "large.bin"), content, 0o644); err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPut, ours.base+"/remote.php/webdav/large.bin", bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(person, ours.secret)
	if status, err := ours.send(req); err != nil || status != http.StatusCreated {
		return nil, fmt.Errorf("PUT answered %d: %w", status, err)
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	bare := exec.CommandContext(ctx, self, "-fileserver", dir)
	bare.Env = append(os.Environ(), "BENCH_ADDR="+addr)
	if err := bare.Start(); err != nil {
		return nil, err
	}
	defer bare.Wait()
	defer cancel()
	if err := ours.awaitReady("http://" + addr + "/"); err != nil {
		return nil, err
	}
	var our, their float64 // best MB/s
	for range 5 {
		t, err := ours.download("http://" + addr + "/large.bin")
		if err != nil {
			return nil, err
		}
		o, err := ours.download(ours.base + "/remote.php/webdav/large.bin")
		if err != nil {
			return nil, err
		}
		their, our = max(their, size/t.Seconds()/1e6), max(our, size/o.Seconds()/1e6)
	}
	return []figure{{
		"GET of 512 MB", fmt.Sprintf("%.0f MB/s", our), fmt.Sprintf("bare Go file server %.0f MB/s (%.2f x)", their, our/their), ">= 0.9 x", our >= 0.9*their,
	}}, nil
}

func (r *runes) download(url string) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(person, r.secret)
	began := time.Now()
	status, err := r.send(req)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET answered %d", status)
	}
	return time.Since(began), err
}

func (r *runes) send(req *http.Request) (int, error) {
	answer, err := r.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"
)

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// browser is one visitor with cookies and an address of its own.
func (r *runes) browser(n byte) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, n)}}
	return &http.Client{
		Jar: jar, Timeout: time.Minute, Transport: &http.Transport{DialContext: from.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, err
}

// get reads a page and says how long it took.
func get(c *http.Client, address string) (string, time.Duration, error) {
	began := time.Now()
	answer, err := c.Get(address)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", address, answer.Status)
	}
	return string(text), time.Since(began), err
}

// signIn goes through the sign-in page and answers the status: 303 is in.
func (r *runes) signIn(c *http.Client) (int, error) {
	page, _, err := get(c, r.base+"/login")
	if err != nil {
		return 0, err
	}
	token := formToken.FindStringSubmatch(page)
	if token == nil {
		return 0, fmt.Errorf("the sign-in page has no form")
	}
	answer, err := c.PostForm(r.base+"/login", url.Values{"csrf": {token[1]}, "email": {person}, "password": {password}})
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// crowd measures how long other pages take while fifty people sign in at once.
func crowd(ours *runes, _ string) ([]figure, error) {
	const people, limit = 50, 500 * time.Millisecond
	reader, err := ours.browser(1)
	if err != nil {
		return nil, err
	}
	if status, err := ours.signIn(reader); err != nil || status != http.StatusSeeOther {
		return nil, fmt.Errorf("sign-in answered %d: %w", status, err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	refused, began := 0, time.Now()
	for n := range people {
		all.Go(func() {
			c, err := ours.browser(byte(n + 2))
			status := 0
			if err == nil {
				status, err = ours.signIn(c)
			}
			if err != nil || status != http.StatusSeeOther {
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	var took []time.Duration
	for busy := true; busy; {
		_, each, err := get(reader, ours.base+"/")
		if err != nil {
			return nil, err
		}
		took = append(took, each)
		select {
		case <-done:
			busy = false
		default:
		}
	}
	whole := time.Since(began)
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	if refused > 0 {
		return nil, fmt.Errorf("%d of %d sign-ins were refused", refused, people)
	}
	return []figure{{
		fmt.Sprintf("Home while %d people sign in at once: 95th percentile", people), ms(p95),
		fmt.Sprintf("%d times, all in after %s", len(took), ms(whole)), "<= " + ms(limit), p95 <= limit,
	}}, nil
}

package storage

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"runes.im/platform/clock"
	"runes.im/platform/device"
	"runes.im/platform/fault"
	"runes.im/platform/store"
	"runes.im/platform/web"
)

// maxClient is how many letters of a program's name are shown and kept.
const maxClient = 80

// beginFlow answers a client that wants a person to let it in. It learns where to ask and which page to open.
func beginFlow(v *web.Visit) error {
	if v.Request.Method != http.MethodPost {
		return wrongVerb(v, http.MethodPost)
	}
	if !memoryOf(v.DB.Memo()).flows.admit(v.Address(), clock.Now(v.Context()), maxCalls, flowFor) {
		return fault.New(fault.TooMany, "storage.too_many_flows")
	}
	server := v.Site()
	poll, page, err := newFlow(v.Context(), v.DB, clientName(v.Request.UserAgent()), server)
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]any{
		"poll":  map[string]string{"token": poll, "endpoint": server + "/index.php/login/v2/poll"},
		"login": server + "/storage/connect/" + page,
	})
}

// clientName is how a program names itself, cut and without anything unprintable.
func clientName(agent string) string {
	agent = strings.ToValidUTF8(agent, "")
	agent = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, agent)
	if utf8.RuneCountInString(agent) > maxClient {
		agent = string([]rune(agent)[:maxClient])
	}
	if agent = strings.TrimSpace(agent); agent == "" {
		agent = "?"
	}
	return agent
}

// pollFlow hands the app password over, once, as soon as somebody confirmed. It is made only now, so that no secret
// ever waits in the database. Everything else is a 404: a client asks again.
func pollFlow(v *web.Visit) error {
	if v.Request.Method != http.MethodPost {
		return wrongVerb(v, http.MethodPost)
	}
	v.Request.Body = http.MaxBytesReader(v.Writer, v.Request.Body, 4<<10)
	if err := v.Request.ParseForm(); err != nil {
		return fault.New(fault.Malformed, "web.malformed")
	}
	f, err := takeFlow(v.Context(), v.DB, v.Request.PostForm.Get("token"))
	if err != nil {
		return err
	}
	if f == nil {
		return v.JSON(http.StatusNotFound, []string{})
	}
	member, err := v.People.Member(v.Context(), v.Tenant, f.Member)
	if err != nil {
		return err
	}
	if member.State() != "active" || !member.Can("desktop_sync") {
		return v.JSON(http.StatusNotFound, []string{})
	}
	ctx := store.WithActor(v.Context(), store.Actor{ID: member.ID, Name: member.Name, Address: v.Address()})
	_, secret, err := v.People.MakeAppPassword(ctx, v.Tenant, member.ID, f.Client, []string{syncScope})
	if err != nil {
		return err
	}
	return v.JSON(http.StatusOK, map[string]string{"server": f.Server, "loginName": member.Email, "appPassword": secret})
}

// wrongVerb is 405 with the one method that is known here.
func wrongVerb(v *web.Visit, method string) error {
	v.Writer.Header().Set("Allow", method)
	v.Writer.WriteHeader(http.StatusMethodNotAllowed)
	return nil
}

// flowPage asks a person whether a program may come in.
type flowPage struct {
	Name                                    string // of the program, for people
	Client                                  string // as it calls itself
	Company, Person, Email, Address, Action string
}

func showConnect(v *web.Visit) error {
	f, err := waitingFlow(v.Context(), v.DB, v.Param("token"))
	if err != nil {
		return err
	}
	v.Title(v.T("storage.connect_device"))
	if f == nil {
		return v.Bare(http.StatusNotFound, "flow_expired", nil)
	}
	name, _, _ := device.Program(v, f.Client)
	return v.Bare(http.StatusOK, "flow_ask", &flowPage{
		Name: name, Client: f.Client, Company: v.Tenant.Name, Person: v.Person.Name,
		Email: v.Person.Email, Address: v.Address(), Action: "/storage/connect/" + v.Param("token"),
	})
}

func letConnect(v *web.Visit) error {
	page := v.Param("token")
	f, err := waitingFlow(v.Context(), v.DB, page)
	if err != nil {
		return err
	}
	v.Title(v.T("storage.connect_device"))
	if f == nil {
		return v.Bare(http.StatusNotFound, "flow_expired", nil)
	}
	granted := false
	err = v.DB.Write(v.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		if v.Form("answer") != "grant" {
			return refuseFlow(ctx, tx, page)
		}
		granted, err = grant(ctx, tx, page, v.Person.ID)
		return err
	})
	switch {
	case err != nil:
		return err
	case v.Form("answer") != "grant":
		return v.Bare(http.StatusOK, "flow_refused", nil)
	case !granted:
		return v.Bare(http.StatusNotFound, "flow_expired", nil)
	}
	name, _, _ := device.Program(v, f.Client)
	return v.Bare(http.StatusOK, "flow_done", &flowPage{Name: name})
}

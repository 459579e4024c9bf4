package shell

import (
	"time"

	"runes.im/platform/fault"
	"runes.im/platform/notify"
	"runes.im/platform/web"
)

// beat is how often a silent stream says that it lives, below the patience of proxies.
const beat = 25 * time.Second

// live carries messages to one open page until its person leaves, signs out or is suspended.
func (s *Shell) live(v *web.Visit) error {
	limits := v.Limits()
	page := s.Hub.Open(v.Tenant.ID, v.Person.ID, v.Person.Session, limits.Streams)
	if page == nil {
		return fault.New(fault.TooMany, "shell.too_many_pages", "max", limits.Streams)
	}
	defer page.Close()
	unread, err := notify.Unread(v.Context(), v.DB, v.Person.ID)
	if err != nil {
		return err
	}
	stream := v.Stream()
	check, pulse := time.NewTicker(limits.Recheck), time.NewTicker(beat)
	defer check.Stop()
	defer pulse.Stop()
	follow := &follower{shell: s, visit: v, stream: stream, told: v.Query("frame")}
	if err = stream.Send("bell", map[string]int{"unread": unread}); err == nil {
		err = follow.look()
	}
	for err == nil {
		select {
		case m := <-page.C:
			// What is not for this person any more is not shown to them, however quick the change was.
			if !v.StillIn() {
				return goodbye(stream)
			}
			err = follow.pass(m)
		case <-check.C:
			if !v.StillIn() {
				return goodbye(stream)
			}
			err = follow.look()
		case <-pulse.C:
			err = stream.Beat()
		case <-page.Gone:
			return goodbye(stream)
		case <-stream.Closing:
			return nil
		case <-v.Tenant.Gone():
			return nil
		case <-v.Context().Done():
			return nil
		}
	}
	return nil // the page was closed while we wrote to it
}

// goodbye tells the page to sign in again; whether it still hears that is its own matter.
func goodbye(stream *web.Stream) error {
	_ = stream.Send("gone", struct{}{})
	return nil
}

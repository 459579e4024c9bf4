package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"runes.im/platform/cert"
	"runes.im/platform/config"
	"runes.im/platform/fault"
	"runes.im/platform/identity"
	"runes.im/platform/notify"
	"runes.im/platform/runekit"
	"runes.im/platform/shell"
	"runes.im/platform/slot"
	"runes.im/platform/web"
)

// Start says how a server begins.
type Start struct {
	Demo         bool      // first make the demo workspace when there is no tenant
	DemoPassword string    // of its people; empty: one is made up
	Out          io.Writer // where the address and the first password are printed
	Log          *slog.Logger
	// Ready is called once the doors are open, with the address of the first one; nil: nobody waits.
	Ready func(a *App, address string)
}

// grace is how long requests in flight may take to end when the server stops.
const grace = 10 * time.Second

// Serve runs the appliance until ctx ends, then stops it in order.
func Serve(ctx context.Context, cfg *config.Config, runes []runekit.Rune, s Start) error {
	a, err := openForServer(ctx, cfg, runes)
	if err != nil {
		return err
	}
	defer a.Close()
	a.log = s.Log
	// What runs outlives the signal to stop, so that it can end well. The clock, the bell and the slots come with it.
	base := a.equip(notify.WithHub(context.WithoutCancel(ctx), a.Hub))
	work, err := a.startWork(base)
	if err != nil {
		return err
	}
	if s.Demo {
		if err := a.makeDemo(base, s.DemoPassword); err != nil {
			return fmt.Errorf("demo workspace: %w", err)
		}
	}
	site, house, err := a.Site()
	if err != nil {
		return err
	}
	doors, err := a.listen(base, site)
	if err != nil {
		return err
	}
	a.address = addressOf(doors)
	a.walk(base, work)
	defer a.stop(work)
	failed := make(chan error, len(doors))
	for _, d := range doors {
		go d.serve(failed)
	}
	a.greet(ctx, s, house.Code())
	if s.Ready != nil {
		s.Ready(a, a.address)
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	a.log.Info("stopping")
	return errors.Join(err, shutDown(doors))
}

// equip lets what is done under ctx ask the slots, and send what the modules declare.
func (a *App) equip(ctx context.Context) context.Context {
	offers := shell.Offers(a.Runes, a.Words)
	ctx = cert.With(identity.WithHouse(ctx, a.People), a.Certs)
	return notify.WithHouse(slot.With(ctx, offers), notify.House{Mailed: shell.Mailed(offers)})
}

// openForServer gives a command that has the directory for a moment time to end; another server is refused at once.
func openForServer(ctx context.Context, cfg *config.Config, runes []runekit.Rune) (*App, error) {
	give := time.Now().Add(patience)
	for {
		a, err := Open(ctx, cfg, runes)
		if !errors.Is(err, errBusy) {
			return a, err
		}
		if serverAnswers(cfg.Data) || time.Now().After(give) {
			return nil, fault.New(fault.Conflict, "app.busy", "dir", cfg.Data)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// door is one listener with the server behind it.
type door struct {
	name   string // http, https, admin
	listen net.Listener
	server *http.Server
	tls    *tls.Config // nil: the door is plain
}

func (d door) serve(failed chan<- error) {
	var err error
	if d.tls != nil {
		d.server.TLSConfig = d.tls
		err = d.server.ServeTLS(d.listen, "", "")
	} else {
		err = d.server.Serve(d.listen)
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		failed <- fmt.Errorf("%s door: %w", d.name, err)
	}
}

// listen opens every door before the first one answers, so that a start fails whole.
func (a *App) listen(base context.Context, site *web.Server) (doors []door, err error) {
	defer func() {
		if err != nil {
			for _, d := range doors {
				d.listen.Close()
			}
		}
	}()
	cfg := a.Config
	secure, err := a.secure()
	if err != nil {
		return nil, err
	}
	for _, d := range []door{
		{name: "http", server: site.HTTP()},
		{name: "https", server: site.HTTP(), tls: secure},
	} {
		address := map[string]string{"http": cfg.HTTP, "https": cfg.HTTPS}[d.name]
		if address == "" {
			continue
		}
		if d.listen, err = net.Listen("tcp", address); err != nil {
			return doors, fault.New(fault.Unavailable, "app.address_taken", "address", address, "flag", d.name, "reason", netReason(err))
		}
		if d.tls == nil {
			d.server.Handler = a.Certs.HTTP(d.server.Handler)
		}
		d.server.BaseContext = func(net.Listener) context.Context { return base }
		doors = append(doors, d)
	}
	admin := door{name: "admin", server: &http.Server{Handler: a.admin(), ReadHeaderTimeout: grace, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}}
	if admin.listen, err = listenAdmin(cfg.Data); err != nil {
		return doors, err
	}
	admin.server.BaseContext = func(net.Listener) context.Context { return base }
	return append(doors, admin), nil
}

// secure is how the HTTPS door shows who it is.
func (a *App) secure() (*tls.Config, error) {
	if a.Config.HTTPS == "" {
		return nil, nil
	}
	if a.Certs.Bare() {
		a.log.Warn("the HTTPS door has no certificate yet: give it one with “runes tls set HOST”", "address", a.Config.HTTPS)
	}
	return a.Certs.TLS()
}

// shutDown closes the doors together: nobody new comes in, those inside may finish.
func shutDown(doors []door) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	ended := make(chan error, len(doors))
	for _, d := range doors {
		go func() {
			err := d.server.Shutdown(ctx)
			if err != nil {
				d.server.Close()
			}
			ended <- err
		}()
	}
	var all error
	for range doors {
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
			all = errors.Join(all, err)
		}
	}
	return all
}

func netReason(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	return err.Error()
}

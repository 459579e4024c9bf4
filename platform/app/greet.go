package app

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// greet says that the server is ready, and prints what a person needs to get in.
func (a *App) greet(ctx context.Context, s Start, code string) {
	address := a.address
	switch {
	case a.Tenants.Empty():
		fmt.Fprintf(s.Out, "\n  RUNES is ready to be set up.\n\n    Address    %s/setup?code=%s\n    Code       %s\n\n", address, code, code)
	case s.Demo:
		if password := a.knownDemoPassword(ctx, s.DemoPassword); password != "" {
			fmt.Fprintf(s.Out, "\n  RUNES is ready, with a demo workspace.\n\n    Address    %s\n    User       %s\n    Password   %s\n\n", address, demoPeople[0].Email, password)
		}
	}
	a.log.Info("ready", "version", Build().Version, "address", address, "data", a.Config.Data)
}

// knownDemoPassword is the first password of the demo's people; empty where the demo does not exist.
func (a *App) knownDemoPassword(ctx context.Context, given string) string {
	t, err := a.Tenants.Enter(ctx, demoSlug)
	if err != nil {
		return ""
	}
	defer t.Leave()
	if given != "" {
		return given
	}
	return demoPassword(t)
}

// addressOf is where a browser on this machine gets in.
func addressOf(doors []door) string {
	for _, d := range doors {
		host, port, err := net.SplitHostPort(d.listen.Addr().String())
		if d.name == "admin" || err != nil {
			continue
		}
		if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
			host = "localhost"
		}
		scheme := d.name
		if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
			return scheme + "://" + host
		}
		return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	return ""
}

// url is the address of a host name at the door that the server opened first.
func (a *App) url(host string) string {
	u, err := url.Parse(a.address)
	if err != nil || u.Host == "" {
		return "http://" + host // a command without a server knows no port
	}
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	return u.Scheme + "://" + host
}

package main

import (
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

func serveCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Run the appliance", Args: cobra.NoArgs}
	f := cmd.Flags()
	f.String("http", "", "address of the plain door (default :8080)")
	f.String("https", "", "address of the TLS door; certificates come from --acme, --tls-cert or “runes tls set”")
	f.String("tls-cert", "", "file of the certificate chain")
	f.String("tls-key", "", "file of the certificate's key")
	f.String("acme", "", "get certificates by ACME and accept the terms of the authority, which may write to this e-mail address")
	f.String("acme-directory", "", "the authority (default Let's Encrypt)")
	f.StringArray("host", nil, "further name of the only organisation; may be given again")
	f.String("public-port", "", "port of the links people get, where something in front changes it (default the door's own)")
	f.String("trusted-proxies", "", "addresses whose forwarded headers count")
	f.String("storage-quota", "", "what a person may store, like 10GB (default no limit)")
	f.String("places", "", "file in the MaxMind format that says where addresses are; nothing is sent out (default none)")
	f.String("max-connections", "", "connections at once from one address; 0 is no limit (default 1024)")
	f.String("dns", "", "name server, like 9.9.9.9:53, that proofs of domains are looked up at (default the machine's)")
	f.String("log-format", "", "json or text (default text on a terminal)")
	f.String("organisations", "", "who makes organisations: single, operator or self-service (default single)")
	f.String("registration", "", "who may register an account: invitation, open, or domains of addresses, separated by commas (default invitation)")
	f.String("prices", "", "file of the price list (default everything is included)")
	f.Bool("dev", false, "development: the gallery of parts is reachable")
	mark(f, "http", "https", "tls-cert", "tls-key", "acme", "acme-directory", "host", "public-port", "trusted-proxies", "storage-quota", "max-connections", "dns", "places", "log-format", "organisations", "registration", "prices", "dev")
	demo := f.Bool("demo", false, "first make the demo workspace if the directory is empty")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		cfg, err := settings(cmd)
		if err != nil {
			return err
		}
		log := app.Logger(cfg, c.errs)
		slog.SetDefault(log)
		collectLess()
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return app.Serve(ctx, cfg, installed(), app.Start{Demo: *demo, DemoPassword: os.Getenv("RUNES_DEMO_PASSWORD"), Out: c.out, Log: log})
	})
	return cmd
}

// collectLess lets the heap grow further between two collections than a Go program does by itself: what lives is a few
// megabytes, so that collecting often costs much and saves little. Whoever sets GOGC knows better.
func collectLess() {
	const percent = 300
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

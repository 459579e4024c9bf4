package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

// tlsCommand brings certificates for the names of the HTTPS door. They work from the next connection on.
func tlsCommand(c *console) *cobra.Command {
	return group("tls", "Certificates of the HTTPS door", listCerts(c), setCert(c), removeCert(c))
}

func listCerts(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List every name with its certificate, where that comes from and when it ends", Args: cobra.NoArgs}
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.CertInfo](cmd, "tls.list", struct{}{})
		if err != nil {
			return err
		}
		return show(c, all, func(w io.Writer) {
			for _, i := range all {
				showCert(w, i)
			}
		})
	})
	return cmd
}

func showCert(w io.Writer, i app.CertInfo) {
	where := map[string]string{"upload": "uploaded", "acme": "from the authority (ACME)", "file": "the server's own files"}[i.Source]
	until := "until " + i.Until.Format(time.DateOnly)
	switch {
	case i.Source == "" && i.Asked && i.Problem == "":
		where, until = "none yet", "the authority is asked at the first visit"
	case i.Source == "":
		where, until = "none", ""
	case !i.Fits:
		until = "for other names, browsers warn"
	case i.Ended:
		until = "ENDED on " + i.Until.Format(time.DateOnly)
	case i.Ends:
		until += ", to be replaced soon"
	}
	if i.Problem != "" {
		until = strings.TrimSpace(until + " next try " + i.NextTry.Format(time.DateTime) + ": " + oneLine(i.Problem))
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.Host, where, i.Issuer, until)
}

// setCert names the key's file --private-key: --key is that of the master key, here as everywhere.
func setCert(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "set HOST", Short: "Give a name its certificate, in the place of an earlier one; HOST may be *.BASE-DOMAIN", Args: cobra.ExactArgs(1)}
	need(cmd, "cert file of the certificate and its chain, PEM", "private-key file of its private key, PEM, without a passphrase")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return do(func(cmd *cobra.Command) error {
			chain, err := os.ReadFile(text(cmd, "cert"))
			if err != nil {
				return fmt.Errorf("the certificate cannot be read: %w", err)
			}
			key, err := os.ReadFile(text(cmd, "private-key"))
			if err != nil {
				return fmt.Errorf("the private key cannot be read: %w", err)
			}
			i, err := ask[app.CertInfo](cmd, "tls.set", app.CertArgs{Host: args[0], Chain: string(chain), Key: string(key)})
			if err != nil {
				return err
			}
			return show(c, i, func(w io.Writer) { showCert(w, i) })
		})(cmd, args)
	}
	return cmd
}

func removeCert(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "remove HOST", Short: "Forget the certificate that a name was given", Args: cobra.ExactArgs(1)}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return do(func(cmd *cobra.Command) error {
			i, err := ask[app.CertInfo](cmd, "tls.remove", app.HostNameArgs{Host: args[0]})
			if err != nil {
				return err
			}
			return show(c, i, func(w io.Writer) { showCert(w, i) })
		})(cmd, args)
	}
	return cmd
}

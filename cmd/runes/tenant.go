package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"runes.im/platform/app"
)

func listTenants(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the organisations with what they take", Args: cobra.NoArgs}
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.TenantUse](cmd, "tenant.list", struct{}{})
		if err != nil {
			return err
		}
		return show(c, all, func(w io.Writer) {
			for _, t := range all {
				last := "never used"
				if !t.LastUse.IsZero() {
					last = t.LastUse.Format("2006-01-02 15:04")
				}
				if !t.DeleteAt.IsZero() {
					last = "is deleted on " + t.DeleteAt.Format("2006-01-02 15:04")
				}
				if t.Trouble != "" {
					last = t.Trouble
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d MB\t%d people\t%d runes\t%s\n",
					t.Slug, t.Name, t.State, t.Host, (t.Bytes+999_999)/1_000_000, t.Members, len(t.Runes), last)
			}
		})
	})
	return cmd
}

// ofTenant names the organisation of a command: with --slug as it was made, or with --tenant as everywhere else.
func ofTenant(cmd *cobra.Command) {
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "tenant" {
			name = "slug"
		}
		return pflag.NormalizedName(name)
	})
	need(cmd, "slug short name of the organisation (--tenant is the same)")
}

func turnTenant(c *console, name, short string) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	ofTenant(cmd)
	cmd.RunE = do(func(cmd *cobra.Command) error {
		t, err := ask[app.TenantInfo](cmd, "tenant."+name, app.TenantArgs{Slug: text(cmd, "slug")})
		if err != nil {
			return err
		}
		return show(c, t, func(w io.Writer) { fmt.Fprintf(w, "%s is %s.\n", t.Name, t.State) })
	})
	return cmd
}

// deleteTenant asks for the short name again: nobody deletes an organisation by a slip of the hand.
func deleteTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "delete", Short: "Take an organisation out; its folder is kept aside", Args: cobra.NoArgs}
	ofTenant(cmd)
	sure := cmd.Flags().Bool("yes", false, "do not ask")
	days := cmd.Flags().Int("days", 0, "close it now and delete it after so many days; until then “runes tenant keep” takes it back")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		slug := text(cmd, "slug")
		if !*sure {
			fmt.Fprintf(c.errs, "Nobody can open %s any more after this. Type %s to delete it: ", slug, slug)
			typed, err := bufio.NewReader(io.LimitReader(c.in, 1000)).ReadString('\n')
			if err != nil && err != io.EOF {
				return err
			}
			if strings.TrimSpace(typed) != slug {
				return fmt.Errorf("nothing was deleted: what was typed is not %s", slug)
			}
		}
		d, err := ask[app.Deleted](cmd, "tenant.delete", app.DeleteArgs{Slug: slug, Days: *days})
		if err != nil {
			return err
		}
		return show(c, d, func(w io.Writer) {
			if d.Days > 0 {
				fmt.Fprintf(w, "%s is closed and will be deleted in %d days. Take that back with: runes tenant keep --slug %s\n", d.Slug, d.Days, d.Slug)
				return
			}
			fmt.Fprintf(w, "%s was deleted. Its files are kept in %s until you remove them.\n", d.Slug, d.Kept)
		})
	})
	return cmd
}

// exportTenant opens the file before anything else: beside a server of another user this program goes on as that user.
func exportTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "export FILE", Short: "Write an organisation with its files and people into one archive", Args: cobra.ExactArgs(1)}
	ofTenant(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return do(func(cmd *cobra.Command) (err error) {
			cfg, err := settings(cmd)
			if err != nil {
				return err
			}
			out, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // nothing is written over
			if err != nil {
				return err
			}
			made, err := app.Export(cmd.Context(), cfg, installed(), text(cmd, "slug"), out)
			if closed := out.Close(); err == nil {
				err = closed
			}
			if err != nil {
				os.Remove(args[0])
				return err
			}
			return show(c, made, func(w io.Writer) {
				fmt.Fprintf(w, "%s was written to %s: %d bytes, %d large files. It holds everything, keep it safe.\n", made.Name, args[0], made.Bytes, made.Files)
			})
		})(cmd, args)
	}
	return cmd
}

func importTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "import FILE", Short: "Make an organisation of an archive", Args: cobra.ExactArgs(1)}
	cmd.Flags().String("source-key", "", "file of the master key the archive was made under, when it comes from another appliance")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return do(func(cmd *cobra.Command) error {
			cfg, err := settings(cmd)
			if err != nil {
				return err
			}
			var key []byte
			if name := text(cmd, "source-key"); name != "" {
				if key, err = os.ReadFile(name); err != nil {
					return err
				}
			}
			in, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			made, err := app.Import(cmd.Context(), cfg, installed(), in, string(key))
			if err != nil {
				return err
			}
			return show(c, made, func(w io.Writer) { fmt.Fprintf(w, "%s is ready at %s.\n", made.Name, made.Host) })
		})(cmd, args)
	}
	return cmd
}

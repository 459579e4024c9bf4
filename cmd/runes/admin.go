package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

// ask runs one administrative command beside a running server or without one.
func ask[T any](cmd *cobra.Command, name string, args any) (T, error) {
	var answer T
	cfg, err := settings(cmd)
	if err != nil {
		return answer, err
	}
	err = app.Call(cmd.Context(), cfg, installed(), name, args, &answer)
	return answer, err
}

// show prints the answer as JSON when asked for, else as people read it.
func show(c *console, answer any, plain func(w io.Writer)) error {
	if c.json {
		e := json.NewEncoder(c.out)
		e.SetIndent("", "  ")
		return e.Encode(answer)
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	plain(w)
	return w.Flush()
}

// secretFrom reads a password from a file or, with -, from the standard input: never from the command line, where
// every user of the machine could see it.
func secretFrom(c *console, cmd *cobra.Command) (string, error) {
	name, err := cmd.Flags().GetString("password-file")
	if err != nil {
		return "", err
	}
	var raw []byte
	if name == "-" {
		raw, err = io.ReadAll(io.LimitReader(c.in, 64<<10))
	} else {
		raw, err = os.ReadFile(name)
	}
	if err != nil {
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// need makes flags that have no default.
func need(cmd *cobra.Command, flags ...string) {
	for _, f := range flags {
		name, help, _ := strings.Cut(f, " ")
		cmd.Flags().String(name, "", help)
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag was made one line above
		}
	}
}

func text(cmd *cobra.Command, flag string) string { return cmd.Flags().Lookup(flag).Value.String() }

const passwordFlag = "password-file file that holds the password; - reads it from the standard input"

func setupCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "setup", Short: "Make the first organisation and its owner", Args: cobra.NoArgs}
	need(cmd, "company name of the organisation", "slug short name in addresses, like acme", "email the owner's address", "name the owner's name", passwordFlag)
	cmd.Flags().String("locale", "en", "default language: en, de, fr, it")
	cmd.Flags().String("zone", "UTC", "default time zone, like Europe/Zurich")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		password, err := secretFrom(c, cmd)
		if err != nil {
			return err
		}
		made, err := ask[app.SetupInfo](cmd, "setup", app.Setup{
			Company: text(cmd, "company"), Slug: text(cmd, "slug"), Email: text(cmd, "email"), Name: text(cmd, "name"),
			Password: password, Locale: text(cmd, "locale"), Zone: text(cmd, "zone"),
		})
		if err != nil {
			return err
		}
		return show(c, made, func(w io.Writer) {
			fmt.Fprintf(w, "%s is ready at %s. Its owner is %s.\n", made.Tenant.Name, made.Tenant.Host, made.Owner.Email)
		})
	})
	return cmd
}

func tenantCommand(c *console) *cobra.Command {
	create := &cobra.Command{Use: "create", Short: "Make an organisation", Args: cobra.NoArgs}
	need(create, "slug short name in addresses, like acme", "name name of the organisation")
	create.Flags().String("locale", "en", "default language: en, de, fr, it")
	create.Flags().String("zone", "UTC", "default time zone, like Europe/Zurich")
	create.Flags().String("email", "", "its owner's address")
	create.Flags().String("owner", "", "its owner's name")
	create.Flags().String("password-file", "", "file that holds the owner's password; - reads it from the standard input")
	create.MarkFlagsRequiredTogether("email", "owner", "password-file")
	create.RunE = do(func(cmd *cobra.Command) error {
		asked := app.NewTenant{Slug: text(cmd, "slug"), Name: text(cmd, "name"), Locale: text(cmd, "locale"), Zone: text(cmd, "zone")}
		if text(cmd, "email") != "" {
			password, err := secretFrom(c, cmd)
			if err != nil {
				return err
			}
			asked.Owner = app.NewOwner{Email: text(cmd, "email"), Name: text(cmd, "owner"), Password: password}
		}
		made, err := ask[app.TenantInfo](cmd, "tenant.create", asked)
		if err != nil {
			return err
		}
		return show(c, made, func(w io.Writer) { fmt.Fprintf(w, "%s is ready at %s.\n", made.Name, made.Host) })
	})
	return group("tenant", "Organisations of this appliance", create, listTenants(c),
		turnTenant(c, "suspend", "Close an organisation to everybody and keep its data"), turnTenant(c, "resume", "Open a suspended organisation again"),
		deleteTenant(c), turnTenant(c, "keep", "Take a deletion back that is not done yet"), limitTenant(c), ownerOfTenant(c), hostOfTenant(c), exportTenant(c), importTenant(c))
}

func verifyCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "verify", Short: "Check every database, every file content and the audit chain", Args: cobra.NoArgs}
	var args app.VerifyArgs
	cmd.Flags().BoolVar(&args.Quick, "quick", false, "compare file contents by size only, without reading them")
	cmd.Flags().BoolVar(&args.Repair, "repair", false, "first remove what a crash left behind: contents that nobody uses")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		found, err := ask[app.Verdict](cmd, "verify", args)
		if err != nil {
			return err
		}
		err = show(c, found, func(w io.Writer) {
			if found.Removed > 0 {
				fmt.Fprintf(w, "Removed %d leftovers.\n", found.Removed)
			}
			for _, p := range found.Problems {
				fmt.Fprintln(w, p)
			}
			if len(found.Problems) == 0 {
				fmt.Fprintf(w, "Sound: %d tenants, %d databases.\n", found.Tenants, found.Databases)
			}
		})
		if err == nil && len(found.Problems) > 0 {
			err = fmt.Errorf("%d problems were found", len(found.Problems))
		}
		return err
	})
	return cmd
}

func keyCommand(c *console) *cobra.Command {
	rotate := &cobra.Command{Use: "rotate", Short: "Replace the master key and wrap every tenant's key with the new one", Args: cobra.NoArgs}
	rotate.RunE = do(func(cmd *cobra.Command) error {
		done, err := ask[app.Rotated](cmd, "key.rotate", struct{}{})
		if err != nil {
			return err
		}
		return show(c, done, func(w io.Writer) {
			fmt.Fprintf(w, "The master key in %s is new; %d tenants use it.\n", done.File, done.Tenants)
		})
	})
	return group("key", "The master key of secrets at rest", rotate)
}

func versionCommand(c *console) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print version, commit and Go version", Args: cobra.NoArgs, RunE: do(func(*cobra.Command) error {
		v := app.Build()
		return show(c, v, func(w io.Writer) { fmt.Fprintf(w, "runes %s (commit %s, %s)\n", v.Version, v.Commit, v.Go) })
	})}
}

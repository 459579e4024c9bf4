package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

func runeCommand(c *console) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "List the modules and whether they are active", Args: cobra.NoArgs}
	need(list, "tenant short name of the organisation")
	list.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.RuneInfo](cmd, "rune.list", app.RuneArgs{Tenant: text(cmd, "tenant")})
		if err != nil {
			return err
		}
		return show(c, all, func(w io.Writer) {
			for _, r := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Title, r.Version, r.State)
			}
		})
	})
	return group("rune", "Modules of an organisation", list,
		switchRune(c, "activate", "Let people use a module; data of before comes back"),
		switchRune(c, "suspend", "Take a module out of reach and keep its data"))
}

// switchRune is a command on the rune that its only argument names.
func switchRune(c *console, name, short string) *cobra.Command {
	cmd := &cobra.Command{Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1)}
	need(cmd, "tenant short name of the organisation")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return do(func(cmd *cobra.Command) error {
			r, err := ask[app.RuneInfo](cmd, "rune."+name, app.RuneArgs{Tenant: text(cmd, "tenant"), Name: args[0]})
			if err != nil {
				return err
			}
			return show(c, r, func(w io.Writer) {
				fmt.Fprintf(w, "%s is %s.\n", r.Name, r.State)
				if r.State == "active" && len(r.Roles) > 0 {
					fmt.Fprintf(w, "It suggests roles: %s. Whoever manages roles makes them under Permissions & Roles.\n", strings.Join(r.Roles, ", "))
				}
			})
		})(cmd, args)
	}
	return cmd
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
	"runes.im/platform/config"
)

// operatorCommand names the accounts that see the operator's pages on the appliance's own host.
func operatorCommand(c *console) *cobra.Command {
	return group("operator", "Accounts that run the appliance in the browser", listOperators(c),
		turnOperator(c, "add", "Let an account make, close and limit organisations"), turnOperator(c, "remove", "Take that away again"))
}

func listOperators(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List them", Args: cobra.NoArgs}
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.OperatorInfo](cmd, "operator.list", struct{}{})
		if err != nil {
			return err
		}
		return showOperators(c, all)
	})
	return cmd
}

func turnOperator(c *console, name, short string) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs}
	need(cmd, "email address of an account that belongs to some organisation")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.OperatorInfo](cmd, "operator."+name, app.OperatorArgs{Email: text(cmd, "email")})
		if err != nil {
			return err
		}
		return showOperators(c, all)
	})
	return cmd
}

func showOperators(c *console, all []app.OperatorInfo) error {
	return show(c, all, func(w io.Writer) {
		for _, o := range all {
			fmt.Fprintf(w, "%s\t%s\n", o.Email, o.Name)
		}
		if len(all) == 0 {
			fmt.Fprintln(w, "Nobody runs this appliance in the browser.")
		}
	})
}

// limitTenant changes only the limits that are given.
func limitTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "limit", Short: "Say what an organisation may use; 0 and “all” are no limit", Args: cobra.NoArgs}
	ofTenant(cmd)
	storage := cmd.Flags().String("storage", "", "what its files may take together, like 50GB")
	members := cmd.Flags().Int("members", 0, "how many people it may have, invitations included")
	runes := cmd.Flags().String("runes", "", "modules that may be active, separated by commas, or all; others are suspended")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		asked := app.LimitArgs{Slug: text(cmd, "slug")}
		if cmd.Flags().Changed("storage") {
			bytes, err := config.Size(*storage)
			if err != nil {
				return err
			}
			asked.Storage = &bytes
		}
		if cmd.Flags().Changed("members") {
			asked.Members = members
		}
		if cmd.Flags().Changed("runes") {
			allowed := []string{}
			if *runes != "all" {
				allowed = strings.FieldsFunc(*runes, func(r rune) bool { return r == ',' || r == ' ' })
			}
			asked.Runes = &allowed
		}
		t, err := ask[app.TenantUse](cmd, "tenant.limit", asked)
		if err != nil {
			return err
		}
		return show(c, t, func(w io.Writer) {
			fmt.Fprintf(w, "storage\t%s\nmembers\t%s\nmodules\t%s\n", limitOf(t.Limits.Storage, " bytes"), limitOf(int64(t.Limits.Members), ""), modules(t.Limits.Runes))
		})
	})
	return cmd
}

func limitOf(n int64, unit string) string {
	if n == 0 {
		return "no limit"
	}
	return fmt.Sprint(n, unit)
}

func modules(runes []string) string {
	if len(runes) == 0 {
		return "all"
	}
	return strings.Join(runes, ", ")
}

func ownerOfTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "owner", Short: "Print a link that makes somebody the owner of an organisation without one", Args: cobra.NoArgs}
	ofTenant(cmd)
	need(cmd, "email the owner's address", "name the owner's name")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		asked, err := ask[app.Asked](cmd, "tenant.owner", app.OwnerArgs{Slug: text(cmd, "slug"), Email: text(cmd, "email"), Name: text(cmd, "name")})
		if err != nil {
			return err
		}
		return show(c, asked, func(w io.Writer) { fmt.Fprintln(w, asked.Link) })
	})
	return cmd
}

// hostOfTenant gives the operator's word about domains, where nobody can look up a proof.
func hostOfTenant(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "host", Short: "Show the domains of an organisation; add or remove one without a proof", Args: cobra.NoArgs}
	ofTenant(cmd)
	add := cmd.Flags().String("add", "", "domain that leads to it from now on, like work.acme.example")
	remove := cmd.Flags().String("remove", "", "domain that leads to it no longer")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		h, err := ask[app.HostsInfo](cmd, "tenant.host", app.HostArgs{Slug: text(cmd, "slug"), Add: *add, Remove: *remove})
		if err != nil {
			return err
		}
		return show(c, h, func(w io.Writer) {
			fmt.Fprintf(w, "%s\talways\n", h.Address)
			for _, host := range h.Hosts {
				fmt.Fprintf(w, "%s\tleads here\n", host)
			}
			for _, host := range h.Waiting {
				fmt.Fprintf(w, "%s\twaits for its proof\n", host)
			}
		})
	})
	return cmd
}

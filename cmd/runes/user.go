package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

func userCommand(c *console) *cobra.Command {
	return group("user", "People of an organisation",
		listUsers(c), addUser(c), passwd(c), appPassword(c), apiToken(c), exportUser(c),
		changeState(c, "suspend", "Take a person's access away and keep their data"),
		changeState(c, "resume", "Give a suspended person access again"))
}

// userDo is a command on the people of --tenant that answers with T.
func userDo[T any](c *console, cmd *cobra.Command, name string, fill func(*app.UserArgs), plain func(io.Writer, T)) *cobra.Command {
	cmd.Args = cobra.NoArgs
	need(cmd, "tenant short name of the organisation")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		args := app.UserArgs{Tenant: text(cmd, "tenant")}
		if cmd.Flags().Lookup("email") != nil {
			args.Email = text(cmd, "email")
		}
		if cmd.Flags().Lookup("password-file") != nil {
			password, err := secretFrom(c, cmd)
			if err != nil {
				return err
			}
			args.Password = password
		}
		fill(&args)
		answer, err := ask[T](cmd, name, args)
		if err != nil {
			return err
		}
		return show(c, answer, func(w io.Writer) { plain(w, answer) })
	})
	return cmd
}

func unchanged(*app.UserArgs) {}

func listUsers(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the people"}
	return userDo(c, cmd, "user.list", unchanged, func(w io.Writer, all []app.UserInfo) {
		for _, u := range all {
			owner := ""
			if u.Owner {
				owner = "owner"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Email, u.Name, u.State, owner)
		}
	})
}

func addUser(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "add", Short: "Add a person"}
	need(cmd, "email the person's address", "name the person's name", passwordFlag)
	cmd.Flags().String("role", "", "name of a role: admin, employee, guest or one of your own (default employee)")
	fill := func(a *app.UserArgs) { a.Name, a.Role = text(cmd, "name"), text(cmd, "role") }
	return userDo(c, cmd, "user.add", fill, func(w io.Writer, u app.UserInfo) {
		fmt.Fprintf(w, "%s was added.\n", u.Email)
	})
}

func passwd(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "passwd", Short: "Set a person's password and end their sessions"}
	need(cmd, "email the person's address", passwordFlag)
	return userDo(c, cmd, "user.passwd", unchanged, func(w io.Writer, u app.UserInfo) {
		fmt.Fprintf(w, "%s has a new password.\n", u.Email)
	})
}

func appPassword(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "app-password", Short: "Make a password for a client program and print it once"}
	need(cmd, "email the person's address")
	cmd.Flags().String("label", "Command line", "name of the device or program")
	scopes := cmd.Flags().StringSlice("scope", []string{"sync"}, "what it opens: sync (files)")
	fill := func(a *app.UserArgs) { a.Label, a.Scopes = text(cmd, "label"), *scopes }
	return userDo(c, cmd, "user.app-password", fill, func(w io.Writer, p app.AppPasswordInfo) {
		fmt.Fprintln(w, p.Secret)
	})
}

func apiToken(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "api-token", Short: "Make a token for a program that uses the API and print it once"}
	need(cmd, "email the person's address")
	cmd.Flags().String("label", "Command line", "name of the program")
	scopes := cmd.Flags().StringSlice("scope", nil, "permissions of the person that the token gets, separated by commas")
	days := cmd.Flags().Int("days", 90, "how long it lasts")
	fill := func(a *app.UserArgs) { a.Label, a.Scopes, a.Days = text(cmd, "label"), *scopes, *days }
	return userDo(c, cmd, "user.api-token", fill, func(w io.Writer, t app.APITokenInfo) {
		fmt.Fprintln(w, t.Secret)
	})
}

func changeState(c *console, name, short string) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short}
	need(cmd, "email the person's address")
	return userDo(c, cmd, "user."+name, unchanged, func(w io.Writer, u app.UserInfo) {
		fmt.Fprintf(w, "%s is %s.\n", u.Email, u.State)
	})
}

package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

// exportUser writes what is known about a person to a file that only its owner reads.
func exportUser(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "export FILE", Short: "Write everything that is known about a person, as JSON", Args: cobra.ExactArgs(1)}
	need(cmd, "tenant short name of the organisation", "email the person's address, of a member or of somebody outside")
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		return do(func(cmd *cobra.Command) error {
			answer, err := ask[app.Copy](cmd, "user.export", app.UserArgs{Tenant: text(cmd, "tenant"), Email: text(cmd, "email")})
			if err != nil {
				return err
			}
			raw, err := json.MarshalIndent(answer, "", "  ")
			if err != nil {
				return err
			}
			f, err := os.OpenFile(files[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // nothing is written over
			if err != nil {
				return err
			}
			_, err = f.Write(append(raw, '\n'))
			if closed := f.Close(); err == nil {
				err = closed
			}
			if err == nil {
				fmt.Fprintf(c.out, "What is known in %d places was written to %s.\n", len(answer.Known), files[0])
			}
			return err
		})(cmd, files)
	}
	return cmd
}

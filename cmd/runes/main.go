// Command runes is the appliance: one binary that serves the workspace and carries the administrator's commands.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"runes.im/platform/app"
	"runes.im/platform/config"
)

func main() {
	// Whatever the program writes is for its own user alone.
	syscall.Umask(0o077)
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// failed marks an error of a command that was called rightly; every other error is wrong usage.
type failed struct{ error }

func (f failed) Unwrap() error { return f.error }

// run is the whole program: 0 done, 1 failed, 2 wrong usage.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	root := commands(&console{in: in, out: out, errs: errs})
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.Execute()
	if err == nil {
		return 0
	}
	var f failed
	if errors.As(err, &f) {
		fmt.Fprintln(errs, "runes:", oneLine(app.Sentence(f.error)))
		return 1
	}
	fmt.Fprintf(errs, "runes: %s (see runes help)\n", oneLine(err.Error()))
	return 2
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// console is where a command reads and writes, and how.
type console struct {
	in        io.Reader
	out, errs io.Writer
	json      bool
}

func commands(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:           "runes",
		Short:         "RUNES is a company's workspace on its own machine: files, people, and a real sync server.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.String("data", "", "data directory (default ./runes-data)")
	flags.String("key", "", "file of the master key (default /etc/runes/runes.key, else DIR.key beside the data directory)")
	flags.String("config", "", "settings file (default /etc/runes/runes.toml)")
	flags.String("base-domain", "", "tenants are SLUG.BASE-DOMAIN (default localhost)")
	mark(flags, "data", "key", "base-domain")
	flags.BoolVar(&c.json, "json", false, "print machine-readable JSON")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(c), setupCommand(c), tenantCommand(c), operatorCommand(c), userCommand(c), runeCommand(c), quoteCommand(c), verifyCommand(c), keyCommand(c), tlsCommand(c), versionCommand(c))
	return root
}

// do runs a command's work; its errors are failures, not wrong usage.
func do(fn func(cmd *cobra.Command) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		if err := fn(cmd); err != nil {
			return failed{err}
		}
		return nil
	}
}

// group is a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s needs one of its commands", cmd.CommandPath())
	}}
	c.AddCommand(subs...)
	return c
}

// isSetting marks a flag that stands in the settings file as well.
const isSetting = "runes_setting"

func mark(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		flags.Lookup(name).Annotations = map[string][]string{isSetting: {"yes"}}
	}
}

// settings reads the configuration: what was given on the command line goes over the environment and the file.
func settings(cmd *cobra.Command) (*config.Config, error) {
	given := map[string]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Annotations[isSetting] == nil {
			return
		}
		given[f.Name] = f.Value.String()
		if many, err := cmd.Flags().GetStringArray(f.Name); err == nil {
			given[f.Name] = strings.Join(many, ",")
		}
	})
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	return config.Load(file, os.Environ(), given)
}

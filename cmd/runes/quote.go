package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"runes.im/platform/app"
)

// quoteCommand is for the questions for a price that people send from the wizard.
func quoteCommand(c *console) *cobra.Command {
	return group("quote", "Questions for a price from people who make an organisation", listQuotes(c), answerQuote(c))
}

func listQuotes(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List them, those that wait in front", Args: cobra.NoArgs}
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.QuoteInfo](cmd, "quote.list", struct{}{})
		if err != nil {
			return err
		}
		return showQuotes(c, all)
	})
	return cmd
}

func answerQuote(c *console) *cobra.Command {
	cmd := &cobra.Command{Use: "answer", Short: "Note what they were told; their organisation is no longer waiting then", Args: cobra.NoArgs}
	need(cmd, "id of the question", "text what they were told")
	cmd.RunE = do(func(cmd *cobra.Command) error {
		all, err := ask[[]app.QuoteInfo](cmd, "quote.answer", app.QuoteArgs{ID: text(cmd, "id"), Answer: text(cmd, "text")})
		if err != nil {
			return err
		}
		return showQuotes(c, all)
	})
	return cmd
}

func showQuotes(c *console, all []app.QuoteInfo) error {
	return show(c, all, func(w io.Writer) {
		for _, q := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d people\t%s\t%s\n", q.ID, q.State, q.MadeAt.Format("2006-01-02 15:04"), q.Company,
				oneLine(q.Name+" <"+q.Email+">"), q.People, strings.Join(q.Runes, ", "), oneLine(q.Message))
		}
		if len(all) == 0 {
			fmt.Fprintln(w, "Nobody asked for a price.")
		}
	})
}

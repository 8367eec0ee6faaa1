package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/operator"
)

func quarantineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "Look at what a registry keeps apart, and release it",
		Long: `Look at what the policy of a registry keeps apart: it is stored, and nobody can list
or pull it before it is released.`,
	}
	cmd.AddCommand(quarantineListCommand(), quarantineReleaseCommand(), quarantineRemoveCommand())
	return cmd
}

func quarantineListCommand() *cobra.Command {
	var o owned
	var output string
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List what is in quarantine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("output is %q: want text or json", output)
			}
			return withAdmission(cmd, o, func(a operator.Admission) error {
				all, err := quarantined(cmd, a)
				if err != nil {
					return err
				}
				if output == "json" {
					return printJSON(cmd.OutOrStdout(), map[string]any{"artifacts": all})
				}
				return printQuarantine(cmd, all)
			})
		},
	}
	o.addFlags(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "text", "form of the answer: text or json")
	return cmd
}

// quarantined reads all pages.
func quarantined(cmd *cobra.Command, a operator.Admission) ([]operator.Quarantined, error) {
	all := []operator.Quarantined{}
	for after := int64(0); ; {
		page, err := a.Quarantine(cmd.Context(), after)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Artifacts...)
		if page.Next <= after {
			return all, nil
		}
		after = page.Next
	}
}

func printQuarantine(cmd *cobra.Command, all []operator.Quarantined) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "nothing is in quarantine")
		return err
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REFERENCE\tTAGS\tTYPE\tSINCE\tREASON")
	for _, q := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", printable(q.Reference), printable(strings.Join(q.Tags, ",")), q.Type, q.Since.Format(time.RFC3339), printable(q.Reason))
	}
	return w.Flush()
}

func quarantineReleaseCommand() *cobra.Command {
	return quarantineChange(&cobra.Command{
		Use:   "release REFERENCE...",
		Short: "Have artifacts, and what they name, listed and pulled from now on",
	}, "released", func(cmd *cobra.Command, a operator.Admission, reference string) ([]string, error) {
		return a.Release(cmd.Context(), reference)
	})
}

func quarantineRemoveCommand() *cobra.Command {
	return quarantineChange(&cobra.Command{
		Use:     "rm REFERENCE...",
		Aliases: []string{"delete"},
		Short:   "Delete artifacts that are in quarantine, with their tags",
	}, "deleted", func(cmd *cobra.Command, a operator.Admission, reference string) ([]string, error) {
		return a.Discard(cmd.Context(), reference)
	})
}

// quarantineChange is a command that does something with each of its arguments,
// REPOSITORY:TAG or REPOSITORY@DIGEST.
func quarantineChange(cmd *cobra.Command, done string, do func(*cobra.Command, operator.Admission, string) ([]string, error)) *cobra.Command {
	var o owned
	cmd.Long = cmd.Short + ": REPOSITORY:TAG or REPOSITORY@DIGEST,\nas 'argosy quarantine ls' prints them."
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withAdmission(cmd, o, func(a operator.Admission) error {
			for _, reference := range args {
				all, err := do(cmd, a, local(reference))
				if err != nil {
					return err
				}
				for _, one := range all {
					fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", done, printable(one))
				}
			}
			return nil
		})
	}
	o.addFlags(cmd)
	return cmd
}

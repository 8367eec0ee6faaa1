package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
)

func typesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "types", Short: "Look into the catalog of artifact types"}
	cmd.AddCommand(typesListCommand())
	return cmd
}

func typesListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "List the types that are known", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			catalog, err := artifact.Builtin()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tTITLE\tPUBLISHER")
			for _, t := range catalog.Types() {
				fmt.Fprintf(w, "%s\t%s\t%s\n", t.ID, t.Title, t.Publisher)
			}
			return w.Flush()
		},
	}
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/operator"
)

func typesDiffCommand() *cobra.Command {
	var o remote
	var verify, output string
	var p operator.Proposal
	data := "./argosy-data"
	cmd := &cobra.Command{
		Use:   "diff REFERENCE|BUNDLE|FILE|DIR",
		Short: "Say what entries would change, before they are in force",
		Long: `Say which types entries would add, change or remove in the registry on a data folder,
running or not, and which artifacts there would be of another type. Nothing is changed.

A reference is taken for a catalog that is followed: in place of what is in force of it,
or with --only and --override as it would be. Entries in files, and bundles, are taken for
those of the registry's owner, as 'argosy types add' adds them.

  argosy types diff oci://central.example/types/catalog:2 --data ./argosy-data`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output is %q: want text or json", output)
			}
			if err := readProposal(cmd, &p, o, args[0], verify); err != nil {
				return err
			}
			return withTypes(cmd, data, func(t operator.Types) error {
				v, err := t.Preview(cmd.Context(), p)
				if err != nil {
					return fmt.Errorf("it would be refused:\n%w", err)
				}
				if output == "json" {
					return printJSON(cmd.OutOrStdout(), v)
				}
				printPreview(cmd.OutOrStdout(), v)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", data, "data folder of the registry")
	cmd.Flags().StringVar(&verify, "verify", "", "PEM file of the public key that must have signed it")
	cmd.Flags().StringSliceVar(&p.Only, "only", nil, "ids of types, or patterns of ids, that would be taken of a catalog")
	cmd.Flags().BoolVar(&p.Override, "override", false, "the catalog might change what the program's own entries say")
	cmd.Flags().IntVarP(&p.Examples, "examples", "n", 5, "how many artifacts are named of each change")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "form of the answer: text or json")
	o.addFlags(cmd)
	return cmd
}

// readProposal reads what is named: files that are there, else a reference.
func readProposal(cmd *cobra.Command, p *operator.Proposal, o remote, what, verify string) error {
	_, err := os.Stat(what)
	if err == nil {
		if len(p.Only) > 0 || p.Override {
			return fmt.Errorf("--only and --override say how a catalog is followed, and %s is a file", what)
		}
		p.Files, err = entryFilesOf(cmd.Context(), []string{what}, verify)
		return err
	}
	if !errors.Is(err, fs.ErrNotExist) && !strings.Contains(what, ":") {
		return err
	}
	place, err := placeOf(what)
	if err != nil {
		return fmt.Errorf("there is no file %s, and as a reference: %w", what, err)
	}
	set, err := readPlace(cmd.Context(), place, o, verify)
	if err != nil {
		return err
	}
	p.Files, p.Ref = set.Files, place.String()
	return nil
}

func printPreview(out io.Writer, v operator.Preview) {
	if len(v.Added)+len(v.Changed)+len(v.Removed) == 0 {
		fmt.Fprintln(out, "No entry would change.")
	}
	for _, l := range []struct {
		what string
		ids  []string
	}{{"added", v.Added}, {"changed", v.Changed}, {"removed", v.Removed}} {
		if len(l.ids) > 0 {
			fmt.Fprintf(out, "%s: %s\n", l.what, printable(strings.Join(l.ids, ", ")))
		}
	}
	if len(v.Types) == 0 {
		fmt.Fprintln(out, "No artifact would be of another type.")
	}
	for _, c := range v.Types {
		fmt.Fprintf(out, "%s -> %s: %d\n", printable(c.From), printable(c.To), c.Count)
		for _, x := range c.Examples {
			fmt.Fprintf(out, "  %s\n", printable(x))
		}
		if n := c.Count - int64(len(c.Examples)); n > 0 && len(c.Examples) > 0 {
			fmt.Fprintf(out, "  and %d more\n", n)
		}
	}
}

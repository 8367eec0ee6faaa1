package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/operator"
)

func typesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "types",
		Short: "Look into the catalog of artifact types, and add to it",
		Long: `Look into the catalog of artifact types, and add to it. A type is a file and an
icon: docs/types.md says how to write them.

  argosy types new rocket --from localhost:5000/space/saturn:v1
  argosy types lint rocket.yaml && argosy types test rocket.yaml
  argosy types add rocket.yaml --data ./argosy-data`,
	}
	cmd.AddCommand(typesListCommand(), typesShowCommand(), typesExplainCommand(), typesUnknownCommand(),
		typesNewCommand(), typesPushCommand(), typesLintCommand(), typesTestCommand(), typesAddCommand(), typesRemoveCommand(),
		typesImportCommand(), typesExportCommand(), typesBundleCommand(), typesDiffCommand())
	return cmd
}

func typesListCommand() *cobra.Command {
	var o remote
	var data, output string
	cmd := &cobra.Command{
		Use:   "ls [HOST]",
		Short: "List the types that are known",
		Long: `List the types that this program knows, or that a registry knows: HOST asks it as
anybody may, with how many artifacts of each it holds; --data asks the server that
runs on a data folder, or the folder, how it stands with the catalogs that are followed,
and why entries are not in force. The origin of what is followed is the catalog and its
digest.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output is %q: want text or json", output)
			}
			list := func(t operator.Types) error { return listOwnTypes(cmd, t, output) }
			switch {
			case len(args) > 0:
				return listRemoteTypes(cmd, o, args[0], output)
			case data != "":
				return withTypes(cmd, data, list)
			}
			return list(builtin{})
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "form of the answer: text or json")
	cmd.Flags().StringVar(&data, "data", "", "data folder of the registry to ask")
	o.addFlags(cmd)
	return cmd
}

func listOwnTypes(cmd *cobra.Command, t operator.Types, output string) error {
	s, err := t.Status(cmd.Context())
	if err != nil {
		return err
	}
	if output == "json" {
		err = printJSON(cmd.OutOrStdout(), s)
	} else {
		err = printTypes(cmd.OutOrStdout(), s.Types)
	}
	if err != nil {
		return err
	}
	if s.Total > 0 {
		sayProgress(cmd.ErrOrStderr(), s.Done, s.Total)
	}
	var refused []error
	if s.Refused != "" {
		refused = append(refused, fmt.Errorf("the folder's entries are not in force:\n%s", s.Refused))
	}
	for _, c := range s.Catalogs {
		sayCatalog(cmd.ErrOrStderr(), c)
		if c.Refused != "" {
			refused = append(refused, fmt.Errorf("what the catalog %s has now is not in force:\n%s", c.Ref, printableLines(c.Refused)))
		}
	}
	return errors.Join(refused...)
}

// sayCatalog says how it stands with a catalog that is followed.
func sayCatalog(errs io.Writer, c operator.Catalog) {
	switch {
	case c.Digest == "":
		fmt.Fprintf(errs, "Followed: %s: nothing of it is in force.\n", c.Ref)
	case c.Version != "":
		fmt.Fprintf(errs, "Followed: %s: version %s, %s, entries: %d\n", c.Ref, printable(c.Version), c.Digest, len(c.Types))
	default:
		fmt.Fprintf(errs, "Followed: %s: %s, entries: %d\n", c.Ref, c.Digest, len(c.Types))
	}
	if c.Unreachable != "" {
		fmt.Fprintf(errs, "  It cannot be reached, and is tried again: %s\n", printable(c.Unreachable))
	}
}

// printableLines is printable for a text of several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// originOf is where a type's entry comes from, for people.
func originOf(origin artifact.Origin, from string) string {
	if from == "" {
		return origin.String()
	}
	return origin.String() + " " + printable(from)
}

// sayProgress says that what is stored is being identified anew.
func sayProgress(errs io.Writer, done, total int64) {
	fmt.Fprintf(errs, "The catalog has changed: %d %% of what is stored is identified with it.\n", 100*done/total)
}

func printTypes(out io.Writer, types []*artifact.Type) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTITLE\tPUBLISHER\tORIGIN")
	for _, t := range types {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.ID, printable(t.Title), printable(t.Publisher), originOf(t.Origin, t.From))
		for _, f := range t.Faces {
			fmt.Fprintf(w, "%s\t%s, of %s\t%s\t%s\n", f.ID, printable(f.Title), t.ID, printable(f.Publisher), originOf(f.Origin, f.From))
		}
	}
	return w.Flush()
}

func listRemoteTypes(cmd *cobra.Command, o remote, host, output string) error {
	var body struct {
		Types []browse.TypeEntry `json:"types"`
	}
	if err := o.readJSON(cmd.Context(), host, "/v2/_argosy/types", &body); err != nil {
		return err
	}
	if output == "json" {
		return printJSON(cmd.OutOrStdout(), body)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTITLE\tPUBLISHER\tORIGIN\tARTIFACTS")
	for _, t := range body.Types {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", printable(t.ID), printable(t.Name), printable(t.Publisher), originOf(t.Origin, t.From), t.Count)
		for _, f := range t.Faces {
			fmt.Fprintf(w, "%s\t%s, of %s\t\t%s\t\n", printable(f.ID), printable(f.Name), printable(t.ID), originOf(f.Origin, f.From))
		}
	}
	return w.Flush()
}

// readJSON reads what a registry says at a path.
func (o *remote) readJSON(ctx context.Context, host, path string, into any) error {
	at, rest, err := o.split(host)
	if err != nil {
		return err
	}
	if rest != "" {
		return fmt.Errorf("%q is not a host: want HOST[:PORT]", host)
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	body, _, err := o.read(ctx, client, at.JoinPath(path))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s does not answer as argosy does: %w", at.Host, err)
	}
	return nil
}

func typesShowCommand() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Print the entry of a type",
		Long: `Print the entry of a type as it was written: of this program, or with --data of
the registry on a data folder, and say where it comes from. A new entry is best begun from the nearest one.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			show := func(t operator.Types) error {
				s, err := t.Source(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("%w: 'argosy types ls' lists them", err)
				}
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", s.ID, originOf(s.Origin, s.From))
				_, err = cmd.OutOrStdout().Write(s.Entry)
				return err
			}
			if data != "" {
				return withTypes(cmd, data, show)
			}
			return show(builtin{})
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "data folder of the registry to ask")
	return cmd
}

func typesUnknownCommand() *cobra.Command {
	var o remote
	cmd := &cobra.Command{
		Use:   "unknown [HOST]",
		Short: "List the media types that no entry knows",
		Long: `List the media types that a registry holds and no entry of its catalog knows, those
of most artifacts first, each with an artifact to draft an entry from:

  argosy types new NAME --from ARTIFACT`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			host := "localhost:5000"
			if len(args) > 0 {
				host = args[0]
			}
			var body struct{ MediaTypes []browse.UnknownType }
			if err := o.readJSON(cmd.Context(), host, "/v2/_argosy/types/unknown/report", &body); err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "MEDIA TYPE\tARTIFACTS\tONE OF THEM")
			for _, u := range body.MediaTypes {
				fmt.Fprintf(w, "%s\t%d\t%s\n", printable(u.MediaType), u.Count, printable(u.Example))
			}
			return w.Flush()
		},
	}
	o.addFlags(cmd)
	return cmd
}

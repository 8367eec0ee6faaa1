package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/operator"
)

// builtin is the catalog in the program, which nobody changes.
type builtin struct{}

var errBuiltin = errors.New("the catalog in the program cannot be changed: name a registry's data folder with --data")

func (builtin) Status(context.Context) (operator.Status, error) {
	c, err := artifact.Builtin()
	if err != nil {
		return operator.Status{}, err
	}
	return operator.Status{Fingerprint: c.Fingerprint(), Types: c.Types()}, nil
}

func (b builtin) Source(ctx context.Context, id string) (artifact.File, error) {
	files, err := b.Files(ctx)
	for _, f := range files {
		if f.ID == id {
			return f, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("there is no type %q", id)
	}
	return artifact.File{}, err
}

func (builtin) Files(context.Context) ([]artifact.File, error) {
	c, err := artifact.Builtin()
	if err != nil {
		return nil, err
	}
	return c.Files(), nil
}

func (builtin) Add(context.Context, map[string][]byte) error { return errBuiltin }
func (builtin) Preview(context.Context, operator.Proposal) (operator.Preview, error) {
	return operator.Preview{}, errBuiltin
}
func (builtin) Remove(context.Context, string) error { return errBuiltin }

func typesLintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lint FILE|DIR...",
		Short: "Check entries, without a registry",
		Long: `Check entries as a registry would that took them over its built-in ones: every error
with file, line and column, and warnings about entries that only the order of their ids
tells apart.

Exit code 0: all is right. 2: there are errors.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, files, err := checkedFiles(cmd.OutOrStdout(), args)
			if err != nil {
				return err
			}
			for _, o := range c.Overlaps(ids(files)...) {
				fmt.Fprintln(cmd.OutOrStdout(), "warning:", o)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "right: %s\n", strings.Join(ids(files), ", "))
			return nil
		},
	}
}

// checkedFiles is the catalog with the files named over it. What is wrong with
// them is printed, and errProblems returned.
func checkedFiles(out io.Writer, args []string) (*artifact.Catalog, map[string][]byte, error) {
	files, err := entryFiles(args)
	if err != nil {
		return nil, nil, err
	}
	c, err := catalog.With(files)
	if err != nil {
		fmt.Fprintln(out, err)
		return nil, nil, errProblems
	}
	return c, files, nil
}

func typesTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test FILE|DIR...",
		Short: "Run the examples of entries, without a registry",
		Long: `Identify the examples of entries with the built-in catalog and the entries over it,
and print what a listing would show of each.

Exit code 0: each is of its type. 2: one is not, or an entry has none.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, files, err := checkedFiles(cmd.OutOrStdout(), args)
			if err != nil {
				return err
			}
			wrong := 0
			for _, id := range ids(files) {
				wrong += testExamples(cmd.OutOrStdout(), c, id)
			}
			if wrong > 0 {
				return errProblems
			}
			return nil
		},
	}
}

// testExamples identifies the examples of a type and returns how many are not of it.
func testExamples(out io.Writer, c *artifact.Catalog, id string) (wrong int) {
	if _, ok := c.Type(id); !ok {
		fmt.Fprintf(out, "%s: adds to a type: its examples are that one's\n", id)
		return 0
	}
	examples := c.Examples(id)
	if len(examples) == 0 {
		fmt.Fprintf(out, "%s: no examples: put a manifest of its own under examples\n", id)
		return 1
	}
	for _, x := range examples {
		in := artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config}
		got := c.Identify(in)
		if got.Type != id || got.Variant != x.Variant {
			wrong++
			fmt.Fprintf(out, "%s: example %q is identified as %s\n%s", id, x.Name, strings.TrimSpace(got.Type+" "+got.Variant), c.Explain(in))
			continue
		}
		fmt.Fprintf(out, "%s: example %q is a %s\n", id, x.Name, got.Name)
		for _, name := range slices.Sorted(maps.Keys(got.Facts)) {
			fmt.Fprintf(out, "  %s: %s\n", name, printable(got.Facts[name]))
		}
		target := artifact.Target{Registry: "registry.example", Repository: "team/" + id, Tag: "1.0.0"}
		for _, a := range c.Actions(got, target) {
			fmt.Fprintf(out, "  %s: %s%s\n", printable(a.Label), a.Command, a.URL)
		}
	}
	return wrong
}

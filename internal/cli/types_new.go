package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
)

func typesNewCommand() *cobra.Command {
	var o remote
	var from string
	dir := "."
	cmd := &cobra.Command{
		Use:   "new ID",
		Short: "Begin an entry",
		Long: `Write an entry and an icon to go on from: ID.yaml and ID.svg. With --from they are
drawn from an artifact in a registry: how it is recognised, what it says of itself, its
layers, and the manifest itself as the entry's example and test.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d := artifact.Draft{ID: args[0]}
			if from != "" {
				in, err := draftFrom(cmd.Context(), o, from)
				if err != nil {
					return err
				}
				d.From = in
			}
			return writeDraft(cmd, d, dir)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "artifact to draw the entry from: HOST/REPOSITORY:TAG")
	cmd.Flags().StringVarP(&dir, "dir", "d", dir, "folder to write to")
	o.addFlags(cmd)
	return cmd
}

func draftFrom(ctx context.Context, o remote, from string) (*artifact.Input, error) {
	r, err := o.artifact(from)
	if err != nil {
		return nil, err
	}
	in, err := r.input(ctx)
	return &in, err
}

// writeDraft writes the two files, and neither over one that is there.
func writeDraft(cmd *cobra.Command, d artifact.Draft, dir string) error {
	if !artifact.ValidID(d.ID) {
		return fmt.Errorf("%q is no id: want lower-case words joined by dashes, such as acme-rocket", d.ID)
	}
	c, err := artifact.Builtin()
	if err != nil {
		return err
	}
	files := map[string][]byte{d.ID + ".yaml": d.Entry(c), d.ID + ".svg": d.Icon()}
	if _, err := catalog.With(files); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "Not yet right, as 'argosy types lint' will say too:\n%v\n", err)
	}
	if d.From != nil {
		if id := c.Identify(*d.From); id.Known {
			fmt.Fprintf(cmd.ErrOrStderr(), "That artifact has a type already: %s (%s). The entry will stand beside that one.\n", id.Name, id.Type)
		}
	}
	for _, name := range []string{d.ID + ".yaml", d.ID + ".svg"} {
		if err := writeNew(filepath.Join(dir, name), files[name]); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), "wrote", filepath.Join(dir, name))
	}
	return nil
}

func writeNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: name another folder with --dir", name)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/mapping"
	"github.com/argosy-registry/argosy/internal/operator"
)

// Forms of an export.
const (
	formBundle  = "argosy"
	formMapping = "mapping-2019"
)

// exportOptions say what is exported, and whence.
type exportOptions struct {
	remote
	data, from, format, output string
	all                        bool
}

func typesExportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export [ID...]",
		Short: "Write types as a bundle or a mapping file",
		Long: `Write entries of this program, with --data of the registry on a data folder, running or
not, or with --from of a registry that is asked as anybody may. Without an ID those are
the registry's own entries, with --all every one.

  --format argosy         a bundle: entries and icons in a zip archive
  --format mapping-2019   mediaTypeMappings.json of the 2019 proposal; what that form
                          cannot say is printed beside it

'argosy types import' takes both.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			files, base, err := o.files(cmd)
			if err != nil {
				return err
			}
			return o.export(cmd.OutOrStdout(), cmd.ErrOrStderr(), files, base, args)
		},
	}
	cmd.Flags().StringVar(&o.data, "data", "", "data folder of the registry")
	cmd.Flags().StringVar(&o.from, "from", "", "registry to ask: HOST[:PORT]")
	cmd.Flags().StringVar(&o.format, "format", formBundle, "form to write: "+formBundle+" or "+formMapping)
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "file to write to; else standard output")
	cmd.Flags().BoolVar(&o.all, "all", false, "every entry, and not only the registry's own")
	cmd.MarkFlagsMutuallyExclusive("data", "from")
	o.addFlags(cmd)
	return cmd
}

// files are the entries to choose from, and the address of the registry that has
// them, where that is known.
func (o *exportOptions) files(cmd *cobra.Command) (files []artifact.File, base string, err error) {
	get := func(t operator.Types) error {
		files, err = t.Files(cmd.Context())
		return err
	}
	switch {
	case o.from != "":
		return o.remoteFiles(cmd.Context())
	case o.data != "":
		err = withTypes(cmd, o.data, get)
		return files, "", err
	}
	o.all = true
	err = get(builtin{})
	return files, "", err
}

// remoteFiles asks a registry for its entries, those of each origin for themselves.
func (o *exportOptions) remoteFiles(ctx context.Context) (all []artifact.File, base string, err error) {
	at, rest, err := o.split(o.from)
	if err != nil {
		return nil, "", err
	}
	if rest != "" {
		return nil, "", fmt.Errorf("%q is not a host: want HOST[:PORT]", o.from)
	}
	client, err := o.client()
	if err != nil {
		return nil, "", err
	}
	for _, origin := range []artifact.Origin{artifact.OriginBuiltin, artifact.OriginFollowed, artifact.OriginLocal} {
		where := at.JoinPath("/v2/_argosy/types/unknown/bundle")
		where.RawQuery = "origin=" + origin.String()
		packed, _, err := o.read(ctx, client, where)
		if err != nil {
			return nil, "", err
		}
		files, err := bundle.Unpack(packed)
		if err != nil {
			return nil, "", fmt.Errorf("%s does not answer as argosy does: %w", at.Host, err)
		}
		for _, id := range ids(files) {
			f := artifact.File{ID: id, Origin: origin, Entry: files[id+".yaml"]}
			for _, ext := range artifact.IconExts {
				if icon := files[id+ext]; icon != nil {
					f.Icon = icon
				}
			}
			all = append(all, f)
		}
	}
	return all, at.String(), nil
}

// export writes the entries that were asked for.
func (o *exportOptions) export(out, errs io.Writer, files []artifact.File, base string, names []string) error {
	c, err := catalog.Of(files, nil)
	if err != nil {
		return fmt.Errorf("this program does not understand the registry's entries: %w", err)
	}
	have := inForce(c.Files())
	if len(names) == 0 {
		for _, id := range slices.Sorted(maps.Keys(have)) {
			reserved := id == artifact.Unknown || id == artifact.Invalid
			if o.all && !reserved || have[id].Origin == artifact.OriginLocal {
				names = append(names, id)
			}
		}
	}
	if len(names) == 0 {
		return errors.New("the registry has no entries of its own: name some by their ids, which 'argosy types ls' lists, or say --all")
	}
	switch o.format {
	case formBundle:
		packed, err := pack(have, names)
		if err != nil {
			return err
		}
		return o.write(out, packed, true)
	case formMapping:
		text, unsaid, err := mapping.Export(c, names, base)
		if err != nil {
			return err
		}
		for _, line := range unsaid {
			fmt.Fprintln(errs, "not said:", printable(line))
		}
		return o.write(out, text, false)
	}
	return fmt.Errorf("format is %q: want %s or %s", o.format, formBundle, formMapping)
}

// pack makes a bundle of entries.
func pack(have map[string]artifact.File, names []string) ([]byte, error) {
	files := map[string][]byte{}
	for _, id := range names {
		f, ok := have[id]
		if !ok {
			return nil, fmt.Errorf("there is no entry %q: 'argosy types ls' lists them", id)
		}
		files[id+".yaml"] = f.Entry
		if f.Icon != nil {
			files[id+artifact.IconExt(f.Icon)] = f.Icon
		}
	}
	return bundle.Pack(files)
}

// write writes to the file that was named, else to standard output; a terminal is
// not shown an archive.
func (o *exportOptions) write(out io.Writer, text []byte, binary bool) error {
	if o.output != "" && o.output != "-" {
		return os.WriteFile(o.output, text, 0o644)
	}
	if f, ok := out.(*os.File); ok && binary {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return errors.New("a bundle is an archive: name a file for it with -o types.zip")
		}
	}
	_, err := out.Write(text)
	return err
}

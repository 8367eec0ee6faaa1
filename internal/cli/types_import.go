package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/fetch"
	"github.com/argosy-registry/argosy/internal/mapping"
	"github.com/argosy-registry/argosy/internal/operator"
)

// importOptions say what an import may do.
type importOptions struct {
	data         string
	dryRun       bool
	offline      bool
	allowPrivate bool
}

// maxImport is how long an import fetches at most: what it has not got by then is
// left out.
const maxImport = 2 * time.Minute

func typesImportCommand() *cobra.Command {
	o := importOptions{data: "./argosy-data"}
	cmd := &cobra.Command{
		Use:   "import FILE|DIR|URL",
		Short: "Take over types from a bundle or a mapping file",
		Long: `Take over types into the catalog of the registry on a data folder, running or not: all
of them, or none when anything is wrong. What can be imported:

  a bundle     what 'argosy types export' writes: entries and icons in a zip archive
  an entry     ID.yaml with ID.svg or ID.png beside it, or a folder of them
  a mapping    mediaTypeMappings.json of the 2019 proposal, by which authors of artifacts
               told registries what their types are called

Icons and schemas that a mapping names are fetched and checked as those of entries are.
An icon that cannot be had is drawn, and its URL kept. Files are fetched from public
addresses alone, and not through a proxy; --allow-private lifts both.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, done := context.WithTimeout(cmd.Context(), maxImport)
			defer done()
			return withTypes(cmd, o.data, func(t operator.Types) error {
				return importTypes(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), t, args[0], o)
			})
		},
	}
	cmd.Flags().StringVar(&o.data, "data", o.data, "data folder of the registry")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what would be added")
	cmd.Flags().BoolVar(&o.offline, "offline", false, "fetch nothing: icons of mappings are drawn")
	cmd.Flags().BoolVar(&o.allowPrivate, "allow-private", false, "fetch from private addresses too, and through the environment's proxy")
	return cmd
}

// fetcher is how an import fetches; nil when it must not. What is a page around a
// file on a forge is fetched as the file.
func (o importOptions) fetcher() mapping.Fetch {
	if o.offline {
		return nil
	}
	client := fetch.New(fetch.Options{AllowPrivate: o.allowPrivate})
	return func(ctx context.Context, url string, max int64) ([]byte, error) {
		return client.Get(ctx, fetch.Raw(url), max)
	}
}

func importTypes(ctx context.Context, out, errs io.Writer, t operator.Types, what string, o importOptions) error {
	have, err := t.Files(ctx)
	if err != nil {
		return err
	}
	files, err := importFiles(ctx, errs, have, what, o)
	if err != nil {
		return err
	}
	c, err := catalog.Of(have, files)
	if err != nil {
		return err
	}
	said := "in force"
	if o.dryRun {
		said = "would be added"
	} else if err := t.Add(context.WithoutCancel(ctx), files); err != nil {
		return err
	}
	return sayImported(out, have, c, ids(files), said)
}

// importFiles are the entries and icons that an import adds. Warnings are printed.
func importFiles(ctx context.Context, errs io.Writer, have []artifact.File, what string, o importOptions) (map[string][]byte, error) {
	if info, err := os.Stat(what); err == nil && info.IsDir() {
		return entryFiles([]string{what})
	}
	name, text, err := importText(ctx, what, o)
	if err != nil {
		return nil, err
	}
	ext := strings.ToLower(path.Ext(name))
	switch {
	case bytes.HasPrefix(text, []byte(bundle.Magic)):
		return bundle.Unpack(text)
	case ext == ".yaml" || ext == ".yml":
		return importEntry(ctx, what, name, text, o)
	case !startsObject(text):
		return nil, fmt.Errorf("%s is neither a bundle nor an entry called ID.yaml nor a mapping file", what)
	}
	f, err := mapping.Read(sourceName(what), text)
	if err != nil {
		return nil, err
	}
	c, err := catalog.Of(have, nil)
	if err != nil {
		return nil, err
	}
	r, err := mapping.Import(ctx, c, f, o.fetcher())
	if err != nil {
		return nil, err
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(errs, "warning:", printable(w))
	}
	return r.Files, nil
}

// startsObject says whether a text could be a JSON object.
func startsObject(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{"))
}

func isURL(what string) bool {
	return strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://")
}

// sourceName is how errors and entries call what is imported: a URL without its query,
// which may hold a key, or the name of a file without its folder. Readers see it.
func sourceName(what string) string {
	if isURL(what) {
		return pathOf(what)
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, filepath.Base(what))
}

// importText reads a file or fetches it.
func importText(ctx context.Context, what string, o importOptions) (name string, text []byte, err error) {
	if !isURL(what) {
		f, err := os.Open(what)
		if err != nil {
			return "", nil, err
		}
		defer f.Close()
		text, err = io.ReadAll(io.LimitReader(f, bundle.MaxBytes+1))
		if err == nil && len(text) > bundle.MaxBytes {
			err = fmt.Errorf("%s has more than %d MiB", what, bundle.MaxBytes>>20)
		}
		return filepath.Base(what), text, err
	}
	get := o.fetcher()
	if get == nil {
		return "", nil, errors.New("with --offline nothing is fetched: name a file")
	}
	if text, err = get(ctx, what, bundle.MaxBytes); err != nil {
		return "", nil, fmt.Errorf("fetch %s: %w", what, err)
	}
	return path.Base(pathOf(what)), text, nil
}

// pathOf is a URL without what follows its path.
func pathOf(url string) string {
	url, _, _ = strings.Cut(url, "#")
	url, _, _ = strings.Cut(url, "?")
	return url
}

// importEntry is an entry with the icon that is beside it.
func importEntry(ctx context.Context, what, name string, text []byte, o importOptions) (map[string][]byte, error) {
	files := map[string][]byte{}
	if !isURL(what) {
		return files, readEntry(files, what)
	}
	files[name] = text
	stem := strings.TrimSuffix(pathOf(what), path.Ext(name))
	var why []error
	for _, ext := range artifact.IconExts {
		icon, err := o.fetcher()(ctx, stem+ext, 1<<20)
		if err == nil {
			files[strings.TrimSuffix(name, path.Ext(name))+ext] = icon
			return files, nil
		}
		why = append(why, fmt.Errorf("fetch its icon %s: %w", stem+ext, err))
	}
	if bytes.Contains(text, []byte("extends:")) { // what adds actions to a type has none
		return files, nil
	}
	return nil, errors.Join(why...)
}

// sayImported prints a line for each entry.
func sayImported(out io.Writer, have []artifact.File, c *artifact.Catalog, ids []string, said string) error {
	before := inForce(have)
	for _, id := range ids {
		line := id
		if t := shownType(c, id); t != nil {
			line += ": " + t.Title
		}
		if f := inForce(c.Files())[id]; f.Extends != "" {
			line += ", extends " + f.Extends
		}
		if all, _ := c.MediaTypes(id); len(all) == 1 {
			line += ", " + all[0].MediaType
		}
		if old, ok := before[id]; ok {
			line += ", in place of the " + old.Origin.String() + " entry"
		}
		if _, err := fmt.Fprintf(out, "%s: %s\n", said, printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// shownType is a type or a face of one; nil for what only adds actions.
func shownType(c *artifact.Catalog, id string) *artifact.Type {
	if t, ok := c.Type(id); ok {
		return t
	}
	t, _ := c.Face(id)
	return t
}

// inForce are entries by id, without those that nearer ones take the place of.
func inForce(files []artifact.File) map[string]artifact.File {
	all := map[string]artifact.File{}
	for _, f := range files { // the nearest comes last
		if !f.Over {
			all[f.ID] = f
		}
	}
	return all
}

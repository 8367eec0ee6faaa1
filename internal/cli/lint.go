package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/operator"
)

// lintOptions say what is linted, with which catalog, and how it is told.
type lintOptions struct {
	remote
	mediaType, config string
	data, types       string
	output            string
	strict            bool
}

// Exit codes of lint, which are those of other linters.
const (
	exitFindings   = 1
	exitUnreadable = 2
)

func lintCommand() *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint REFERENCE|FILE|DIR...",
		Short: "Find what is wrong with artifacts, for their authors",
		Long: `Find what is wrong with artifacts, by the OCI specifications and by the catalog of
types: each finding says where, why and how to mend it. docs/lint.md lists the rules.

REFERENCE is HOST/REPOSITORY:TAG or @DIGEST; of an index its manifests are read too.
FILE is a manifest, - for standard input. DIR is an OCI image layout, of which all
content is verified, or a folder of manifests NAME.json, each with its config in
NAME.config.json or without.

Exit code 0: no errors. 1: there are errors; with --strict, or warnings. 2: something
could not be read.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return unreadable(cobra.MinimumNArgs(1)(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLint(cmd, o, args)
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unreadable(err) })
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "form of the answer: text, json or sarif")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "warnings count as errors do")
	cmd.Flags().StringVar(&o.mediaType, "media-type", "", "of a manifest in a file, where it does not say so itself")
	cmd.Flags().StringVar(&o.config, "config", "", "file with the config of a manifest in a file")
	cmd.Flags().StringVar(&o.types, "types", "", "file or folder of entries that count beside those in the program")
	cmd.Flags().StringVar(&o.data, "data", "", "data folder of a registry whose own entries count beside those in the program")
	o.addFlags(cmd)
	return cmd
}

// unreadable ends the command for something that could not be read.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitUnreadable, err}
}

func runLint(cmd *cobra.Command, o lintOptions, args []string) error {
	write, ok := map[string]func(io.Writer, []linted) error{"text": writeText, "json": writeJSON, "sarif": writeSARIF}[o.output]
	if !ok {
		return unreadable(fmt.Errorf("output is %q: want text, json or sarif", o.output))
	}
	if o.config != "" && len(args) > 1 {
		return unreadable(errors.New("--config is of one manifest: name one file"))
	}
	c, err := o.catalog(cmd)
	if err != nil {
		return unreadable(err)
	}
	l := &linter{o: o, c: c, stdin: cmd.InOrStdin(), errs: cmd.ErrOrStderr()}
	for _, arg := range args {
		if err := l.lint(cmd.Context(), arg); err != nil {
			return unreadable(err)
		}
	}
	if err := write(cmd.OutOrStdout(), l.done); err != nil {
		return unreadable(err)
	}
	n := count(l.done)
	if n.Errors > 0 || o.strict && n.Warnings > 0 {
		return &exitError{exitFindings, nil}
	}
	return nil
}

// catalog is that in the program, with the entries that were named over it.
func (o *lintOptions) catalog(cmd *cobra.Command) (*artifact.Catalog, error) {
	files := map[string][]byte{}
	if o.data != "" {
		err := withTypes(cmd, o.data, func(t operator.Types) error { return ownEntries(cmd.Context(), t, files) })
		if err != nil {
			return nil, err
		}
	}
	if o.types != "" {
		more, err := entryFiles([]string{o.types})
		if err != nil {
			return nil, err
		}
		for name, content := range more {
			files[name] = content
		}
	}
	if len(files) == 0 {
		return artifact.Builtin()
	}
	return catalog.With(files)
}

// ownEntries reads the entries in force that are not the program's.
func ownEntries(ctx context.Context, t operator.Types, files map[string][]byte) error {
	s, err := t.Status(ctx)
	if err != nil {
		return err
	}
	for _, typ := range s.Types {
		if typ.Origin == artifact.OriginBuiltin {
			continue
		}
		source, err := t.Source(ctx, typ.ID)
		if err != nil {
			return err
		}
		files[typ.ID+".yaml"], files[typ.ID+".svg"] = source.Entry, source.Icon
	}
	return nil
}

// linter lints one thing after the other.
type linter struct {
	o     lintOptions
	c     *artifact.Catalog
	stdin io.Reader
	errs  io.Writer
	done  []linted
}

// linted is a manifest with what was found.
type linted struct {
	Name     string         `json:"name"` // file or reference
	Type     string         `json:"type"`
	TypeName string         `json:"typeName"`
	Findings []lint.Finding `json:"findings"`

	files map[lint.Part]string // of the documents, where they are files
}

func (l *linter) lint(ctx context.Context, what string) error {
	if what == "-" {
		return l.file("standard input", "", func() ([]byte, error) { return readManifest(l.stdin) })
	}
	info, err := os.Stat(what)
	switch {
	case err == nil && info.IsDir():
		return l.folder(what)
	case err == nil:
		return l.file(what, what, func() ([]byte, error) { return readFile(what) })
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	r, err := l.o.artifact(what)
	if err == nil {
		err = l.reference(ctx, r)
	}
	if err != nil {
		return fmt.Errorf("there is no file %s, and as a reference: %w", what, err)
	}
	return nil
}

// check lints a manifest that was read, with findings of who read it before its own.
// files are the paths of the manifest and its config; empty where they are none.
func (l *linter) check(name string, in artifact.Input, files map[lint.Part]string, found ...lint.Finding) {
	found = append(found, lint.Check(l.c, in)...)
	l.add(name, in, files, found)
}

func (l *linter) add(name string, in artifact.Input, files map[lint.Part]string, found []lint.Finding) {
	lint.Locate(found, lint.InManifest, in.Manifest)
	lint.Locate(found, lint.InConfig, in.Config)
	id := l.c.Identify(in)
	if found == nil {
		found = []lint.Finding{}
	}
	l.done = append(l.done, linted{name, id.Type, id.Name, found, files})
}

// file lints the manifest in one file, with the config that was named.
func (l *linter) file(name, path string, read func() ([]byte, error)) error {
	in := artifact.Input{MediaType: l.o.mediaType}
	var err error
	if in.Manifest, err = read(); err != nil {
		return err
	}
	files := map[lint.Part]string{lint.InManifest: path}
	if l.o.config != "" {
		if in.Config, err = readConfig(l.o.config); err != nil {
			return err
		}
		files[lint.InConfig] = l.o.config
	}
	l.check(name, in, files)
	return nil
}

// readManifest reads one byte more than a manifest may have: enough to say that it is
// too large.
func readManifest(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, oci.MaxManifest+1))
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readManifest(f)
}

// readConfig reads a config of a size that is looked into.
func readConfig(name string) ([]byte, error) {
	content, err := readFile(name)
	if err == nil && len(content) > artifact.MaxConfig {
		err = fmt.Errorf("%s has more than %d bytes, and no config as large is looked into", name, artifact.MaxConfig)
	}
	return content, err
}

// folder lints an image layout, or the manifests in a folder.
func (l *linter) folder(dir string) error {
	for _, name := range []string{"oci-layout", "index.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return l.layout(dir)
		}
	}
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.json"))
	if err != nil {
		return err
	}
	before := len(l.done)
	for _, name := range names {
		if strings.HasSuffix(name, ".config.json") {
			continue
		}
		if err := l.manifestOf(name); err != nil {
			return err
		}
	}
	if len(l.done) == before {
		return fmt.Errorf("%s is no OCI image layout, and holds no manifests: they are called NAME.json", dir)
	}
	return nil
}

// escapeGlob makes a folder's name stand for itself in a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// manifestOf lints a manifest of a folder, with the config beside it.
func (l *linter) manifestOf(name string) error {
	in := artifact.Input{MediaType: l.o.mediaType}
	files := map[lint.Part]string{lint.InManifest: name}
	var err error
	if in.Manifest, err = readFile(name); err != nil {
		return err
	}
	config := strings.TrimSuffix(name, ".json") + ".config.json"
	switch content, err := readConfig(config); {
	case err == nil:
		in.Config, files[lint.InConfig] = content, config
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	l.check(name, in, files)
	return nil
}

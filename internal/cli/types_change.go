package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/follow"
	"github.com/argosy-registry/argosy/internal/operator"
)

func typesAddCommand() *cobra.Command {
	data, verify := "./argosy-data", ""
	cmd := &cobra.Command{
		Use:   "add FILE|DIR|BUNDLE...",
		Short: "Put entries into a registry's catalog",
		Long: `Put entries, ID.yaml with ID.svg or ID.png beside it, into the catalog of the registry on a data
folder, running or not. All surfaces know them at once, and what was pushed before is
identified anew. A set with an error is refused whole.

A bundle, FILE.tar or a folder as 'argosy types bundle' writes it, is held against its
digests; with --verify the key must have signed it.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files, err := entryFilesOf(cmd.Context(), args, verify)
			if err != nil {
				return err
			}
			return withTypes(cmd, data, func(t operator.Types) error {
				if err := t.Add(cmd.Context(), files); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "in force: %s\n", strings.Join(ids(files), ", "))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", data, "data folder of the registry")
	cmd.Flags().StringVar(&verify, "verify", "", "PEM file of the public key that must have signed a bundle")
	return cmd
}

func typesRemoveCommand() *cobra.Command {
	data := "./argosy-data"
	cmd := &cobra.Command{
		Use:     "rm ID...",
		Aliases: []string{"delete"},
		Short:   "Take own entries out of a registry's catalog",
		Long: `Take entries of the registry's owner out of the catalog of the registry on a data
folder, running or not. A built-in entry that one stood over comes back.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withTypes(cmd, data, func(t operator.Types) error {
				for _, id := range args {
					if err := t.Remove(cmd.Context(), id); err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "removed: %s\n", id)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&data, "data", data, "data folder of the registry")
	return cmd
}

// entryFiles reads the entries that are named, files or folders of them, each with
// the icon beside it, by their names.
func entryFiles(args []string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, arg := range args {
		names := []string{arg}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			if names, err = filepath.Glob(filepath.Join(arg, "*.y*ml")); err != nil {
				return nil, err
			}
			if len(names) == 0 {
				return nil, fmt.Errorf("%s holds no entries: they are called ID.yaml", arg)
			}
		}
		for _, name := range names {
			if err := readEntry(files, name); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// entryFilesOf reads entries that are named, files, folders of them or bundles.
func entryFilesOf(ctx context.Context, args []string, verify string) (map[string][]byte, error) {
	files := map[string][]byte{}
	var plain []string
	for _, arg := range args {
		if !isBundle(arg) {
			plain = append(plain, arg)
			continue
		}
		set, err := readPlace(ctx, follow.Place{File: arg}, remote{}, verify)
		if err != nil {
			return nil, err
		}
		if err := merge(files, set.Files); err != nil {
			return nil, err
		}
	}
	if verify != "" && len(plain) > 0 {
		return nil, fmt.Errorf("--verify: %s is no bundle, and not signed", strings.Join(plain, ", "))
	}
	own, err := entryFiles(plain)
	if err != nil {
		return nil, err
	}
	return files, merge(files, own)
}

// merge adds files to others. Error: two have one name.
func merge(into, more map[string][]byte) error {
	for name, content := range more {
		if _, twice := into[name]; twice {
			return fmt.Errorf("two files are called %s", name)
		}
		into[name] = content
	}
	return nil
}

// isBundle says whether a path is that of a bundle: a tar archive, or a folder that is
// an image layout.
func isBundle(name string) bool {
	if _, err := os.Stat(filepath.Join(name, "oci-layout")); err == nil {
		return true
	}
	return filepath.Ext(name) == ".tar"
}

// readEntry reads an entry and its icon. That an icon is missing is the catalog's
// to say.
func readEntry(files map[string][]byte, name string) error {
	base := filepath.Base(name)
	if _, twice := files[base]; twice {
		return fmt.Errorf("two files are called %s", base)
	}
	var err error
	if files[base], err = os.ReadFile(name); err != nil {
		return err
	}
	for _, ext := range artifact.IconExts {
		icon := strings.TrimSuffix(name, filepath.Ext(name)) + ext
		content, err := os.ReadFile(icon)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		files[filepath.Base(icon)] = content
	}
	return nil
}

// ids are the names of entries among files, in order.
func ids(files map[string][]byte) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if id, ok := strings.CutSuffix(name, ".yaml"); ok {
			all = append(all, id)
		}
	}
	return all
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/follow"
	"github.com/argosy-registry/argosy/internal/imagelayout"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/sign"
)

func typesBundleCommand() *cobra.Command {
	var o remote
	var output, verify string
	cmd := &cobra.Command{
		Use:   "bundle REFERENCE",
		Short: "Write a catalog with its signatures into a file",
		Long: `Write a catalog, or a single entry, from a registry with its signatures into a file, or a
folder, for a registry that cannot reach the other: an OCI image layout. A server follows
it (catalogs: [{ref: ./catalog.tar}]), and 'argosy types add' adds what is in it.

  argosy types bundle oci://central.example/types/catalog:1 --output catalog.tar`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output == "" {
				return errors.New("--output is wanted: the file to write, NAME.tar, or the folder")
			}
			place, err := placeOf(args[0])
			if err != nil {
				return err
			}
			key, err := publicKey(verify)
			if err != nil {
				return err
			}
			if place, err = place.Open(cmd.Context(), o.reach()); err != nil {
				return err
			}
			top, err := place.Top(cmd.Context())
			if err != nil {
				return fmt.Errorf("%w%s", err, wayOut(err))
			}
			content, set, err := place.Bundle(cmd.Context(), top, key)
			if err != nil {
				return err
			}
			if err := writeBundle(content, output); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: %s, with %s, and signatures: %d\n", output, top.Digest, strings.Join(set.IDs(), ", "), len(content.Roots)-1)
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "file to write, NAME.tar, or folder")
	cmd.Flags().StringVar(&verify, "verify", "", "PEM file of the public key that must have signed it")
	o.addFlags(cmd)
	return cmd
}

// writeBundle writes a bundle as a file or as a folder, by the output's name.
func writeBundle(content *imagelayout.Content, output string) error {
	if filepath.Ext(output) != ".tar" {
		return content.Folder(output)
	}
	f, err := os.CreateTemp(filepath.Dir(output), ".bundle-*")
	if err != nil {
		return err
	}
	err = errors.Join(content.Tar(f), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), output)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// placeOf reads what names a place: a bundle that is there, else a reference.
func placeOf(text string) (p follow.Place, err error) {
	if isBundle(text) {
		return follow.Place{File: text}, nil
	}
	if p.Address, err = oci.ParseAddress(text); err == nil && p.Address.Reference() == "" {
		err = fmt.Errorf("%q names neither a tag nor a digest", text)
	}
	return p, err
}

// publicKey reads a key; none for no file.
func publicKey(file string) (*sign.PublicKey, error) {
	if file == "" {
		return nil, nil
	}
	key, err := sign.ReadPublicKey(file)
	if err != nil {
		return nil, fmt.Errorf("--verify: %w", err)
	}
	return key, nil
}

// readPlace reads what a place has, vouched for by a key unless verify is empty.
func readPlace(ctx context.Context, p follow.Place, o remote, verify string) (*share.Set, error) {
	key, err := publicKey(verify)
	if err != nil {
		return nil, err
	}
	if p, err = p.Open(ctx, o.reach()); err != nil {
		return nil, err
	}
	top, err := p.Top(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, wayOut(err))
	}
	set, err := p.Fetch(ctx, top, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	return set, nil
}

package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/sign"
)

func typesPushCommand() *cobra.Command {
	var o remote
	var title, version, signKey string
	cmd := &cobra.Command{
		Use:   "push FILE|DIR... REFERENCE",
		Short: "Send entries to a registry, for others to follow",
		Long: `Send entries, ID.yaml with ID.svg or ID.png beside it, to a registry of any make. One
file is sent as an entry; several, or a folder, as a catalog of them. What 'argosy types
lint' or 'argosy types test' would not pass is not sent. The same entries have the same
digest, whoever sends them.

  argosy types push rocket.yaml oci://central.example/types/rocket:1.0
  argosy types push ./types oci://central.example/types/catalog:1

With --sign-key it is signed before the tag names it, so that whoever follows the tag never
sees it unsigned. docs/sharing.md says what else verifies and makes such
signatures.

The registry is asked with the credentials that Docker's configuration has for it, or
with --user and ARGOSY_PASSWORD. docs/sharing.md says how others follow it.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			args, to := args[:len(args)-1], args[len(args)-1]
			at, err := oci.ParseAddress(to)
			if err == nil && (at.Tag == "" || at.Digest != "") {
				err = fmt.Errorf("%q names no tag: entries are sent under one, such as %s/%s:1", to, at.Host, at.Name)
			}
			if err != nil {
				return err
			}
			if version == "" {
				version = string(at.Tag)
			}
			var key *sign.PrivateKey
			if signKey != "" {
				if key, err = sign.ReadPrivateKey(signKey); err != nil {
					return fmt.Errorf("--sign-key: %w", err)
				}
			}
			parcel, err := parcelOf(cmd, args, title, version)
			if err != nil {
				return err
			}
			repo, err := o.reach().Repository(at)
			if err != nil {
				return err
			}
			before := func(top ocispec.Descriptor) error {
				if key == nil {
					return nil
				}
				return key.Sign(cmd.Context(), repo, at, top)
			}
			if err := parcel.Push(cmd.Context(), repo, string(at.Tag), before); err != nil {
				return fmt.Errorf("%w%s", err, wayOut(err))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "pushed: %s@%s\n", at, parcel.Top.Digest)
			if key != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "signed: with the key %s\n", key.Public().Fingerprint()[:12])
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&title, "title", "", "what a catalog calls itself")
	cmd.Flags().StringVar(&version, "version", "", "version that is written into it (default: the tag)")
	cmd.Flags().StringVar(&signKey, "sign-key", "", "PEM file of a private key without a password to sign it with, ECDSA P-256 or Ed25519")
	o.addFlags(cmd)
	return cmd
}

// parcelOf checks and packs the entries that are named: one file as an entry, else a
// catalog.
func parcelOf(cmd *cobra.Command, args []string, title, version string) (*share.Parcel, error) {
	c, files, err := checkedFiles(cmd.ErrOrStderr(), args)
	if err != nil {
		return nil, err
	}
	var entries []share.Entry
	wrong := 0
	var report strings.Builder
	for _, f := range c.Files() {
		if f.Origin != artifact.OriginLocal || !slices.Contains(ids(files), f.ID) {
			continue
		}
		if f.Extends == "" {
			wrong += testExamples(&report, c, f.ID)
		}
		entries = append(entries, share.Entry{ID: f.ID, Title: titleOf(c, f.ID), YAML: f.Entry, Icon: f.Icon})
	}
	if wrong > 0 {
		fmt.Fprint(cmd.ErrOrStderr(), report.String())
		return nil, errProblems
	}
	info, err := os.Stat(args[0])
	if err != nil {
		return nil, err
	}
	if len(args) == 1 && !info.IsDir() {
		if title != "" {
			return nil, fmt.Errorf("--title %q: a single entry has its own title; name a folder to send a catalog", title)
		}
		return share.PackEntry(entries[0], version)
	}
	return share.PackCatalog(entries, title, version)
}

// titleOf is what an entry calls what it is for; its id when it names nothing.
func titleOf(c *artifact.Catalog, id string) string {
	if t, ok := c.Type(id); ok {
		return t.Title
	}
	if t, ok := c.Face(id); ok {
		return t.Title
	}
	return id
}

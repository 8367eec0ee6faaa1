package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

func typesExplainCommand() *cobra.Command {
	var o remote
	var config, mediaType, output string
	cmd := &cobra.Command{
		Use:   "explain REFERENCE|FILE",
		Short: "Say why something is of its type",
		Long: `Say why an artifact in a registry, or a manifest in a file, is of its type: the rule
that decided, what it read, and which other rules were in question and why they lost.

An argosy registry answers by its own catalog. What another registry holds, and what
is in a file, is explained by the catalog in this program.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := explain(cmd.Context(), o, args[0], mediaType, config)
			if err != nil {
				return err
			}
			switch output {
			case "json":
				return printJSON(cmd.OutOrStdout(), x)
			case "text":
				for line := range strings.Lines(x.String()) {
					fmt.Fprintln(cmd.OutOrStdout(), printable(strings.TrimSuffix(line, "\n")))
				}
				return nil
			}
			return fmt.Errorf("output is %q: want text or json", output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "form of the answer: text or json")
	cmd.Flags().StringVar(&mediaType, "media-type", "", "of a manifest in a file, where it does not say so itself")
	cmd.Flags().StringVar(&config, "config", "", "file with the config of a manifest in a file")
	o.addFlags(cmd)
	return cmd
}

func explain(ctx context.Context, o remote, what, mediaType, config string) (x artifact.Explanation, err error) {
	if text, err := os.ReadFile(what); err == nil {
		in := artifact.Input{MediaType: mediaType, Manifest: text}
		if config != "" {
			if in.Config, err = os.ReadFile(config); err != nil {
				return x, err
			}
		}
		return explainHere(in)
	} else if !errors.Is(err, fs.ErrNotExist) && !strings.Contains(what, ":") {
		return x, err
	}
	r, err := o.artifact(what)
	if err != nil {
		return x, fmt.Errorf("there is no file %s, and as a reference: %w", what, err)
	}
	at := r.at.JoinPath("v2", string(r.repo), "_argosy", "artifacts", r.ref, "explanation")
	body, _, err := o.read(ctx, r.client, at)
	if err == nil {
		err = json.Unmarshal(body, &x)
		return x, err
	}
	if !errors.Is(err, errAnswer) {
		return x, err
	}
	in, err := r.input(ctx)
	if err != nil {
		return x, err
	}
	return explainHere(in)
}

func explainHere(in artifact.Input) (artifact.Explanation, error) {
	c, err := artifact.Builtin()
	if err != nil {
		return artifact.Explanation{}, err
	}
	return c.Explain(in), nil
}

// remoteArtifact is an artifact in a registry.
type remoteArtifact struct {
	remote
	place
	client *http.Client
}

// artifact reads HOST/REPOSITORY[:TAG|@DIGEST].
func (o *remote) artifact(text string) (*remoteArtifact, error) {
	at, rest, err := o.split(text)
	if err != nil {
		return nil, err
	}
	p := place{at: at, ref: "latest"}
	name := rest
	if before, digest, ok := strings.Cut(rest, "@"); ok {
		name, p.ref = before, digest
		name, _, _ = strings.Cut(name, ":") // the digest counts more than a tag before it
	} else if before, tag, ok := strings.Cut(rest, ":"); ok {
		name, p.ref = before, tag
	}
	if p.repo, err = oci.ParseName(name); err != nil {
		return nil, fmt.Errorf("%q: want HOST/REPOSITORY:TAG: %w", text, err)
	}
	if _, err := oci.ParseReference(p.ref); err != nil {
		return nil, err
	}
	client, err := o.client()
	return &remoteArtifact{*o, p, client}, err
}

// manifestTypes is what is asked for: everything.
var manifestTypes = []string{
	oci.MediaTypeImageManifest, oci.MediaTypeImageIndex, oci.MediaTypeDockerManifest, oci.MediaTypeDockerList, "*/*",
}

// input reads the manifest, and its config where that could matter.
func (r *remoteArtifact) input(ctx context.Context) (in artifact.Input, err error) {
	at := r.at.JoinPath("v2", string(r.repo), "manifests", r.ref)
	body, header, err := r.read(ctx, r.client, at, manifestTypes...)
	if err != nil {
		return in, err
	}
	in = artifact.Input{MediaType: header.Get("Content-Type"), Manifest: body}
	c, err := artifact.Builtin()
	if err != nil || !c.Identify(in).ConfigWanted {
		return in, err
	}
	var m struct {
		Config struct {
			Digest string
			Size   int64
		}
	}
	if err := json.Unmarshal(body, &m); err != nil || m.Config.Digest == "" || m.Config.Size > artifact.MaxConfig {
		return in, nil // it is identified without
	}
	in.Config, _, err = r.read(ctx, r.client, r.at.JoinPath("v2", string(r.repo), "blobs", m.Config.Digest))
	if errors.Is(err, errAnswer) {
		return in, nil // so is one whose config is not there
	}
	return in, err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
	"github.com/argosy-registry/argosy/internal/oci"
)

// maxAsked is the most blobs of one artifact whose size a registry is asked for.
const maxAsked = 1000

// reference lints an artifact in a registry and, of an index, the manifests in it.
func (l *linter) reference(ctx context.Context, r *remoteArtifact) error {
	g := &registryLint{linter: l, r: r, seen: map[string]bool{}}
	if err := g.manifest(ctx, r.ref); err != nil {
		return err
	}
	if g.skipped > 0 {
		fmt.Fprintf(l.errs, "argosy: %d blobs were not asked for: of one artifact it is done for %d\n", g.skipped, maxAsked)
	}
	return nil
}

// registryLint is an artifact in a registry that is being linted.
type registryLint struct {
	*linter
	r       *remoteArtifact
	seen    map[string]bool // manifests and blobs
	asked   int
	skipped int
}

// manifest lints a manifest and what it lists.
func (g *registryLint) manifest(ctx context.Context, ref string) error {
	if len(g.seen) > maxManifests {
		return fmt.Errorf("%s lists more than %d manifests", g.r.ref, maxManifests)
	}
	if g.seen[ref] {
		return nil
	}
	g.seen[ref] = true
	body, header, err := g.r.read(ctx, g.r.client, g.r.at.JoinPath("v2", string(g.r.repo), "manifests", ref), manifestTypes...)
	if err != nil {
		return err
	}
	in := artifact.Input{MediaType: header.Get("Content-Type"), Manifest: body}
	var found []lint.Finding
	if d, err := oci.ParseDigest(ref); err == nil && d.Algorithm().Available() {
		if got := d.Algorithm().Sum(body); got != d {
			found = append(found, lint.Asked(d, got))
		}
	}
	p, err := oci.ParseManifest(in.MediaType, in.Manifest)
	if err != nil {
		g.check(g.name(ref), in, nil, found...)
		return nil
	}
	if in.Config, err = g.config(ctx, p); err != nil {
		return err
	}
	var next []string
	for _, ref := range p.References() {
		if ref.In == oci.InManifests && oci.IsManifestType(ref.MediaType) {
			there, err := g.head(ctx, "manifests", ref)
			if err != nil {
				return err
			}
			found = append(found, there...)
			if len(there) == 0 {
				next = append(next, string(ref.Digest))
			}
			continue
		}
		if ref.In == oci.InSubject || ref.In == oci.InManifests || ref.NonDistributable() {
			continue // it need not be here, or an entry that is no manifest has a finding of its own
		}
		there, err := g.head(ctx, "blobs", ref)
		if err != nil {
			return err
		}
		found = append(found, there...)
	}
	g.check(g.name(ref), in, nil, found...)
	for _, digest := range next {
		if err := g.manifest(ctx, digest); err != nil {
			return err
		}
	}
	return nil
}

// name is what a manifest is called in findings.
func (g *registryLint) name(ref string) string {
	sep := ":"
	if _, err := oci.ParseDigest(ref); err == nil {
		sep = "@"
	}
	return g.r.at.Host + "/" + string(g.r.repo) + sep + ref
}

// config reads a config that can be looked into; nil for one that is not there.
func (g *registryLint) config(ctx context.Context, p *oci.Parsed) ([]byte, error) {
	if p.Config == nil || p.Config.Size > artifact.MaxConfig || oci.BaseMediaType(p.Config.MediaType) == oci.MediaTypeEmpty {
		return nil, nil
	}
	content, _, err := g.r.read(ctx, g.r.client, g.r.at.JoinPath("v2", string(g.r.repo), "blobs", string(p.Config.Digest)))
	if errors.Is(err, errAnswer) || len(content) > artifact.MaxConfig {
		return nil, nil // that it is not there is found by asking for its size
	}
	return content, err
}

// head asks whether the content of a reference is there, and of which size.
func (g *registryLint) head(ctx context.Context, kind string, r oci.ManifestRef) ([]lint.Finding, error) {
	key := fmt.Sprintf("%s %s %d", kind, r.Digest, r.Size)
	if g.seen[key] {
		return nil, nil
	}
	if g.asked == maxAsked {
		g.skipped++
		return nil, nil
	}
	g.seen[key] = true
	g.asked++
	res, err := g.r.ask(ctx, g.r.client, http.MethodHead, g.r.at.JoinPath("v2", string(g.r.repo), kind, string(r.Digest)), manifestTypes...)
	if gone := (*refused)(nil); errors.As(err, &gone) && gone.status == http.StatusNotFound {
		return []lint.Finding{lint.Missing(r)}, nil
	}
	if err != nil {
		return nil, err
	}
	res.Body.Close()
	if res.ContentLength < 0 {
		return nil, nil // the registry does not say
	}
	return lint.Content(r, res.ContentLength, ""), nil
}

package registry

import (
	"context"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/store"
)

// Judged is a push that was, and what another policy makes of it.
type Judged struct {
	Artifact policy.Artifact
	Decision policy.Decision
	Digest   oci.Digest
	Pushed   time.Time
}

// replaySlice is how many manifests one statement of a replay reads.
const replaySlice = 1000

// Replay calls each for everything that is stored and was pushed since a time, in
// order of arrival, with what a policy would have made of it. The lock is left out:
// what a tag named before is not kept.
func (r *Registry) Replay(ctx context.Context, p *policy.Policy, since time.Time, each func(Judged)) error {
	c := r.Catalog()
	for after := int64(0); ; {
		rows, err := r.Store.PushedSince(store.Micros(since), after, replaySlice)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			a := artifactOf(row.Repository, &row.Manifest)
			each(Judged{Artifact: a, Decision: p.Admit(c, a), Digest: row.Digest, Pushed: store.Time(row.Pushed)})
			after = row.ID
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Judge says what a policy makes of what ref names in repo, were it new there.
// Errors: NameUnknown, ManifestUnknown.
func (r *Registry) Judge(p *policy.Policy, repo oci.Name, ref oci.Reference) (Judged, error) {
	row, err := r.named(r.Store.Reader, repo, ref)
	if err != nil {
		return Judged{}, err
	}
	a := artifactOf(repo, row)
	return Judged{Artifact: a, Decision: p.Admit(r.Catalog(), a), Digest: row.Digest, Pushed: store.Time(row.Pushed)}, nil
}

package browse

import (
	"context"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// Explain says why what a reference names is of its type, by the catalog in force.
// Errors: NameUnknown, ManifestUnknown.
func (b *Browser) Explain(ctx context.Context, v Visible, repo oci.Name, ref oci.Reference) (artifact.Explanation, error) {
	row, err := b.row(v, repo, ref)
	if err != nil {
		return artifact.Explanation{}, err
	}
	m, err := b.Store.ManifestByID(row.ID)
	if err == nil && m == nil {
		err = oci.ManifestUnknown.With(nil, "%s%s has just been deleted", repo, ref.Suffix())
	}
	if err != nil {
		return artifact.Explanation{}, err
	}
	in := artifact.Input{MediaType: m.MediaType, Manifest: m.Content}
	if b.Config != nil && b.Catalog().Identify(in).ConfigWanted {
		if in.Config, err = b.Config(ctx, m.ID); err != nil {
			return artifact.Explanation{}, err
		}
	}
	return b.Catalog().Explain(in), nil
}

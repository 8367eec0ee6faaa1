// Package preview says what another catalog would make of what a registry holds. It
// reads every manifest and changes nothing; memory does not grow with their number. It
// does not know where the other catalog comes from.
package preview

import (
	"cmp"
	"context"
	"slices"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Change is artifacts that would be of another type.
type Change struct {
	From     string   `json:"from"` // id of the type, and of its variant behind a slash
	To       string   `json:"to"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples"` // some of them: REPOSITORY:TAG or REPOSITORY@DIGEST
}

// Source is what a registry holds.
type Source struct {
	Store *store.DB
	// Config reads the config of a manifest by the manifest's id; nil when it is not
	// there.
	Config func(ctx context.Context, manifest int64) ([]byte, error)
}

const (
	slice      = 100
	maxChanges = 1000 // that are told apart; what comes after counts with the last
)

// other is the change that counts what is not told apart.
const other = "…"

// Changes are the artifacts that would be of another type with next than they are with
// now, most of a kind first, each kind with at most n of them.
func (s Source) Changes(ctx context.Context, now, next *artifact.Catalog, n int) ([]Change, error) {
	found := map[[2]string]*Change{}
	for at := int64(0); ; {
		var changed []renamed
		last, err := s.Store.Manifests(at, slice, func(m *store.Manifest) error {
			if m.Content == nil {
				return nil
			}
			r, err := s.rename(ctx, now, next, m)
			if err == nil && r.from != r.to {
				changed = append(changed, r)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, r := range changed {
			if err := s.count(found, r, n); err != nil {
				return nil, err
			}
		}
		if last == at {
			break
		}
		if at = last; ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	all := make([]Change, 0, len(found))
	for _, c := range found {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return all, nil
}

// renamed is a manifest with the type that it is of, and would be of.
type renamed struct {
	id, repository int64
	digest         oci.Digest
	from, to       string
}

func (s Source) rename(ctx context.Context, now, next *artifact.Catalog, m *store.Manifest) (renamed, error) {
	r := renamed{m.ID, m.RepositoryID, m.Digest, named(m.Type, m.Variant), ""}
	in := artifact.Input{MediaType: m.MediaType, Manifest: m.Content}
	if next.Identify(in).ConfigWanted || now.Identify(in).ConfigWanted {
		config, err := s.Config(ctx, m.ID)
		if err == nil { // else it is identified without, as it was
			in.Config = config
		}
	}
	if m.Fingerprint != now.Fingerprint() { // it is still to be identified anew
		id := now.Identify(in)
		r.from = named(id.Type, id.Variant)
	}
	id := next.Identify(in)
	r.to = named(id.Type, id.Variant)
	return r, nil
}

func named(typ, variant string) string {
	if variant == "" {
		return typ
	}
	return typ + "/" + variant
}

func (s Source) count(found map[[2]string]*Change, r renamed, n int) error {
	key := [2]string{r.from, r.to}
	if found[key] == nil && len(found) >= maxChanges {
		key = [2]string{other, other}
	}
	c := found[key]
	if c == nil {
		c = &Change{From: key[0], To: key[1], Examples: []string{}}
		found[key] = c
	}
	if c.Count++; len(c.Examples) >= n {
		return nil
	}
	repo, err := s.Store.RepositoryName(r.repository)
	if err != nil || repo == "" { // it has just gone
		return err
	}
	tags, err := s.Store.TagsOf(r.id)
	if err != nil {
		return err
	}
	ref := oci.Reference{Digest: r.digest}
	if len(tags) > 0 {
		ref = oci.Reference{Tag: oci.Tag(tags[0])}
	}
	c.Examples = append(c.Examples, string(repo)+ref.Suffix())
	return nil
}

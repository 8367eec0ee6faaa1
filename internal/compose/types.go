package compose

import (
	"context"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/preview"
)

// Types is the catalog of the data folder, for its owner.
func (d *Data) Types() operator.Types { return types{d} }

type types struct{ *Data }

func (t types) Status(context.Context) (operator.Status, error) {
	c, p := t.Catalog.Current(), t.Registry.Identifying()
	s := operator.Status{
		Fingerprint: c.Fingerprint(), Types: c.Types(), Refused: t.Catalog.Refused(), Done: p.Done, Total: p.Total,
	}
	for _, f := range t.Catalog.Followed() {
		s.Catalogs = append(s.Catalogs, operator.Catalog{
			Ref: f.Ref, Digest: f.Digest, Title: f.Title, Version: f.Version, Key: f.Key, Override: f.Override,
			Types: f.Types, Checked: f.Checked, Refused: f.Refused, Unreachable: f.Unreachable,
		})
	}
	return s, nil
}

func (t types) Source(_ context.Context, id string) (artifact.File, error) {
	return t.Catalog.Source(id)
}

func (t types) Files(context.Context) ([]artifact.File, error) {
	return t.Catalog.Current().Files(), nil
}

func (t types) Preview(ctx context.Context, p operator.Proposal) (v operator.Preview, err error) {
	now := t.Catalog.Current()
	next, err := t.Catalog.Propose(catalog.Terms{Ref: p.Ref, Only: p.Only, Override: p.Override}, p.Files)
	if err != nil {
		return v, err
	}
	d := catalog.CompareCatalogs(now, next)
	v = operator.Preview{
		Added: append([]string{}, d.Added...), Changed: append([]string{}, d.Changed...), Removed: append([]string{}, d.Removed...),
		Types: []operator.TypeChange{},
	}
	changes, err := preview.Source{Store: t.store, Config: t.Registry.Config}.Changes(ctx, now, next, p.Examples)
	for _, c := range changes {
		v.Types = append(v.Types, operator.TypeChange(c))
	}
	return v, err
}

func (t types) Add(ctx context.Context, files map[string][]byte) error {
	return t.Catalog.Add(ctx, files)
}

func (t types) Remove(ctx context.Context, id string) error { return t.Catalog.Remove(ctx, id) }

package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// reidentify renews what is derived of manifests whose config has just arrived,
// in the transaction of its arrival.
func (r *Registry) reidentify(tx *store.Tx, repo oci.Name, ids []int64, config []byte) error {
	c := r.Catalog()
	for _, id := range ids {
		m, err := tx.ManifestByID(id)
		if err != nil || m == nil {
			return err
		}
		found := c.Identify(artifact.Input{MediaType: m.MediaType, Manifest: m.Content, Config: config})
		if err := r.late(tx, repo, m, derived(c, found)); err != nil {
			return err
		}
		if err := tx.SetDerived(id, derived(c, found)); err != nil {
			return err
		}
		if err := r.reattach(tx, c, id, found.Type); err != nil {
			return err
		}
		if err := r.changedManifest(tx, repo, id, m.Digest); err != nil {
			return err
		}
	}
	return nil
}

// reattach renews what the names of a manifest's tags attach it to.
func (r *Registry) reattach(tx *store.Tx, c *artifact.Catalog, id int64, typ string) error {
	tags, err := tx.Attached(id)
	if err != nil {
		return err
	}
	for tag, to := range tags {
		if now := attachedTo(c, typ, tag); now != to {
			if err := tx.SetAttached(id, tag, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// settingIdentified keeps how far everything stored is identified.
const settingIdentified = "identified"

// identified says that all manifests up to an id are identified with a catalog.
type identified struct {
	Fingerprint string `json:"fingerprint"`
	Up          int64  `json:"up"`
	All         bool   `json:"all,omitempty"`
}

// Progress is how far the identification of what is stored is after a change of
// the catalog. Total is 0 when none is under way; both count ids, gaps included.
type Progress struct{ Done, Total int64 }

type progress struct{ done, total atomic.Int64 }

// Identifying says how far the registry is with identifying anew what it holds.
func (r *Registry) Identifying() Progress {
	return Progress{r.progress.done.Load(), r.progress.total.Load()}
}

// CatalogChanged has everything stored identified anew.
func (r *Registry) CatalogChanged() {
	select {
	case r.recatalog <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Reidentify identifies what was stored while another catalog was in force. Until
// it has come to a manifest, all surfaces show what was found before. A registry
// that was stopped goes on where it was.
func (r *Registry) Reidentify(ctx context.Context) error {
	defer r.progress.total.Store(0)
	for ctx.Err() == nil {
		err := r.pass(ctx, r.Catalog())
		if !errors.Is(err, errOutdated) {
			return err
		}
	}
	return ctx.Err()
}

// pass goes over all manifests with one catalog. Error: errOutdated when another
// one came into force meanwhile.
func (r *Registry) pass(ctx context.Context, c *artifact.Catalog) error {
	at, err := r.identifiedUpTo(c)
	if err != nil || at.All {
		return err
	}
	last, err := r.Store.LastManifest()
	if err != nil {
		return err
	}
	r.progress.done.Store(at.Up)
	r.progress.total.Store(last)
	for ctx.Err() == nil {
		from := at.Up
		if at.Up, err = r.identifySome(c, from); err != nil {
			return err
		}
		r.progress.done.Store(min(at.Up, last))
		if at.Up == from { // what comes from now on is of this catalog
			at.All = true
			return r.Store.Write(ctx, func(tx *store.Tx) error { return r.keepIdentified(tx, c, at) })
		}
	}
	return ctx.Err()
}

func (r *Registry) identifiedUpTo(c *artifact.Catalog) (at identified, err error) {
	text, ok, err := r.Store.Setting(settingIdentified)
	if err != nil {
		return at, err
	}
	if ok {
		if err := json.Unmarshal(text, &at); err != nil {
			return at, fmt.Errorf("setting %s: %w", settingIdentified, err)
		}
	}
	if at.Fingerprint != c.Fingerprint() {
		at = identified{Fingerprint: c.Fingerprint()}
	}
	return at, nil
}

func (r *Registry) keepIdentified(tx *store.Tx, c *artifact.Catalog, at identified) error {
	if r.Catalog() != c {
		return errOutdated
	}
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return tx.SetSetting(settingIdentified, text)
}

// renewal is a manifest of which the catalog says something else than before.
type renewal struct {
	store.Manifest // without its bytes
	derived        store.Derived
}

// identifySome goes over a slice of manifests after an id and returns the last one.
func (r *Registry) identifySome(c *artifact.Catalog, after int64) (last int64, err error) {
	var changed []renewal
	last, err = r.Store.Manifests(after, slice, func(m *store.Manifest) error {
		if m.Content == nil || m.Fingerprint == c.Fingerprint() {
			return nil
		}
		d, err := r.rederive(r.Store.Reader, c, m)
		if err == nil {
			m.Content = nil
			changed = append(changed, renewal{*m, d})
		}
		return err
	})
	if err != nil || len(changed) == 0 {
		return last, err
	}
	return last, r.Store.Write(context.Background(), func(tx *store.Tx) error {
		for i := range changed {
			if err := r.renew(tx, c, &changed[i]); err != nil {
				return err
			}
		}
		return r.keepIdentified(tx, c, identified{Fingerprint: c.Fingerprint(), Up: last})
	})
}

// rederive identifies a stored manifest. A config whose bytes are damaged or lost
// counts as absent here: to heal it is not this one's matter.
func (r *Registry) rederive(from store.Reader, c *artifact.Catalog, m *store.Manifest) (store.Derived, error) {
	in := artifact.Input{MediaType: m.MediaType, Manifest: m.Content}
	id := c.Identify(in)
	if !id.ConfigWanted {
		return derived(c, id), nil
	}
	config, err := r.configFrom(from, m.ID)
	if err != nil {
		r.Log.Warn("config cannot be read; its manifest is identified without it", "manifest", string(m.Digest), "error", err)
		return derived(c, id), nil
	}
	in.Config = config
	return derived(c, c.Identify(in)), nil
}

// Config reads the config blob of a manifest by the manifest's id, up to the size
// that counts for identification; nil when there is none here.
func (r *Registry) Config(_ context.Context, manifest int64) ([]byte, error) {
	return r.configFrom(r.Store.Reader, manifest)
}

func (r *Registry) configFrom(from store.Reader, manifest int64) ([]byte, error) {
	b, err := from.ConfigOf(manifest)
	if err != nil || b == nil {
		return nil, err
	}
	content, err := from.BlobContent(b.ID)
	if err != nil {
		return nil, err
	}
	return r.small(b, content)
}

// renew writes what the catalog says now, unless the row has changed meanwhile.
func (r *Registry) renew(tx *store.Tx, c *artifact.Catalog, m *renewal) error {
	ok, err := tx.Rederive(&m.Manifest, m.derived)
	if err != nil || !ok {
		return err
	}
	if err := r.reattach(tx, c, m.ID, m.derived.Type); err != nil {
		return err
	}
	if m.derived.Type == m.Type {
		return nil
	}
	repo, err := tx.RepositoryName(m.RepositoryID)
	if err != nil {
		return err
	}
	return r.changedManifest(tx, repo, m.ID, m.Digest)
}

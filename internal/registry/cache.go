package registry

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// scope is what a cached answer depends on. A commit that changes a scope moves
// its generation on, and every answer of an older generation is dead. That holds
// only in the one process that writes the store.
type scope struct{ repo, what string }

// generations are shared by scopes of one hash: a collision costs a reload.
type generations struct {
	seed maphash.Seed
	at   [8192]atomic.Uint64
}

func (g *generations) of(s scope) *atomic.Uint64 {
	return &g.at[maphash.Comparable(g.seed, s)%uint64(len(g.at))]
}

// cache keeps answers by key within a bound of bytes.
type cache[K comparable, V any] struct {
	entries     *otter.Cache[K, cached[V]]
	generations *generations
}

type cached[V any] struct {
	generation uint64
	value      V
}

func newCache[K comparable, V any](g *generations, maxBytes uint64, weigh func(V) int) (*cache[K, V], error) {
	if g == nil {
		return &cache[K, V]{}, nil
	}
	entries, err := otter.New(&otter.Options[K, cached[V]]{
		MaximumWeight: maxBytes,
		Weigher:       func(_ K, c cached[V]) uint32 { return uint32(weigh(c.value)) + 256 },
	})
	return &cache[K, V]{entries, g}, err
}

// get answers from the cache, or loads. The generation is read before the load:
// an answer that a commit overtook is stored dead.
func (c *cache[K, V]) get(s scope, k K, load func() (V, error)) (V, error) {
	if c.entries == nil {
		return load()
	}
	g := c.generations.of(s).Load()
	if e, ok := c.entries.GetIfPresent(k); ok && e.generation == g {
		return e.value, nil
	}
	v, err := load()
	if err == nil {
		c.entries.Set(k, cached[V]{g, v})
	}
	return v, err
}

// setOnCommit has the scope's answers die when tx commits, and v be the answer
// from then on. Those who wait for their own commit behind tx come after it, also
// where both share one.
func (c *cache[K, V]) setOnCommit(tx *store.Tx, s scope, k K, v V) {
	if c.entries == nil {
		return
	}
	g := c.generations.of(s)
	tx.OnCommit(func() { c.entries.Set(k, cached[V]{g.Add(1), v}) })
}

// caches are the answers that are kept.
type caches struct {
	*generations // nil: nothing is kept
	manifests    *cache[scope, *oci.Manifest]
	blobs        *cache[scope, *blobEntry]
	lists        *cache[listKey, *oci.List]
	referrers    *cache[referrersKey, *oci.Referrers]
}

// blobEntry is a blob's row, with the bytes where the database holds them.
type blobEntry struct {
	store.Blob
	content []byte
}

type listKey struct {
	repo oci.Name // empty: repositories
	page oci.Page
}

type referrersKey struct {
	repo    oci.Name
	subject oci.Digest
	types   string
	last    string
}

const (
	manifestCacheBytes = 32 << 20
	blobCacheBytes     = 16 << 20
	listCacheBytes     = 16 << 20
)

func newCaches(on bool) (c caches, err error) {
	if on {
		c.generations = &generations{seed: maphash.MakeSeed()}
	}
	if c.manifests, err = newCache[scope](c.generations, manifestCacheBytes, func(m *oci.Manifest) int { return 2 * len(m.Content) }); err != nil {
		return c, err
	}
	if c.blobs, err = newCache[scope](c.generations, blobCacheBytes, func(b *blobEntry) int { return len(b.content) }); err != nil {
		return c, err
	}
	if c.lists, err = newCache[listKey](c.generations, listCacheBytes, weightOfList); err != nil {
		return c, err
	}
	c.referrers, err = newCache[referrersKey](c.generations, listCacheBytes, weightOfReferrers)
	return c, err
}

// weightOfList is the bytes of an answer and of the encoded form that its reader
// keeps with it.
func weightOfList(l *oci.List) (n int) {
	for _, name := range l.Names {
		n += 2*len(name) + 32
	}
	return n
}

// weightOfReferrers is the bytes of an answer and of the encoded form that its
// reader keeps with it.
func weightOfReferrers(l *oci.Referrers) (n int) {
	for _, m := range l.Manifests {
		n += 512 + 2*(len(m.MediaType)+len(m.Digest)+len(m.ArtifactType))
		for k, v := range m.Annotations {
			n += 2*(len(k)+len(v)) + 64
		}
	}
	return n
}

// changed has the scope's answers die when tx commits.
func (c caches) changed(tx *store.Tx, s scope) {
	if c.generations != nil {
		g := c.generations.of(s)
		tx.OnCommit(func() { g.Add(1) })
	}
}

// The scopes.
func manifestScope(repo oci.Name, ref string) scope { return scope{string(repo), ref} }
func blobScope(d oci.Digest) scope                  { return scope{"", "blob " + string(d)} } // a blob is shared by repositories
func blobKey(repo oci.Name, d oci.Digest) scope     { return scope{string(repo), string(d)} }
func tagsScope(repo oci.Name) scope                 { return scope{string(repo), "tags"} }
func referrersScope(repo oci.Name, subject oci.Digest) scope {
	return scope{string(repo), "referrers " + string(subject)}
}

var repositoriesScope = scope{"", "repositories"}

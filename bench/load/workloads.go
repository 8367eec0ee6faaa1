package load

import (
	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/wire"
)

// Workloads are all kinds of use, by name.
var Workloads = map[string]Workload{}

func init() {
	for _, w := range []Workload{
		{Name: "manifest-get-tag", Set: "image", Prepare: manifests("GET", func(m data.Manifest) string { return m.Tag })},
		{Name: "manifest-get-digest", Set: "image", Prepare: manifests("GET", func(m data.Manifest) string { return m.Digest })},
		{Name: "manifest-head", Set: "image", Prepare: manifests("HEAD", func(m data.Manifest) string { return m.Tag })},
		{Name: "manifest-head-digest", Set: "image", Prepare: manifests("HEAD", func(m data.Manifest) string { return m.Digest })},
		{Name: "blob-get-small", Set: "blobs", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Small })},
		{Name: "blob-get-medium", Set: "blobs", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Medium })},
		{Name: "blob-get-large", Set: "blobs", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Large })},
		{Name: "pull-image", Set: "image", Prepare: pullImage},
		{Name: "tags-all", Set: "tags", Prepare: tags("")},
		{Name: "tags-walk-100", Set: "tags", Prepare: tags("?n=100")},
		{Name: "catalog-all", Set: "catalog", Prepare: catalog("?n=10000")},
		{Name: "catalog-walk-100", Set: "catalog", Prepare: catalog("?n=100")},
		{Name: "referrers", Set: "referrers", Prepare: referrers},
		{Name: "blob-put-small", Prepare: put(data.Small), Writes: true},
		{Name: "blob-put-medium", Prepare: put(data.Medium), Writes: true},
		{Name: "blob-put-large", Prepare: put(Large), Each: 2, Writes: true},
		{Name: "blob-patch-chunked", Prepare: patch, Each: 4, Writes: true},
		{Name: "push-artifact", Prepare: pushArtifact(true), Writes: true},
		{Name: "push-artifact-one-repo", Prepare: pushArtifact(false), Writes: true},
		{Name: "mount", Set: "blobs", Prepare: mount, Writes: true},
		{Name: "manifest-delete", Prepare: deleteManifest, Each: deletes, Writes: true},
	} {
		Workloads[w.Name] = w
	}
}

// round takes prepared requests in turn, each connection from another place.
type round struct {
	requests []*wire.Request
	sizes    []int64
	digests  []string
	at       int
}

func (r *round) add(q *wire.Request, size int64, digest string) {
	r.requests, r.sizes, r.digests = append(r.requests, q), append(r.sizes, size), append(r.digests, digest)
}

func (r *round) get(w *Worker) (int64, error) {
	r.at = (r.at + 1) % len(r.requests)
	return w.get(r.requests[r.at], r.sizes[r.at], r.digests[r.at])
}

func manifests(method string, ref func(data.Manifest) string) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		r := &round{at: w.ID}
		for _, m := range w.Sets.Images.Manifests {
			q := w.request(method, "/v2/"+m.Repository+"/manifests/"+ref(m), nil, "Accept", m.MediaType)
			r.add(q, int64(len(m.Content)), m.Digest)
		}
		return func() (int64, error) { return r.get(w) }, nil
	}
}

func blobs(which func(data.Blobs) []data.Body) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		r := &round{at: w.ID}
		for _, b := range which(w.Sets.Blobs) {
			r.add(w.request("GET", "/v2/"+data.BlobRepository+"/blobs/"+b.Digest, nil), b.Size, b.Digest)
		}
		return func() (int64, error) { return r.get(w) }, nil
	}
}

func pullImage(w *Worker) (Op, error) {
	im, at := w.Sets.Images, w.ID
	blob := func(b data.Body) (int64, error) {
		return w.get(w.request("GET", "/v2/"+data.ImageRepository+"/blobs/"+b.Digest, nil), b.Size, b.Digest)
	}
	return func() (total int64, err error) {
		at = (at + 1) % len(im.Manifests)
		m := im.Manifests[at]
		q := w.request("GET", "/v2/"+m.Repository+"/manifests/"+m.Tag, nil, "Accept", m.MediaType)
		if total, err = w.get(q, int64(len(m.Content)), m.Digest); err != nil {
			return total, err
		}
		bodies := []data.Body{im.Configs[at]}
		for j := range 10 {
			bodies = append(bodies, im.Layers[(at*10+j)%len(im.Layers)])
		}
		for _, b := range bodies {
			n, err := blob(b)
			if total += n; err != nil {
				return total, err
			}
		}
		return total, nil
	}, nil
}

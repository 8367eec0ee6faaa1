package load

import (
	"fmt"
	"math/rand/v2"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/wire"
)

// Workloads are all kinds of use, by name.
var Workloads = map[string]Workload{}

func init() {
	for _, w := range []Workload{
		{Name: "manifest-get-tag", Prepare: manifests("GET", func(m data.Manifest) string { return m.Tag })},
		{Name: "manifest-get-digest", Prepare: manifests("GET", func(m data.Manifest) string { return m.Digest })},
		{Name: "manifest-head", Prepare: manifests("HEAD", func(m data.Manifest) string { return m.Tag })},
		{Name: "blob-get-small", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Small })},
		{Name: "blob-get-medium", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Medium })},
		{Name: "blob-get-large", Prepare: blobs(func(b data.Blobs) []data.Body { return b.Large })},
		{Name: "pull-image", Prepare: pullImage},
		{Name: "tags-all", Prepare: list("/v2/" + data.TagRepository + "/tags/list")},
		{Name: "tags-walk-100", Prepare: walk("/v2/" + data.TagRepository + "/tags/list?n=100")},
		{Name: "catalog-all", Prepare: list("/v2/_catalog?n=100000")},
		{Name: "catalog-walk-100", Prepare: walk("/v2/_catalog?n=100")},
		{Name: "referrers", Prepare: referrers},
		{Name: "blob-put-small", Prepare: put(data.Small)},
		{Name: "blob-put-medium", Prepare: put(data.Medium)},
		{Name: "blob-put-large", Prepare: put(256 << 20), Each: 2},
		{Name: "blob-patch-chunked", Prepare: patch, Each: 4},
		{Name: "push-artifact", Prepare: pushArtifact(true)},
		{Name: "push-artifact-one-repo", Prepare: pushArtifact(false)},
		{Name: "mount", Prepare: mount},
		{Name: "manifest-delete", Prepare: deleteManifest, Each: 100},
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

// list asks for a list in one answer; all answers must have the first one's length.
func list(path string) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		q, size := w.request("GET", path, nil), int64(-1)
		return func() (int64, error) {
			n, err := w.get(q, size, "")
			if err == nil && n < 100 {
				err = fmt.Errorf("%s answered %d bytes: the list is missing", path, n)
			}
			size = n
			return n, err
		}, nil
	}
}

// walk follows a list to its end, page by page.
func walk(path string) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		return func() (total int64, err error) {
			pages := 0
			for at := path; at != ""; at = w.next() {
				if err := w.do(w.request("GET", at, nil), 200, nil); err != nil {
					return total, err
				}
				total += w.resp.Length
				pages++
			}
			if pages < 5 {
				err = fmt.Errorf("%s ended after %d pages", path, pages)
			}
			return total, err
		}, nil
	}
}

func referrers(w *Worker) (Op, error) {
	s := w.Sets.Referrers.Subject
	return list("/v2/" + s.Repository + "/referrers/" + s.Digest)(w)
}

// maker makes bodies that no other turn made.
func maker(size int64) *data.Maker { return data.NewMaker(size, rand.Uint64()) }

func put(size int64) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		m, repository := maker(size), fmt.Sprintf("bench/put/w%d", w.ID)
		return func() (int64, error) { return size, w.pushBlob(repository, m.Next()) }, nil
	}
}

func patch(w *Worker) (Op, error) {
	const size = 64 << 20
	m := maker(size)
	return func() (int64, error) { return size, w.pushChunks("bench/patch", m.Next()) }, nil
}

// pushArtifact pushes a config, a 4 KiB layer and a manifest with a tag.
func pushArtifact(many bool) func(*Worker) (Op, error) {
	return func(w *Worker) (Op, error) {
		layers, run, n := maker(data.Layer), rand.Uint32(), 0
		return func() (int64, error) {
			n++
			repository := "bench/push/all"
			if many {
				repository = fmt.Sprintf("bench/push/r%d-%d", w.ID, n%50)
			}
			name := fmt.Sprintf("%x-%d-%d", run, w.ID, n)
			config, layer := data.ImageConfig(name), layers.Next()
			for _, b := range []data.Body{config, layer} {
				if err := w.pushBlob(repository, b); err != nil {
					return 0, err
				}
			}
			return data.Layer, w.pushManifest(data.Image(repository, "v"+name, "", config, layer))
		}, nil
	}
}

func mount(w *Worker) (Op, error) {
	bodies, run, n := w.Sets.Blobs.Small, rand.Uint32(), 0
	return func() (int64, error) {
		n++
		b := bodies[n%len(bodies)]
		return 0, w.mount(fmt.Sprintf("bench/mount/%x-%d-%d", run, w.ID, n/len(bodies)), data.BlobRepository, b.Digest)
	}, nil
}

// deleteManifest pushes what it will delete before the turn.
func deleteManifest(w *Worker) (Op, error) {
	const each = 100
	repository := fmt.Sprintf("bench/delete/w%d", w.ID)
	config := data.ImageConfig("delete")
	if err := w.pushBlob(repository, config); err != nil {
		return nil, err
	}
	var digests []string
	run := rand.Uint32()
	for i := range each {
		m := data.Image(repository, "", fmt.Sprintf("%x %d", run, i), config)
		if err := w.pushManifest(m); err != nil {
			return nil, err
		}
		digests = append(digests, m.Digest)
	}
	return func() (int64, error) {
		d := digests[0]
		digests = digests[1:]
		return 0, w.do(w.request("DELETE", "/v2/"+repository+"/manifests/"+d, nil), 202, nil)
	}, nil
}

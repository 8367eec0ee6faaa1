package load

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/argosy-registry/argosy/bench/data"
)

// Large is the size of a large blob that is pushed, in bytes.
const Large = 256 << 20

// makers are the makers of this process by size. A turn goes on where the one
// before has ended, so that no server is sent the same body twice.
var makers = struct {
	sync.Mutex
	of map[int64]*data.Maker
}{of: map[int64]*data.Maker{}}

func maker(size int64) *data.Maker {
	makers.Lock()
	defer makers.Unlock()
	if makers.of[size] == nil {
		makers.of[size] = data.NewMaker(size, rand.Uint64())
	}
	return makers.of[size]
}

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

// deletes is how many manifests a connection pushes and then deletes in a turn.
const deletes = 250

// deleteManifest pushes what it will delete before the turn.
func deleteManifest(w *Worker) (Op, error) {
	repository := fmt.Sprintf("bench/delete/w%d", w.ID)
	config := data.ImageConfig("delete")
	if err := w.pushBlob(repository, config); err != nil {
		return nil, err
	}
	var digests []string
	run := rand.Uint32()
	for i := range deletes {
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

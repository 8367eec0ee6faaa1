package load

import (
	"fmt"

	"github.com/argosy-registry/argosy/bench/data"
)

// pushBlob uploads a body: POST, then PUT, as most clients do.
func (w *Worker) pushBlob(repository string, b data.Body) error {
	if err := w.do(w.request("POST", "/v2/"+repository+"/blobs/uploads/", nil), 202, nil); err != nil {
		return err
	}
	at, err := w.location()
	if err != nil {
		return err
	}
	return w.do(w.request("PUT", with(at, "digest", b.Digest), b.Parts, "Content-Type", "application/octet-stream"), 201, nil)
}

// chunk is how much one PATCH of a chunked upload holds.
const chunk = 16 << 20

// pushChunks uploads a body in pieces.
func (w *Worker) pushChunks(repository string, b data.Body) error {
	if err := w.do(w.request("POST", "/v2/"+repository+"/blobs/uploads/", nil), 202, nil); err != nil {
		return err
	}
	for off := int64(0); off < b.Size; off += chunk {
		at, err := w.location()
		if err != nil {
			return err
		}
		end := min(off+chunk, b.Size)
		r := w.request("PATCH", at, b.Slice(off, end-off), "Content-Range", fmt.Sprintf("%d-%d", off, end-1), "Content-Type", "application/octet-stream")
		if err := w.do(r, 202, nil); err != nil {
			return err
		}
	}
	at, err := w.location()
	if err != nil {
		return err
	}
	return w.do(w.request("PUT", with(at, "digest", b.Digest), nil), 201, nil)
}

func (w *Worker) mount(repository, from, digest string) error {
	path := with(with("/v2/"+repository+"/blobs/uploads/", "mount", digest), "from", from)
	return w.do(w.request("POST", path, nil), 201, nil)
}

func (w *Worker) pushManifest(m data.Manifest) error {
	path := "/v2/" + m.Repository + "/manifests/" + m.Reference()
	return w.do(w.request("PUT", path, [][]byte{m.Content}, "Content-Type", m.MediaType), 201, nil)
}

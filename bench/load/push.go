package load

import (
	"fmt"
	"sync"

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

// fillers is how many connections push a set.
const fillers = 16

// Fill pushes a set.
func Fill(t Target, s data.Set) error {
	blobs := make(chan data.Blob)
	go func() {
		defer close(blobs)
		for b := range s.Blobs {
			blobs <- b
		}
	}()
	// Sources of mounts come first in a set: one connection keeps that order.
	err := drain(t, 1, blobs, func(w *Worker, b data.Blob) error {
		if b.From != "" {
			return w.mount(b.Repository, b.From, b.Digest)
		}
		return w.pushBlob(b.Repository, b.Body)
	})
	if err != nil {
		return fmt.Errorf("fill %s with blobs of %s: %w", t.Name, s.Name, err)
	}
	manifests := make(chan data.Manifest)
	go func() {
		defer close(manifests)
		for m := range s.Manifests {
			manifests <- m
		}
	}()
	if err := drain(t, fillers, manifests, (*Worker).pushManifest); err != nil {
		return fmt.Errorf("fill %s with manifests of %s: %w", t.Name, s.Name, err)
	}
	return nil
}

// drain has n connections push what a channel brings.
func drain[T any](t Target, n int, in <-chan T, push func(*Worker, T) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			w, err := newWorker(t, nil, i)
			if err == nil {
				defer func() { w.conn.Close() }()
			}
			for v := range in {
				if err == nil {
					err = push(w, v)
				}
			}
			errs[i] = err
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

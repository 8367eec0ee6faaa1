package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/argosy-registry/argosy/bench/data"
)

// serveSelf runs one of the limits: a handler that answers manifests from
// memory, or one that hashes, writes and syncs what is put.
func serveSelf(name, addr, folder string) error {
	switch name {
	case "memory":
		return http.ListenAndServe(addr, memoryHandler())
	case "disk":
		return http.ListenAndServe(addr, &diskHandler{folder: folder})
	}
	return fmt.Errorf("no server %q", name)
}

// memoryHandler answers the images' manifests: the limit of net/http.
func memoryHandler() http.Handler {
	answers := map[string]data.Manifest{}
	for _, m := range data.NewImages().Manifests {
		answers["/v2/"+m.Repository+"/manifests/"+m.Tag] = m
		answers["/v2/"+m.Repository+"/manifests/"+m.Digest] = m
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, ok := answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h["Content-Type"] = []string{m.MediaType}
		h["Content-Length"] = []string{strconv.Itoa(len(m.Content))}
		h["Docker-Content-Digest"] = []string{m.Digest}
		if r.Method != http.MethodHead {
			_, _ = w.Write(m.Content)
		}
	})
}

// diskHandler takes uploads as a registry does, and only hashes, writes and
// syncs: the limit of large pushes.
type diskHandler struct {
	folder string
	count  atomic.Int64
}

func (d *diskHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		w.Header().Set("Location", r.URL.Path+strconv.FormatInt(d.count.Add(1), 10))
		w.WriteHeader(http.StatusAccepted)
		return
	}
	sum, err := d.write(r.Body)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case sum != r.URL.Query().Get("digest"):
		http.Error(w, sum, http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusCreated)
	}
}

func (d *diskHandler) write(body io.Reader) (string, error) {
	f, err := os.Create(filepath.Join(d.folder, strconv.FormatInt(d.count.Add(1), 10)))
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(h, f)}, body, make([]byte, 256<<10)); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), f.Sync()
}

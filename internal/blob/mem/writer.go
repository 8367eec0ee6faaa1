package mem

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/argosy-registry/argosy/internal/blob"
)

// writer appends to a byte string of its own.
type writer struct {
	store     *Store
	key       string
	bytes     []byte
	added     int64 // bytes written by this writer
	suspended bool  // an earlier suspension is in store.uploads
	closed    bool
}

func (w *writer) Key() string { return w.key }

func (w *writer) Size() int64 { return int64(len(w.bytes)) }

func (w *writer) Write(p []byte) (int, error) {
	if w.closed {
		return 0, blob.ErrClosed
	}
	if err := w.store.take(int64(len(p))); err != nil {
		return 0, fmt.Errorf("write blob: %w", err)
	}
	w.bytes = append(w.bytes, p...)
	w.added += int64(len(p))
	return len(p), nil
}

// ReadFrom reads all before it writes: memory is what this store is about.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	var all bytes.Buffer
	_, readErr := all.ReadFrom(r)
	n, err := w.Write(all.Bytes())
	if err == nil {
		err = readErr
	}
	return int64(n), err
}

// Suspend stores the bytes among the uploads.
func (w *writer) Suspend() ([]byte, error) {
	_, err := w.finish(true)
	if err != nil {
		return nil, fmt.Errorf("suspend blob %s: %w", w.key, err)
	}
	return blob.State{Key: w.key, Size: w.Size()}.Encode(), nil
}

// Commit stores the bytes among the objects.
func (w *writer) Commit() (blob.Info, error) {
	info, err := w.finish(false)
	if err != nil {
		return blob.Info{}, fmt.Errorf("commit blob %s: %w", w.key, err)
	}
	return info, nil
}

// finish ends the writer and stores its bytes, in place of the suspended ones.
func (w *writer) finish(pending bool) (blob.Info, error) {
	if w.closed {
		return blob.Info{}, blob.ErrClosed
	}
	w.closed = true
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used -= w.added
	delete(s.writing, w.key)
	old, ok := s.uploads[w.key]
	if w.suspended && !ok {
		return blob.Info{}, fmt.Errorf("%w: the upload was deleted while it was written", blob.ErrNotFound)
	}
	s.used += w.Size() - int64(len(old.bytes))
	delete(s.uploads, w.key)
	s.stamp++
	e := entry{bytes: w.bytes, modified: time.Now(), stamp: s.stamp}
	if pending {
		s.uploads[w.key] = e
	} else {
		s.objects[w.key] = e
	}
	return e.info(w.key, pending), nil
}

// Abort drops the bytes, suspended ones included.
func (w *writer) Abort() error {
	if w.closed {
		return nil
	}
	w.closed = true
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.writing, w.key)
	s.used -= w.added
	if old, ok := s.uploads[w.key]; ok && w.suspended {
		s.used -= int64(len(old.bytes))
		delete(s.uploads, w.key)
	}
	return nil
}

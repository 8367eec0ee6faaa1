package fs

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/argosy-registry/argosy/internal/blob"
)

const (
	bufferSize = 256 << 10 // of ReadFrom; a writer holds at most one
	window     = 8 << 20   // bytes handed to the medium at a time
)

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// writer appends to one file.
type writer struct {
	store *Store
	key   string
	file  *os.File // nil once the writer has ended

	size      int64 // bytes written
	started   int64 // bytes handed to the medium
	reserved  int64 // bytes that blocks were taken for
	nextCheck int64 // size at which to look at the free space

	named     bool  // the file has a name in uploads
	suspended bool  // an earlier suspension counts on the file
	lost      error // writing to the medium failed: the bytes cannot be trusted
}

func (w *writer) Key() string { return w.key }

func (w *writer) Size() int64 { return w.size }

func (w *writer) Write(p []byte) (int, error) {
	if err := w.usable(); err != nil {
		return 0, err
	}
	if err := w.checkSpace(int64(len(p))); err != nil {
		return 0, err
	}
	n, err := w.file.Write(p)
	w.size += int64(n)
	if err == nil {
		err = w.writeBack()
	}
	if err != nil {
		return n, fmt.Errorf("write blob: %w", noSpace(err))
	}
	return n, nil
}

// ReadFrom copies through one pooled buffer, filled before each write however
// small the pieces are that the reader gives.
func (w *writer) ReadFrom(r io.Reader) (total int64, err error) {
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	for err == nil {
		var n int
		n, err = fill(r, buffer[:])
		written, werr := w.Write(buffer[:n])
		total += int64(written)
		if werr != nil {
			return total, werr
		}
	}
	if err == io.EOF {
		err = nil
	}
	return total, err
}

// fill reads until p is full or the reader returns an error. Unlike
// io.ReadFull it hands on the reader's own error, which tells a body that ended
// from one that broke off.
func fill(r io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p) && err == nil; {
		var m int
		m, err = r.Read(p[n:])
		n += m
		if idle++; m > 0 {
			idle = 0
		} else if idle == 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// usable fails when the writer has ended or its bytes are lost.
func (w *writer) usable() error {
	if w.file == nil {
		return blob.ErrClosed
	}
	return w.lost
}

// checkSpace looks at the free space before a write that passes the next mark.
func (w *writer) checkSpace(n int64) error {
	if w.size+n <= w.nextCheck || w.store.minFree == 0 {
		return nil
	}
	if err := w.store.room(n); err != nil {
		return fmt.Errorf("write blob: %w", err)
	}
	w.nextCheck = w.size + n + checkEvery
	return nil
}

// writeBack keeps the medium busy while bytes arrive: it starts each full
// window and waits for the one before, so that little is left to do at the
// end and a slow medium slows its writer down instead of filling memory.
func (w *writer) writeBack() error {
	for w.size-w.started >= window && w.lost == nil {
		w.lost = startWriteback(w.file, w.started, window)
		if w.lost == nil && w.started >= window {
			w.lost = waitWriteback(w.file, w.started-window, window)
		}
		w.started += window
	}
	return w.lost
}

package fs

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/blob/blobtest"
)

// BenchmarkPut writes durable objects, one after the other and 16 at a time.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{1 << 10, 1 << 20, 64 << 20} {
		for _, writers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%dKiB/%d", size>>10, writers), func(b *testing.B) {
				benchmarkPut(b, blobtest.Bytes(size, 1), writers)
			})
		}
	}
}

func benchmarkPut(b *testing.B, content []byte, writers int) {
	s := open(b, b.TempDir(), Options{MinFree: 1 << 20})
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	done := make(chan error, writers)
	for range writers {
		go func() {
			for left.Add(-1) >= 0 {
				if err := put(b, s, content); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

// put stores the content and deletes it, so that a long run fits the disk.
func put(b *testing.B, s *Store, content []byte) error {
	w, err := s.Create(b.Context(), blob.Hint{Size: int64(len(content))})
	if err != nil {
		return err
	}
	if _, err := w.ReadFrom(onlyReader{bytes.NewReader(content)}); err != nil {
		return err
	}
	if _, err := w.Commit(); err != nil {
		return err
	}
	return s.Delete(b.Context(), w.Key())
}

// onlyReader hides WriteTo, as a request body does.
type onlyReader struct{ io.Reader }

package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/argosy-registry/argosy/internal/blob"
)

const listBatch = 1024 // names held in memory at a time

// All walks all folders. Files whose names are no keys are not the store's and
// are passed over.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		err := s.walk(ctx, s.uploadDir(), true, yield)
		for i := 0; i < fanOut && err == nil; i++ {
			err = s.walk(ctx, filepath.Join(s.root, "objects", fmt.Sprintf("%02x", i)), false, yield)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(blob.Info{}, err)
		}
	}
}

// errStop says that the caller wants no more.
var errStop = errors.New("stop")

func (s *Store) walk(ctx context.Context, path string, pending bool, yield func(blob.Info, error) bool) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(listBatch)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(filepath.Join(path, name), name, pending, yield); err != nil {
				return err
			}
		}
	}
}

func visit(path, name string, pending bool, yield func(blob.Info, error) bool) error {
	if !blob.ValidKey(name) {
		return nil
	}
	stat, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil // went during the walk
	}
	if err != nil {
		return err
	}
	info := newInfo(name, stat)
	info.Pending = pending
	if !yield(info, nil) {
		return errStop
	}
	return nil
}

package fs

import (
	"context"
	"fmt"
	"os"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Create starts an object in an unnamed file, or in one under uploads where
// the file system has no unnamed files.
func (s *Store) Create(ctx context.Context, h blob.Hint) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, err := s.create(h)
	if err != nil {
		return nil, fmt.Errorf("create blob: %w", noSpace(err))
	}
	return w, nil
}

func (s *Store) create(h blob.Hint) (*writer, error) {
	key := blob.NewKey(h.Name)
	file, err := s.createFile(key)
	if err != nil {
		return nil, err
	}
	w := &writer{store: s, key: key, file: file, named: !s.unnamed}
	if w.reserved, err = s.reserve(file, h.Size); err != nil {
		w.drop()
		return nil, err
	}
	w.nextCheck = max(w.reserved, checkEvery)
	return w, nil
}

func (s *Store) createFile(key string) (*os.File, error) {
	if s.unnamed {
		return openUnnamed(s.objectDir(key))
	}
	file, err := os.OpenFile(s.uploadPath(key), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	if err := lock(file); err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, err
	}
	return file, nil
}

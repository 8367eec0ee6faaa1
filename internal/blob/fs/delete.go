package fs

import (
	"context"
	"errors"
	"os"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Delete removes the file under both names that it can have. It does not sync
// the folder: a file that a power cut brings back is an orphan and is found.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !blob.ValidKey(key) {
		return nil
	}
	for _, path := range []string{s.objectPath(key), s.uploadPath(key)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

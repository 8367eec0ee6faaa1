package fs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Open opens a committed object. It is an *os.File.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, blob.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, blob.Info{}, err
	}
	if !blob.ValidKey(key) {
		return nil, blob.Info{}, notFound(os.ErrNotExist, key)
	}
	file, err := os.Open(s.objectPath(key))
	if err != nil {
		return nil, blob.Info{}, notFound(err, key)
	}
	stat, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, blob.Info{}, err
	}
	return file, newInfo(key, stat), nil
}

// Stat describes a committed object.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := ctx.Err(); err != nil {
		return blob.Info{}, err
	}
	if !blob.ValidKey(key) {
		return blob.Info{}, notFound(os.ErrNotExist, key)
	}
	stat, err := os.Stat(s.objectPath(key))
	if err != nil {
		return blob.Info{}, notFound(err, key)
	}
	return newInfo(key, stat), nil
}

// newInfo describes a file. The stamp holds what changes when the bytes are
// replaced or written: size, mtime, ctime (which nobody can set back) and inode.
func newInfo(key string, stat os.FileInfo) blob.Info {
	info := blob.Info{Key: key, Size: stat.Size(), Modified: stat.ModTime()}
	if sys, ok := stat.Sys().(*syscall.Stat_t); ok {
		info.Stamp = fmt.Sprintf("%d:%d:%d:%d", info.Size, info.Modified.UnixNano(), changed(sys), sys.Ino)
	}
	return info
}

func notFound(err error, key string) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %q", blob.ErrNotFound, key)
	}
	return err
}

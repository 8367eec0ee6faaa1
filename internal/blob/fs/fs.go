// Package fs is a [blob.Store] in a folder of one local file system.
//
//	objects/xx/<key>   committed objects; xx is the end of the key
//	uploads/<key>      suspended uploads, and what a crash left of them
//
// An upload has no name until it is suspended or committed: it is an unnamed
// file (O_TMPFILE), so a crash leaves nothing of it. File systems without those
// get a named file in uploads. The order that makes a commit durable is: bytes
// synced, then the name made, then the folder synced.
//
// Files have mode 0600 and folders 0700: what is stored belongs to tenants, the
// registry decides who reads it, and no other account of the machine has a say.
//
// The package does not know whether another process uses the folder; the owner
// of the folder holds the lock.
package fs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/argosy-registry/argosy/internal/blob"
)

const (
	fileMode = 0o600
	dirMode  = 0o700
	fanOut   = 256
)

// Options tune a Store. The zero value works.
type Options struct {
	// MinFree is the number of bytes that uploads leave free in the file
	// system: Create and Write fail with blob.ErrNoSpace rather than use them.
	// Uploads of unknown size look every 4 MiB, so each may overshoot by that.
	MinFree int64
}

// Store keeps objects in a folder. It holds no resources between calls.
type Store struct {
	root    string
	minFree int64
	unnamed bool // unnamed files can be made and linked here

	reserving sync.Mutex // from looking at the free space to taking some
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in a folder and makes what is missing of it.
func Open(root string, o Options) (*Store, error) {
	s := &Store{root: root, minFree: o.MinFree}
	if err := s.makeFolders(); err != nil {
		return nil, fmt.Errorf("blob folder: %w", err)
	}
	unnamed, err := s.probeUnnamed()
	if err != nil {
		return nil, fmt.Errorf("blob folder: %w", err)
	}
	s.unnamed = unnamed
	return s, nil
}

// makeFolders makes all folders and syncs their parents every time: a process
// that died in here may have made some without syncing them.
func (s *Store) makeFolders() error {
	objects := filepath.Join(s.root, "objects")
	for _, dir := range []string{objects, s.uploadDir()} {
		if err := os.MkdirAll(dir, dirMode); err != nil {
			return err
		}
	}
	for i := range fanOut {
		err := os.Mkdir(filepath.Join(objects, fmt.Sprintf("%02x", i)), dirMode)
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	for _, dir := range []string{objects, s.root, filepath.Dir(s.root)} {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// probeUnnamed reports whether an unnamed file can be made and given a name. A
// full disk does not keep the store from opening: what is stored can still be
// read and deleted.
func (s *Store) probeUnnamed() (bool, error) {
	path := s.uploadPath(blob.NewKey("probe"))
	file, err := openUnnamed(s.uploadDir())
	if err == nil {
		err = linkUnnamed(file, path)
		file.Close()
	}
	switch {
	case err == nil:
		return true, os.Remove(path)
	case isFull(err):
		return true, nil
	case isUnsupported(err):
		return false, nil
	}
	return false, err
}

// isUnsupported knows the ways in which kernels, file systems and sandboxes
// say that they have no unnamed files, or no /proc to name them through.
func isUnsupported(err error) bool {
	for _, way := range []error{
		errors.ErrUnsupported, syscall.EINVAL, syscall.EISDIR, syscall.ENOENT, syscall.EPERM, syscall.EXDEV,
	} {
		if errors.Is(err, way) {
			return true
		}
	}
	return false
}

// objectDir is the folder of a committed object. Keys end in random digits.
func (s *Store) objectDir(key string) string {
	return filepath.Join(s.root, "objects", key[len(key)-2:])
}

func (s *Store) objectPath(key string) string { return filepath.Join(s.objectDir(key), key) }

func (s *Store) uploadDir() string { return filepath.Join(s.root, "uploads") }

func (s *Store) uploadPath(key string) string { return filepath.Join(s.uploadDir(), key) }

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	err = dir.Sync()
	dir.Close()
	return err
}

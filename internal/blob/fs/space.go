package fs

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/argosy-registry/argosy/internal/blob"
)

const (
	reserveFrom = 256 << 10 // smaller objects are not preallocated: their first write finds out as soon
	checkEvery  = 4 << 20   // bytes written between two looks at the free space
)

// room fails with ErrNoSpace unless n more bytes leave MinFree free.
func (s *Store) room(n int64) error {
	free, err := freeSpace(s.root)
	if err != nil {
		return err
	}
	if free-n < s.minFree {
		return fmt.Errorf("%w: %d bytes free, %d wanted, %d must stay free; delete something or enlarge the disk",
			blob.ErrNoSpace, free, n, s.minFree)
	}
	return nil
}

// reserve takes blocks for an object of the size, so that a disk that cannot
// hold it says so before the client sends it. It returns the bytes taken. One
// caller at a time, so that two do not both find the last free bytes.
func (s *Store) reserve(file *os.File, size int64) (int64, error) {
	if size < reserveFrom {
		return 0, s.room(max(size, 0))
	}
	s.reserving.Lock()
	defer s.reserving.Unlock()
	if err := s.room(size); err != nil {
		return 0, err
	}
	if err := allocate(file, size); err != nil {
		return 0, err
	}
	return size, nil
}

// noSpace adds ErrNoSpace to what the operating system says of a full disk.
func noSpace(err error) error {
	if isFull(err) && !errors.Is(err, blob.ErrNoSpace) {
		return fmt.Errorf("%w: %w", blob.ErrNoSpace, err)
	}
	return err
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

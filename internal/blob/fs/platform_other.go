//go:build unix && !linux

package fs

import (
	"errors"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Other systems have neither unnamed files nor a portable preallocation: they
// use named files, and find out that the disk is full when it is.

func openUnnamed(string) (*os.File, error)        { return nil, errors.ErrUnsupported }
func linkUnnamed(*os.File, string) error          { return errors.ErrUnsupported }
func allocate(*os.File, int64) error              { return nil }
func syncData(file *os.File) error                { return file.Sync() }
func startWriteback(*os.File, int64, int64) error { return nil }
func waitWriteback(*os.File, int64, int64) error  { return nil }

// freeSpace is the number of bytes that an ordinary account can still use in
// the file system of the folder.
func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	unit := uint64(s.Bsize)
	if unit == 0 || uint64(s.Bavail) > math.MaxInt64/unit {
		return math.MaxInt64, nil
	}
	return int64(uint64(s.Bavail) * unit), nil
}

// changed is when the inode last changed, in ns: nobody can set it back.
func changed(stat *syscall.Stat_t) int64 { return stat.Ctimespec.Nano() }

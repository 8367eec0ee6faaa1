package fs

import (
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openUnnamed makes a file without a name in the file system of the folder.
func openUnnamed(dir string) (*os.File, error) {
	return os.OpenFile(dir, os.O_WRONLY|unix.O_TMPFILE, fileMode)
}

// linkUnnamed gives a file that has no name its name.
func linkUnnamed(file *os.File, path string) error {
	from := fmt.Sprintf("/proc/self/fd/%d", file.Fd())
	err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	if err != nil {
		return &os.LinkError{Op: "linkat", Old: file.Name(), New: path, Err: err}
	}
	return nil
}

// allocate takes blocks for bytes [0, size) without changing the file's size.
// A file system that cannot do so is no error.
func allocate(file *os.File, size int64) error {
	for {
		err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, size)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err == nil, errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return nil
		}
		return os.NewSyscallError("fallocate", err)
	}
}

// syncData makes the bytes of a file and its size durable.
func syncData(file *os.File) error {
	for {
		err := unix.Fdatasync(int(file.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// startWriteback has the kernel start writing a range to the medium.
func startWriteback(file *os.File, from, n int64) error {
	return syncRange(file, from, n, unix.SYNC_FILE_RANGE_WRITE)
}

// waitWriteback waits until the bytes of a range have been written. It makes
// nothing durable; it bounds what is left for syncData.
func waitWriteback(file *os.File, from, n int64) error {
	const all = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
	return syncRange(file, from, n, all)
}

func syncRange(file *os.File, from, n int64, flags int) error {
	err := unix.SyncFileRange(int(file.Fd()), from, n, flags)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINTR) {
		return nil // only a hint
	}
	return os.NewSyscallError("sync_file_range", err)
}

// freeSpace is the number of bytes that an ordinary account can still use in
// the file system of the folder.
func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	unit := s.Frsize
	if unit == 0 {
		unit = s.Bsize
	}
	if s.Blocks == 0 || s.Bavail > math.MaxInt64/uint64(unit) {
		return math.MaxInt64, nil // a tmpfs without a limit has no blocks
	}
	return int64(s.Bavail) * unit, nil
}

// changed is when the inode last changed, in ns: nobody can set it back.
func changed(stat *syscall.Stat_t) int64 { return stat.Ctim.Nano() }

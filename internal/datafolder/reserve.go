package datafolder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// ReserveSize is how many bytes are set aside, so that deletes and a restart
// work on a full disk: the database's log needs a little space even to delete.
const ReserveSize = 4 << 20

// Reserve is a file of real blocks that can be given back to the disk.
type Reserve struct {
	path string
	dir  string
	mu   sync.Mutex
	held bool
}

// Reserve opens the folder's reserve and sets it aside if there is room. On a
// disk that is full already, what was set aside is given back first, so that the
// database can be opened.
func (f *Folder) Reserve() (*Reserve, error) {
	r := &Reserve{path: f.Path("reserve"), dir: f.path}
	r.held = allocated(r.path) >= ReserveSize
	free, err := freeBytes(f.path)
	if err != nil {
		return nil, err
	}
	switch {
	case r.held && free < ReserveSize:
		return r, r.Release()
	case !r.held:
		_ = r.Restore() // without room the registry starts closed to writes
	}
	return r, nil
}

// Held says whether the space is set aside now.
func (r *Reserve) Held() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// scarce is how much free space is little: more than the database's log may need
// at once.
const scarce = 64 << 20

// Scarce says whether little space is left beside what is set aside.
func (r *Reserve) Scarce() bool {
	free, err := freeBytes(r.dir)
	return err == nil && free < scarce
}

// Release gives the space back to the disk. Journaling file systems hand blocks
// out again only when their removal is durable, hence the sync.
func (r *Reserve) Release() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held = false
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("release the disk reserve: %w", err)
	}
	if err := Sync(r.dir); err != nil {
		return fmt.Errorf("release the disk reserve: %w", err)
	}
	return nil
}

// Restore sets the space aside again, if as much stays free beside it.
func (r *Reserve) Restore() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held {
		return nil
	}
	free, err := freeBytes(r.dir)
	if err != nil {
		return err
	}
	if free < 2*ReserveSize {
		return fmt.Errorf("the disk of %s has %d bytes free, the reserve needs %d", r.dir, free, 2*ReserveSize)
	}
	file, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("restore the disk reserve: %w", err)
	}
	err = allocate(file)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = Sync(r.dir)
	}
	if err != nil {
		return fmt.Errorf("restore the disk reserve: %w", errors.Join(err, os.Remove(r.path)))
	}
	r.held = true
	return nil
}

// allocate gives the file real blocks, by writing where the file system cannot
// set them aside.
func allocate(file *os.File) error {
	err := unix.Fallocate(int(file.Fd()), 0, 0, ReserveSize)
	if !errors.Is(err, unix.EOPNOTSUPP) {
		return err
	}
	block := make([]byte, 64<<10)
	rand.Read(block) // zeros would be compressed away
	for n := 0; n < ReserveSize; n += len(block) {
		if _, err := file.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// allocated is how many bytes on disk the file at path takes, 0 if there is
// none. A size says nothing: a file that was never filled has one too.
func allocated(path string) int64 {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return 0
	}
	return st.Blocks * 512
}

// freeBytes is the space that an ordinary account can still use at path.
func freeBytes(path string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	if st.Blocks == 0 {
		return math.MaxInt64, nil // a tmpfs without a limit
	}
	return int64(st.Bavail) * st.Frsize, nil
}

package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Resume opens the suspended file again, cuts it to the size in the state and
// appends to it. The key of the state counts: it differs from the given one
// when an earlier Resume had to go on under a new key.
func (s *Store) Resume(ctx context.Context, key string, text []byte) (blob.Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	state, err := blob.ParseState(text)
	if err != nil {
		return nil, fmt.Errorf("resume blob %s: %w", key, err)
	}
	w, err := s.reopen(state)
	if errors.Is(err, os.ErrNotExist) {
		w, err = s.fork(ctx, state)
	}
	if err != nil {
		return nil, fmt.Errorf("resume blob %s: %w", key, noSpace(err))
	}
	return w, nil
}

func (s *Store) reopen(state blob.State) (*writer, error) {
	file, err := os.OpenFile(s.uploadPath(state.Key), os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	if err := rewind(file, state.Size); err != nil {
		file.Close()
		return nil, err
	}
	return &writer{
		store: s, key: state.Key, file: file,
		size: state.Size, started: state.Size, nextCheck: state.Size + checkEvery,
		named: true, suspended: true,
	}, nil
}

// rewind takes the file for this writer and goes back to a size.
func rewind(file *os.File, size int64) error {
	if err := lock(file); err != nil {
		return err
	}
	// Only now is it certain that the file stays an upload: before, its last
	// writer may have committed it, and it must not be touched any more.
	stat, err := file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(file.Name())
	if err != nil {
		return err
	}
	if !os.SameFile(stat, named) {
		return fmt.Errorf("%w: another file took its place", blob.ErrState)
	}
	if stat.Size() < size {
		return tooShort(stat.Size(), size)
	}
	if err := file.Truncate(size); err != nil {
		return err
	}
	_, err = file.Seek(size, io.SeekStart)
	return err
}

// fork starts a new object with the first bytes of a committed one. Its caller
// died between the commit and recording it, or is late and the object is in
// use: the two look the same from here, so the object stays as it is.
func (s *Store) fork(ctx context.Context, state blob.State) (*writer, error) {
	from, info, err := s.Open(ctx, state.Key)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	if info.Size < state.Size {
		return nil, tooShort(info.Size, state.Size)
	}
	w, err := s.create(blob.Hint{Name: blob.KeyName(state.Key), Size: state.Size})
	if err != nil {
		return nil, err
	}
	if _, err := w.ReadFrom(io.NewSectionReader(from, 0, state.Size)); err != nil {
		w.drop()
		return nil, err
	}
	return w, nil
}

func tooShort(size, want int64) error {
	return fmt.Errorf("%w: %d bytes are stored, %d were acknowledged", blob.ErrState, size, want)
}

// lock makes this the only writer of a named upload, in all processes, until
// the file is closed.
func lock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return blob.ErrBusy
	}
	return os.NewSyscallError("flock", err)
}

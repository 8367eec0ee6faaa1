package fs

import (
	"errors"
	"fmt"
	"os"

	"github.com/argosy-registry/argosy/internal/blob"
)

// Suspend syncs the file and gives it a durable name in uploads.
func (w *writer) Suspend() ([]byte, error) {
	if w.file == nil {
		return nil, blob.ErrClosed
	}
	if err := w.suspend(); err != nil {
		w.fail()
		return nil, fmt.Errorf("suspend blob %s: %w", w.key, noSpace(err))
	}
	w.close()
	return blob.State{Key: w.key, Size: w.size}.Encode(), nil
}

func (w *writer) suspend() error {
	if err := w.syncBytes(); err != nil {
		return err
	}
	if !w.named {
		if err := linkUnnamed(w.file, w.store.uploadPath(w.key)); err != nil {
			return err
		}
		w.named = true
	}
	if w.suspended { // the name is durable, if it is still there
		_, err := os.Lstat(w.store.uploadPath(w.key))
		return deleted(err)
	}
	return syncDir(w.store.uploadDir())
}

// Commit syncs the file, then gives it its name, then syncs the folder.
func (w *writer) Commit() (blob.Info, error) {
	if w.file == nil {
		return blob.Info{}, blob.ErrClosed
	}
	info, err := w.commit()
	if err != nil {
		w.fail()
		return blob.Info{}, fmt.Errorf("commit blob %s: %w", w.key, noSpace(err))
	}
	w.close()
	return info, nil
}

func (w *writer) commit() (blob.Info, error) {
	if err := w.syncBytes(); err != nil {
		return blob.Info{}, err
	}
	if err := w.publish(); err != nil {
		return blob.Info{}, err
	}
	if err := w.syncNames(); err != nil {
		return blob.Info{}, err
	}
	stat, err := w.file.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	return newInfo(w.key, stat), nil
}

// publish gives the file its name among the objects, in place of one in uploads.
func (w *writer) publish() error {
	path := w.store.objectPath(w.key)
	if !w.named {
		return linkUnnamed(w.file, path)
	}
	return deleted(os.Rename(w.store.uploadPath(w.key), path))
}

// syncNames makes the new name durable, and that an old one is gone: an object
// that came back as an upload could be resumed and cut.
func (w *writer) syncNames() error {
	err := syncDir(w.store.objectDir(w.key))
	if err == nil && w.named {
		err = syncDir(w.store.uploadDir())
	}
	return err
}

// deleted says what it means that the name of an upload is gone.
func deleted(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: the upload was deleted while it was written", blob.ErrNotFound)
	}
	return err
}

// syncBytes makes the bytes durable, without the blocks reserved in excess. A
// failure is final: a second sync of the same file may succeed without having
// written anything.
func (w *writer) syncBytes() error {
	if w.lost != nil {
		return w.lost
	}
	if w.reserved > w.size {
		if err := w.file.Truncate(w.size); err != nil {
			return err
		}
	}
	w.lost = syncData(w.file)
	return w.lost
}

// Abort drops the file under whatever name it has.
func (w *writer) Abort() error {
	if w.file == nil {
		return nil
	}
	return w.drop()
}

// fail ends a writer after an error: back to the last suspension, or to nothing.
func (w *writer) fail() {
	if w.suspended {
		w.close()
		return
	}
	os.Remove(w.store.objectPath(w.key)) // linked, but its folder did not sync
	w.drop()
}

// drop ends the writer and removes its name in uploads. The blocks of a file
// without a name go with its last descriptor.
func (w *writer) drop() error {
	var err error
	if w.named {
		if err = os.Remove(w.store.uploadPath(w.key)); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	w.close()
	return err
}

// close ends the writer. An error of close says nothing that the sync did not.
func (w *writer) close() {
	w.file.Close()
	w.file = nil
}

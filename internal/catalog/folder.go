package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/watch"
)

// archive is a bundle of the owner's entries; empty for none. It is what the store
// keeps.
type archive []byte

// maxFile is the most that is read of a file. Its own limit is lower, and the catalog
// says so.
const maxFile = 1 << 20

var errNoFolder = errors.New("there is no folder")

// readFolder reads the entries and icons in dir. Links are followed, since that is
// how orchestrators lay files into folders.
func readFolder(dir string) (archive, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoFolder
	}
	if err != nil {
		return nil, fmt.Errorf("read the catalog's folder: %w", err)
	}
	files := map[string][]byte{}
	total := 0
	for _, e := range entries {
		if !bundle.IsEntryFile(e.Name()) {
			continue
		}
		content, err := watch.Read(filepath.Join(dir, e.Name()), maxFile)
		if err != nil {
			return nil, err
		}
		files[e.Name()] = content
		if total += len(content); total > bundle.MaxBytes || len(files) > bundle.MaxFiles {
			return nil, fmt.Errorf("%s holds too much for a catalog: at most %d files and %d MiB", dir, bundle.MaxFiles, bundle.MaxBytes>>20)
		}
	}
	return bundle.Pack(files)
}

// entries is the number of entries of the set.
func (a archive) entries() (n int) {
	files, err := bundle.Unpack(a)
	for name := range files {
		if err == nil && path.Ext(name) == ".yaml" {
			n++
		}
	}
	return n
}

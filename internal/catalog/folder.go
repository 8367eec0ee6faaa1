package catalog

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// archive is a set of entries as one file, the same bytes for the same set; empty
// for none. It is what the store keeps.
type archive []byte

// Limits of a folder: far beyond what anybody writes by hand, and what one
// transaction keeps without a thought.
const (
	maxFiles = 4000
	maxBytes = 16 << 20
	maxFile  = 1 << 20 // a file's own limit is lower, and the catalog says so
)

var errNoFolder = errors.New("there is no folder")

// isEntryFile says whether a file's name is an entry's or an icon's. Others may be
// in the folder and say nothing.
func isEntryFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".svg":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

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
		if !isEntryFile(e.Name()) {
			continue
		}
		content, err := readLimited(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		files[e.Name()] = content
		if total += len(content); total > maxBytes || len(files) > maxFiles {
			return nil, fmt.Errorf("%s holds too much for a catalog: at most %d files and %d MiB", dir, maxFiles, maxBytes>>20)
		}
	}
	return pack(files)
}

// readLimited reads a regular file. One that is too large is cut after the limit:
// the catalog then says what is wrong with it.
func readLimited(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// pack makes an archive of files.
func pack(files map[string][]byte) (archive, error) {
	if len(files) == 0 {
		return nil, nil
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (a archive) open() (*zip.Reader, error) {
	return zip.NewReader(bytes.NewReader(a), int64(len(a)))
}

// unpack reads the files of an archive.
func (a archive) unpack() (map[string][]byte, error) {
	files := map[string][]byte{}
	if len(a) == 0 {
		return files, nil
	}
	r, err := a.open()
	if err != nil {
		return nil, err
	}
	for _, f := range r.File {
		content, err := fs.ReadFile(r, f.Name)
		if err != nil {
			return nil, err
		}
		files[f.Name] = content
	}
	return files, nil
}

// entries is the number of entries of the set.
func (a archive) entries() (n int) {
	files, err := a.unpack()
	for name := range files {
		if err == nil && path.Ext(name) == ".yaml" {
			n++
		}
	}
	return n
}

// Package bundle writes a set of entries and their icons as one file, and reads it:
// a zip archive of ID.yaml and ID.svg or ID.png, all at its top, the same bytes for
// the same set. It does not know what stands in the files.
package bundle

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Limits of a set: far beyond what anybody writes by hand, and what one transaction
// keeps without a thought.
const (
	MaxFiles = 4000
	MaxBytes = 16 << 20
	maxFile  = 1 << 20 // a file's own limit is lower, and the catalog says so
)

// IsEntryFile says whether a file's name is an entry's or an icon's.
func IsEntryFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".svg", ".png":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// Check refuses a set that is too large to be kept.
func Check(files map[string][]byte) error {
	total := 0
	for _, content := range files {
		total += len(content)
	}
	if total > MaxBytes || len(files) > MaxFiles {
		return fmt.Errorf("too much for a catalog: at most %d files and %d MiB", MaxFiles, MaxBytes>>20)
	}
	return nil
}

// Magic is what a bundle begins with.
const Magic = "PK\x03\x04"

// Pack makes a bundle of files by their names; nil of none.
func Pack(files map[string][]byte) ([]byte, error) {
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

// Open is a bundle as a folder to read.
func Open(packed []byte) (*zip.Reader, error) {
	return zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
}

// Unpack reads the files of a bundle, whoever made it. It refuses names that are not
// those of entries and icons at the top, names that stand there twice, and what is
// larger, packed or not, than a set may be.
func Unpack(packed []byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	if len(packed) == 0 {
		return files, nil
	}
	r, err := Open(packed)
	if err != nil {
		return nil, fmt.Errorf("the bundle cannot be read: %w", err)
	}
	total := 0
	for _, f := range r.File {
		if !IsEntryFile(f.Name) || strings.ContainsAny(f.Name, `/\`) {
			return nil, fmt.Errorf("%.80q in the bundle is not the name of an entry or an icon: want ID.yaml, ID.svg or ID.png", f.Name)
		}
		if _, twice := files[f.Name]; twice {
			return nil, fmt.Errorf("%q stands in the bundle twice", f.Name)
		}
		content, err := read(f)
		if err != nil {
			return nil, fmt.Errorf("%s in the bundle: %w", f.Name, err)
		}
		files[f.Name] = content
		if total += len(content); total > MaxBytes || len(files) > MaxFiles {
			return nil, fmt.Errorf("the bundle holds %w", Check(files))
		}
	}
	return files, nil
}

// read reads a file whatever the archive says of its size.
func read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	return content, err
}

package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/datafolder"
)

// Add puts files of entries and icons into the folder and into force, over those
// of the same names, or none of them.
func (l *Live) Add(ctx context.Context, files map[string][]byte) error {
	for name := range files {
		if name != filepath.Base(name) || !bundle.IsEntryFile(name) {
			return fmt.Errorf("%q is not the name of an entry or an icon: want ID.yaml, ID.svg or ID.png", name)
		}
	}
	return l.change(ctx, func(set map[string][]byte) error {
		for name := range files {
			for _, ext := range artifact.IconExts { // an icon of another form goes
				if id, ok := strings.CutSuffix(name, ext); ok {
					removeIcons(set, id)
				}
			}
		}
		maps.Copy(set, files)
		return nil
	})
}

// ErrNotOwn says that no entry of the owner has an id.
var ErrNotOwn = errors.New("is not in the folder of this registry's own entries")

// Remove takes the owner's entry of a type out of the folder and out of force. A
// built-in entry that it stood over comes back. Error: ErrNotOwn.
func (l *Live) Remove(ctx context.Context, id string) error {
	return l.change(ctx, func(set map[string][]byte) error {
		if _, ok := set[id+".yaml"]; !ok {
			return fmt.Errorf("%q %w", id, ErrNotOwn)
		}
		delete(set, id+".yaml")
		removeIcons(set, id)
		return nil
	})
}

// removeIcons takes the icon of an entry out of a set, of whatever form.
func removeIcons(set map[string][]byte, id string) {
	for _, ext := range artifact.IconExts {
		delete(set, id+ext)
	}
}

// change makes another set of what is in the folder: checked first, then as files,
// then in force. A set that is refused leaves the folder as it was.
func (l *Live) change(ctx context.Context, edit func(map[string][]byte) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, err := readFolder(l.o.Folder)
	if err != nil && !errors.Is(err, errNoFolder) {
		return err
	}
	files, err := bundle.Unpack(old)
	if err != nil {
		return err
	}
	before := maps.Clone(files)
	if err := edit(files); err != nil {
		return err
	}
	if err := bundle.Check(files); err != nil {
		return err
	}
	set, err := bundle.Pack(files)
	if err != nil {
		return err
	}
	next := sets{own: set, followed: l.active.followed}
	c, err := l.load(next)
	if err != nil {
		return err
	}
	if err := l.write(before, files); err != nil {
		return err
	}
	if !bytes.Equal(set, l.active.own) {
		if err := l.enforce(ctx, next, c); err != nil {
			return err
		}
	}
	l.refused.Store(nil)
	return nil
}

// write makes the folder hold files in place of before, durably.
func (l *Live) write(before, files map[string][]byte) error {
	if err := os.MkdirAll(l.o.Folder, 0o700); err != nil {
		return fmt.Errorf("catalog's folder: %w", err)
	}
	for name, content := range files {
		if old, ok := before[name]; ok && string(old) == string(content) {
			continue
		}
		if err := writeFile(filepath.Join(l.o.Folder, name), content); err != nil {
			return fmt.Errorf("catalog's folder: %w", err)
		}
	}
	for name := range before {
		if _, ok := files[name]; ok {
			continue
		}
		if err := os.Remove(filepath.Join(l.o.Folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("catalog's folder: %w", err)
		}
	}
	return datafolder.Sync(l.o.Folder)
}

// writeFile writes a file whole or not at all.
func writeFile(name string, content []byte) error {
	dir, base := filepath.Split(name)
	f, err := os.CreateTemp(dir, "."+base+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

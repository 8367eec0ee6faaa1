// Package catalog keeps the catalog of types in force: the entries that are in
// the program, and over them those that the registry's owner puts into a folder.
//
// The folder is input, not truth. What is in it is read whole, checked whole and
// put into force by one transaction that keeps a copy in the store; a set that is
// refused changes nothing, also across restarts. The package does not know what is
// stored under the types: whoever is told of a change looks after that.
package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/store"
)

// Options are what a Live catalog is made of.
type Options struct {
	Store   *store.DB
	Folder  string            // of the owner's entries; need not be there
	Builtin []artifact.Source // nil: those in the program
	Changed func()            // called after another catalog came into force; may be nil
	Log     *slog.Logger
}

// Live is the catalog in force. It is safe for concurrent use.
type Live struct {
	o       Options
	current atomic.Pointer[artifact.Catalog]
	refused atomic.Pointer[string]
	mu      sync.Mutex // held while a set is read and put into force
	active  archive    // the owner's entries in force
}

// settingOwn is the setting that holds the owner's entries in force.
const settingOwn = "catalog-own"

// Open brings the set into force that was in force last; the folder is read by
// Reload and Watch. A set that this program refuses, since it was written for
// another one, is kept and reported; the entries in the program are in force until
// it is mended. Only an error of the store or of the program's own entries is
// returned.
func Open(o Options) (*Live, error) {
	if o.Builtin == nil {
		o.Builtin = []artifact.Source{artifact.BuiltinSource()}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Live{o: o}
	kept, _, err := o.Store.Setting(settingOwn)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	c, err := l.load(kept)
	if err != nil {
		l.refuse(fmt.Errorf("the owner's entries that were in force before: %w", err))
		kept = nil
		if c, err = l.load(nil); err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
	}
	l.active = kept
	l.current.Store(c)
	return l, nil
}

// Current is the catalog in force.
func (l *Live) Current() *artifact.Catalog { return l.current.Load() }

// Refused says why what is in the folder is not in force; empty when it is.
func (l *Live) Refused() string {
	if text := l.refused.Load(); text != nil {
		return *text
	}
	return ""
}

// Reload reads the folder and puts it into force. The error, which Refused repeats
// until the folder is in order, names file, line and column of everything that is
// wrong.
func (l *Live) Reload(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	set, err := readFolder(l.o.Folder)
	if errors.Is(err, errNoFolder) {
		if len(l.active) == 0 {
			l.refused.Store(nil)
			return nil
		}
		err = fmt.Errorf("the folder %s is gone: its entries stay in force; make it again, empty if they should go", l.o.Folder)
	}
	if err == nil {
		err = l.activate(ctx, set)
	}
	if err != nil {
		l.refuse(err)
		return err
	}
	l.refused.Store(nil)
	return nil
}

func (l *Live) refuse(err error) {
	text := err.Error()
	if old := l.refused.Swap(&text); old == nil || *old != text {
		l.o.Log.Error("the catalog's folder is refused; what is in force stays", "folder", l.o.Folder, "error", text)
	}
}

// activate checks a set of the owner's entries and puts it into force. Called with
// mu held.
func (l *Live) activate(ctx context.Context, set archive) error {
	if bytes.Equal(set, l.active) {
		return nil
	}
	c, err := l.load(set)
	if err != nil {
		return err
	}
	return l.enforce(ctx, set, c)
}

// enforce puts a set into force, of which c is the catalog. Called with mu held.
func (l *Live) enforce(ctx context.Context, set archive, c *artifact.Catalog) error {
	if bytes.Equal(set, l.active) {
		return nil
	}
	err := l.o.Store.Write(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { l.current.Store(c) }) // before any later push is decided
		return tx.SetSetting(settingOwn, set)
	})
	if err != nil {
		return fmt.Errorf("keep the catalog: %w", err)
	}
	l.active = set
	l.o.Log.Info("catalog in force", "fingerprint", c.Fingerprint(), "types", len(c.Types()), "own", set.entries())
	if l.o.Changed != nil {
		l.o.Changed()
	}
	return nil
}

// load reads the program's entries with the owner's over them.
func (l *Live) load(own archive) (*artifact.Catalog, error) {
	sources := l.o.Builtin
	if len(own) > 0 {
		fsys, err := bundle.Open(own)
		if err != nil {
			return nil, err
		}
		sources = append(sources[:len(sources):len(sources)], artifact.Source{FS: fsys, Origin: artifact.OriginLocal})
	}
	return artifact.Load(sources...)
}

// With is the catalog of the entries in the program with files of entries and icons
// over them, as a registry would have it whose owner adds them. The error names
// file, line and column of everything that is wrong.
func With(files map[string][]byte) (*artifact.Catalog, error) {
	set, err := bundle.Pack(files)
	if err != nil {
		return nil, err
	}
	return (&Live{o: Options{Builtin: []artifact.Source{artifact.BuiltinSource()}}}).load(set)
}

// Of is the catalog of entries as they were written, of whatever origins: what a
// registry has in force, told by its artifact.Catalog.Files. extra are files of the
// owner's entries and icons that go over those.
func Of(files []artifact.File, extra map[string][]byte) (*artifact.Catalog, error) {
	sets := map[artifact.Origin]map[string][]byte{artifact.OriginLocal: {}}
	for _, f := range files {
		set := sets[f.Origin]
		if set == nil {
			set = map[string][]byte{}
			sets[f.Origin] = set
		}
		set[f.ID+".yaml"] = f.Entry
		anew := slices.ContainsFunc(artifact.IconExts, func(ext string) bool { return extra[f.ID+ext] != nil })
		if f.Icon != nil && !(anew && f.Origin == artifact.OriginLocal) {
			set[f.ID+artifact.IconExt(f.Icon)] = f.Icon
		}
	}
	maps.Copy(sets[artifact.OriginLocal], extra)
	var sources []artifact.Source
	for origin, set := range sets {
		packed, err := bundle.Pack(set)
		if err != nil || packed == nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		fsys, err := bundle.Open(packed)
		if err != nil {
			return nil, err
		}
		sources = append(sources, artifact.Source{FS: fsys, Origin: origin})
	}
	return artifact.Load(sources...)
}

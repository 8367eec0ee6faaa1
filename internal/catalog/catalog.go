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
	active  sets

	troubles troubles
}

// sets are what is over the entries in the program.
type sets struct {
	own      archive
	followed []followed // in the order of their references
}

// settingOwn is the setting that holds the owner's entries in force.
const settingOwn = "catalog-own"

// Open brings the sets into force that were in force last; the folder is read by
// Reload and Watch. A set that this program refuses, since it was written for
// another one, is kept and reported; the others are in force until it is mended.
// Only an error of the store or of the program's own entries is returned.
func Open(o Options) (*Live, error) {
	if o.Builtin == nil {
		o.Builtin = []artifact.Source{artifact.BuiltinSource()}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Live{o: o}
	kept, err := l.kept()
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	c, err := l.load(kept)
	if err != nil {
		if kept, c, err = l.soundOnes(kept); err != nil {
			return nil, fmt.Errorf("catalog: %w", err)
		}
	}
	l.active = kept
	l.current.Store(c)
	return l, nil
}

// kept are the sets that were in force last.
func (l *Live) kept() (s sets, err error) {
	own, _, err := l.o.Store.Setting(settingOwn)
	if err != nil {
		return s, err
	}
	s.own = own
	s.followed, err = readFollowed(l.o.Store)
	return s, err
}

// soundOnes are those of some sets with which the catalog can be read, the followed
// ones first: the owner's may build on them. The others are refused.
func (l *Live) soundOnes(kept sets) (s sets, c *artifact.Catalog, err error) {
	if c, err = l.load(s); err != nil {
		return s, nil, err
	}
	for _, f := range kept.followed {
		more := sets{followed: append(s.followed[:len(s.followed):len(s.followed)], f)}
		if with, err := l.load(more); err != nil {
			l.Refuse(f.Ref, fmt.Errorf("what was in force before: %w", err))
		} else {
			s, c = more, with
		}
	}
	more := sets{own: kept.own, followed: s.followed}
	if with, err := l.load(more); err != nil {
		l.refuse(fmt.Errorf("the owner's entries that were in force before: %w", err))
	} else {
		s, c = more, with
	}
	return s, c, nil
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
		if len(l.active.own) == 0 {
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
func (l *Live) activate(ctx context.Context, own archive) error {
	if bytes.Equal(own, l.active.own) {
		return nil
	}
	next := sets{own: own, followed: l.active.followed}
	c, err := l.load(next)
	if err != nil {
		return err
	}
	return l.enforce(ctx, next, c)
}

// enforce puts sets into force, of which c is the catalog. Called with mu held.
func (l *Live) enforce(ctx context.Context, next sets, c *artifact.Catalog) error {
	err := l.o.Store.Write(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { l.current.Store(c) }) // before any later push is decided
		if !bytes.Equal(next.own, l.active.own) {
			if err := tx.SetSetting(settingOwn, next.own); err != nil {
				return err
			}
		}
		return writeFollowed(tx, l.active.followed, next.followed)
	})
	if err != nil {
		return fmt.Errorf("keep the catalog: %w", err)
	}
	l.active = next
	l.o.Log.Info("catalog in force", "fingerprint", c.Fingerprint(), "types", len(c.Types()), "own", next.own.entries(), "followed", len(next.followed))
	if l.o.Changed != nil {
		l.o.Changed()
	}
	return nil
}

// load reads the program's entries, with those of followed catalogs over them, and
// the owner's over all.
func (l *Live) load(s sets) (*artifact.Catalog, error) {
	sources := slices.Clone(l.o.Builtin)
	for _, f := range s.followed {
		source, err := f.source()
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	if len(s.own) > 0 {
		fsys, err := bundle.Open(s.own)
		if err != nil {
			return nil, err
		}
		sources = append(sources, artifact.Source{FS: fsys, Origin: artifact.OriginLocal})
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
	return (&Live{o: Options{Builtin: []artifact.Source{artifact.BuiltinSource()}}}).load(sets{own: set})
}

// layer is where entries come from.
type layer struct {
	origin artifact.Origin
	from   string
	yields bool
}

// Of is the catalog of entries as they were written, of whatever origins: what a
// registry has in force, told by its artifact.Catalog.Files. extra are files of the
// owner's entries and icons that go over those.
func Of(files []artifact.File, extra map[string][]byte) (*artifact.Catalog, error) {
	local := layer{origin: artifact.OriginLocal}
	layers := map[layer]map[string][]byte{local: {}}
	for _, f := range files {
		at := layer{f.Origin, f.From, f.Yields}
		set := layers[at]
		if set == nil {
			set = map[string][]byte{}
			layers[at] = set
		}
		set[f.ID+".yaml"] = f.Entry
		anew := slices.ContainsFunc(artifact.IconExts, func(ext string) bool { return extra[f.ID+ext] != nil })
		if f.Icon != nil && !(anew && f.Origin == artifact.OriginLocal) {
			set[f.ID+artifact.IconExt(f.Icon)] = f.Icon
		}
	}
	maps.Copy(layers[local], extra)
	var sources []artifact.Source
	for at, set := range layers {
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
		sources = append(sources, artifact.Source{FS: fsys, Origin: at.origin, From: at.from, Yields: at.yields})
	}
	return artifact.Load(sources...)
}

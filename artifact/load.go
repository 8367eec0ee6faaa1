package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Source is a folder of entries: ID.yaml with ID.svg or ID.png beside it, and, in
// platforms, icons of operating systems.
type Source struct {
	FS     fs.FS
	Origin Origin
	From   string // of a catalog that is followed: which one, for people
	Yields bool   // its entries may add types, and change nothing of those of farther origins
}

// Load reads sources into a catalog, all or nothing. It refuses what it does not
// know: unknown keys, broken templates, unsafe icons, rules that cannot be told
// apart. Errors name file, line and column; all are reported.
func Load(sources ...Source) (*Catalog, error) {
	l := &loader{
		c: &Catalog{
			types: map[string]*kind{}, faces: map[string]*kind{}, icons: map[string][]byte{}, platforms: map[string][]byte{},
			generic: map[string]bool{}, byType: map[string]*rule{},
		},
		signatures: map[string]string{},
	}
	for in := range l.c.byAnchor {
		l.c.byAnchor[in] = map[string][]*rule{}
	}
	sources = slices.Clone(sources)
	slices.SortStableFunc(sources, func(a, b Source) int { return int(a.Origin) - int(b.Origin) })
	for _, s := range sources {
		if err := l.read(s); err != nil {
			return nil, err
		}
	}
	l.elect()
	l.settleGeneric()
	for _, f := range l.files {
		if f.entry.Extends == "" {
			l.compile(f)
		}
	}
	for _, f := range slices.Backward(l.files) { // each goes before what is there
		if f.entry.Extends != "" {
			l.extend(f)
		}
	}
	if err := errors.Join(l.errs...); err != nil {
		return nil, err
	}
	for _, id := range []string{Unknown, Invalid} {
		if l.c.types[id] == nil {
			return nil, fmt.Errorf("catalog: the reserved entry %s is missing", id)
		}
	}
	l.finish()
	return l.c, nil
}

// loader is a catalog in the making.
type loader struct {
	c          *Catalog
	files      []*file
	rules      []*rule
	signatures map[string]string // origin and normal form of a rule's conditions → id
	hashed     []string
	errs       []error
}

// file is one entry's file.
type file struct {
	name   string
	origin Origin
	from   string
	yields bool
	entry  entry

	over         bool // a nearer file of the same id takes its place
	overFallback bool // takes the place of a fallback
	text, icon   []byte
	doc          *ast.File
}

// failf reports an error at a place of the file, a path such as $.match[0].
func (l *loader) failf(f *file, at, format string, args ...any) {
	line, column := 1, 1
	if p, err := yaml.PathString(at); err == nil && f.doc != nil {
		if node, err := p.FilterFile(f.doc); err == nil && node != nil {
			line, column = begin(node)
		}
	}
	l.errs = append(l.errs, fmt.Errorf("%s:%d:%d: %s", f.name, line, column, fmt.Sprintf(format, args...)))
}

// begin is where a node of a file begins. The token of a mapping is its first
// colon, so its first key is looked at.
func begin(node ast.Node) (line, column int) {
	switch n := node.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			node = n.Values[0].Key
		}
	case *ast.MappingValueNode:
		node = n.Key
	}
	at := node.GetToken().Position
	return at.Line, at.Column
}

func (l *loader) read(s Source) error {
	names, err := l.names(s.FS)
	if err != nil {
		return err
	}
	layer := s.Origin.String()
	if s.Yields {
		layer += ", yields"
	}
	for _, name := range names {
		text, err := readFile(s.FS, name, maxFile)
		if err != nil {
			return err
		}
		l.hash(layer+" "+name, text)
		if f := l.parse(name, text, s.Origin); f != nil {
			f.text, f.from, f.yields = text, s.From, s.Yields
			l.files = append(l.files, f)
			if f.named() {
				l.icon(s.FS, f)
			}
		}
	}
	return l.platformIcons(s.FS)
}

// names are the entries' files in order. Hidden ones, which editors leave, are
// passed over; a name that looks like an entry's and is none is an error, lest
// its author wonder.
func (l *loader) names(fsys fs.FS) ([]string, error) {
	var names []string
	all, err := fs.ReadDir(fsys, ".")
	for _, d := range all {
		name := d.Name()
		switch ext := strings.ToLower(path.Ext(name)); {
		case strings.HasPrefix(name, ".") || d.IsDir():
		case path.Ext(name) == ".yaml":
			names = append(names, name)
		case ext == ".yml" || ext == ".yaml":
			l.errs = append(l.errs, fmt.Errorf("%s:1:1: the file of an entry is called ID.yaml", name))
		}
	}
	slices.Sort(names)
	return names, err
}

// readFile reads one byte more than the limit at most, so that the reader of a
// file that is too large can say so without having read it.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

func (l *loader) hash(name string, content []byte) {
	sum := sha256.Sum256(content)
	l.hashed = append(l.hashed, name+" "+hex.EncodeToString(sum[:]))
}

func (l *loader) icon(fsys fs.FS, f *file) {
	stem := strings.TrimSuffix(f.name, ".yaml")
	icon, err := readFile(fsys, stem+".svg", maxIcon)
	name := stem + ".svg"
	if picture, err2 := readFile(fsys, stem+".png", maxPicture); err2 == nil {
		if err == nil {
			l.failf(f, "$", "there are two icons, %s.svg and %s.png: one is wanted", stem, stem)
			return
		}
		icon, err, name = picture, nil, stem+".png"
	}
	if err != nil {
		l.failf(f, "$", "the icon %s is missing: put an SVG image beside the entry, or a PNG image", name)
		return
	}
	if err := VetIcon(name, icon); err != nil {
		l.errs = append(l.errs, err)
		return
	}
	l.hash(f.origin.String()+" "+name, icon)
	f.icon = icon
	l.c.icons[f.entry.ID] = icon // of a nearer origin: those come later
}

// named says whether a file names something: a type, or a face of one. Others only
// add actions.
func (f *file) named() bool { return f.entry.Extends == "" || f.entry.Title != "" }

// elect keeps, of the entries with one id, that of the nearest origin. Those that
// only add actions to another are no types, and all stay.
func (l *loader) elect() {
	last := map[string]*file{}
	key := func(f *file) string { return fmt.Sprint(f.entry.ID, f.entry.Extends != "") }
	for _, f := range l.files {
		if !f.named() {
			continue
		}
		if old := last[key(f)]; old != nil && old.origin == f.origin {
			l.twice(f, old)
		} else if old != nil {
			f.overFallback = old.entry.Fallback
		}
		last[key(f)] = f
	}
	l.yield()
	for _, f := range l.files {
		f.over = f.named() && last[key(f)] != f
		l.keep(f)
	}
	l.files = slices.DeleteFunc(l.files, func(f *file) bool { return f.over })
}

// keep notes a file for whoever wants it as it was written.
func (l *loader) keep(f *file) {
	l.c.files = append(l.c.files, File{ID: f.entry.ID, Origin: f.origin, Extends: f.entry.Extends, Over: f.over, From: f.from, Yields: f.yields, Entry: f.text, Icon: f.icon})
}

func (l *loader) platformIcons(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "platforms/*.svg")
	if err != nil {
		return err
	}
	for _, name := range names {
		icon, err := readFile(fsys, name, maxIcon)
		if err != nil {
			return err
		}
		if err := VetIcon(name, icon); err != nil {
			l.errs = append(l.errs, err)
			continue
		}
		l.hash(name, icon)
		l.c.platforms[strings.TrimSuffix(path.Base(name), ".svg")] = icon
	}
	return nil
}

// settleGeneric collects the media types that say nothing of their own: the
// reserved entry unknown names them.
func (l *loader) settleGeneric() {
	for _, f := range l.files {
		if f.entry.ID != Unknown && len(f.entry.Generic) > 0 {
			l.failf(f, "$.generic", "only the reserved entry %s says what is generic", Unknown)
			continue
		}
		for _, g := range f.entry.Generic {
			l.c.generic[normal(g)] = true
		}
	}
}

// meaning is part of the fingerprint. It is raised when the code reads the same
// entries in another way, so that what is stored is identified again.
const meaning = "meaning 4"

// finish makes the catalog whole.
func (l *loader) finish() {
	c := l.c
	for _, k := range c.types {
		k.inherit(c.types[Unknown])
		k.settleFaces()
		c.sorted = append(c.sorted, &k.Type)
	}
	slices.SortFunc(c.sorted, func(a, b *Type) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.entryRules, func(a, b entryRule) int {
		if n := b.match.count() - a.match.count(); n != 0 {
			return n
		}
		if n := int(b.typ.Origin) - int(a.typ.Origin); n != 0 {
			return n
		}
		return strings.Compare(a.typ.ID+a.match.String(), b.typ.ID+b.match.String())
	})
	c.index(l.rules)
	l.hashed = append(l.hashed, meaning)
	slices.Sort(l.hashed)
	sum := sha256.Sum256([]byte(strings.Join(l.hashed, "\n")))
	c.fingerprint = hex.EncodeToString(sum[:8])
}

// settleFaces puts the faces of a type into the order in which they are tried, and
// shown.
func (t *kind) settleFaces() {
	slices.SortFunc(t.faces, func(a, b *rule) int {
		order, _ := contest(a, b)
		return order
	})
	slices.SortFunc(t.Faces, func(a, b *Type) int { return strings.Compare(a.ID, b.ID) })
}

// inherit adds the facts that are asked of every type, where the type's entry
// does not say where they are. An entry without actions has those of what is unknown,
// lest knowing a type take from what can be done with it.
func (t *kind) inherit(every *kind) {
	if len(t.actions) == 0 && !t.Companion && !t.Trait && t.ID != Invalid {
		t.actions = every.actions
	}
	for _, r := range every.factRules {
		if !slices.ContainsFunc(t.factRules, func(own factRule) bool { return own.name == r.name }) {
			t.factRules = append(t.factRules, r)
		}
	}
}

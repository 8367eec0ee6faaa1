package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Source is a folder of entries: ID.yaml with ID.svg beside it, and, in
// platforms, icons of operating systems.
type Source struct {
	FS     fs.FS
	Origin Origin
}

// Load reads sources into a catalog, all or nothing. It refuses what it does not
// know: unknown keys, broken templates, unsafe icons, rules that cannot be told
// apart. Errors name file, line and column; all are reported.
func Load(sources ...Source) (*Catalog, error) {
	l := &loader{
		c: &Catalog{
			types: map[string]*kind{}, icons: map[string][]byte{}, platforms: map[string][]byte{},
			generic: map[string]bool{}, byAnchor: map[string][]*rule{}, byType: map[string]*kind{},
		},
		signatures: map[string]string{},
	}
	for _, s := range sources {
		if err := l.read(s); err != nil {
			return nil, err
		}
	}
	l.settleGeneric()
	for _, f := range l.files {
		l.compile(f)
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
	entry  entry
	doc    *ast.File
}

// failf reports an error at a place of the file, a path such as $.match[0].
func (l *loader) failf(f *file, at, format string, args ...any) {
	line, column := 1, 1
	if p, err := yaml.PathString(at); err == nil && f.doc != nil {
		if node, err := p.FilterFile(f.doc); err == nil && node != nil {
			position := node.GetToken().Position
			line, column = position.Line, position.Column
		}
	}
	l.errs = append(l.errs, fmt.Errorf("%s:%d:%d: %s", f.name, line, column, fmt.Sprintf(format, args...)))
}

func (l *loader) read(s Source) error {
	names, err := fs.Glob(s.FS, "*.yaml")
	if err != nil {
		return err
	}
	sort.Strings(names)
	for _, name := range names {
		text, err := fs.ReadFile(s.FS, name)
		if err != nil {
			return err
		}
		l.hash(name, text)
		if f := l.parse(name, text, s.Origin); f != nil {
			l.files = append(l.files, f)
			l.icon(s.FS, f)
		}
	}
	return l.platformIcons(s.FS)
}

func (l *loader) hash(name string, content []byte) {
	sum := sha256.Sum256(content)
	l.hashed = append(l.hashed, name+" "+hex.EncodeToString(sum[:]))
}

// yamlPosition begins the messages of the YAML library.
var yamlPosition = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

func (l *loader) parse(name string, text []byte, origin Origin) *file {
	f := &file{name: name, origin: origin}
	doc, err := parser.ParseBytes(text, 0)
	if err == nil {
		f.doc = doc
		err = yaml.UnmarshalWithOptions(text, &f.entry, yaml.Strict())
	}
	if err == nil {
		return f
	}
	if m := yamlPosition.FindStringSubmatch(err.Error()); m != nil {
		l.errs = append(l.errs, fmt.Errorf("%s:%s:%s: %s", name, m[1], m[2], m[3]))
	} else {
		l.errs = append(l.errs, fmt.Errorf("%s:1:1: %w", name, err))
	}
	return nil
}

func (l *loader) icon(fsys fs.FS, f *file) {
	name := strings.TrimSuffix(f.name, ".yaml") + ".svg"
	icon, err := fs.ReadFile(fsys, name)
	if err != nil {
		l.failf(f, "$", "the icon %s is missing: put an SVG image beside the entry", name)
		return
	}
	if err := vetIcon(icon); err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", name, err))
		return
	}
	l.hash(name, icon)
	l.c.icons[f.entry.ID] = icon
}

func (l *loader) platformIcons(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "platforms/*.svg")
	if err != nil {
		return err
	}
	for _, name := range names {
		icon, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if err := vetIcon(icon); err != nil {
			l.errs = append(l.errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		l.hash(name, icon)
		l.c.platforms[strings.TrimSuffix(path.Base(name), ".svg")] = icon
	}
	return nil
}

// settleGeneric collects the media types that say nothing of their own: the
// built-in entries name them.
func (l *loader) settleGeneric() {
	for _, f := range l.files {
		if f.origin != OriginBuiltin && len(f.entry.Generic) > 0 {
			l.failf(f, "$.generic", "only built-in entries say what is generic")
			continue
		}
		for _, g := range f.entry.Generic {
			l.c.generic[normal(g)] = true
		}
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// compile turns a file into a type and its rules.
func (l *loader) compile(f *file) {
	e := &f.entry
	reserved := e.ID == Unknown || e.ID == Invalid
	switch {
	case !idForm.MatchString(e.ID) || len(e.ID) > 64:
		l.failf(f, "$.id", "id %q: want at most 64 lower-case letters, digits and single dashes", e.ID)
		return
	case reserved && f.origin != OriginBuiltin:
		l.failf(f, "$.id", "id %q is reserved", e.ID)
		return
	case e.ID+".yaml" != f.name:
		l.failf(f, "$.id", "id %q stands in %s: the file is called %s.yaml", e.ID, f.name, e.ID)
	case e.Title == "" || e.Short == "":
		l.failf(f, "$", "title and short are wanted: how people call the type, in a few words and in one or two")
	case len(e.Match) == 0 && !reserved:
		l.failf(f, "$", "match is wanted: without a rule no manifest is of the type")
	case e.Fallback && f.origin != OriginBuiltin:
		l.failf(f, "$.fallback", "only built-in entries are a fallback")
	}
	if old := l.c.types[e.ID]; old != nil && old.Origin == f.origin {
		l.failf(f, "$.id", "id %q stands in two files", e.ID)
		return
	}
	k := l.kind(f)
	l.c.types[e.ID] = k
	l.rules = slices.DeleteFunc(l.rules, func(r *rule) bool { return r.typ.ID == e.ID })
	for i := range e.Match {
		l.rule(f, k, i)
	}
	for i := range e.Entry {
		l.c.entryRules = append(l.c.entryRules, entryRule{*e.Entry[i].compile(), k})
	}
}

func (l *loader) kind(f *file) *kind {
	e := &f.entry
	k := &kind{
		Type: Type{
			ID: e.ID, Group: e.Group, Title: e.Title, Short: e.Short, Description: strings.TrimSpace(e.Description),
			Publisher: e.Publisher, Category: e.Category, Home: e.Home, Docs: e.Docs, Origin: f.origin,
			Companion: e.Companion, Trait: e.Trait, Place: e.Place, Scan: e.Scan, Status: e.Status, Notes: strings.TrimSpace(e.Notes),
		},
		fallback: e.Fallback, platforms: e.Platforms, about: e.About,
	}
	switch e.Place {
	case "", PlacePlatform, PlaceCompanion, PlaceDocument, PlacePart, PlaceHidden:
	default:
		l.failf(f, "$.place", "place %q: want platform, companion, document, part or hidden", e.Place)
	}
	for i, u := range []string{e.Home, e.Docs} {
		if u != "" && !strings.HasPrefix(u, "https://") {
			l.failf(f, []string{"$.home", "$.docs"}[i], "%q is no https URL", u)
		}
	}
	for i, t := range e.Tools {
		if t.Title == "" || !strings.HasPrefix(t.Installer, "https://") {
			l.failf(f, fmt.Sprintf("$.tools[%d]", i), "a tool has a title and an installer, an https URL")
		}
		k.Tools = append(k.Tools, Tool(t))
	}
	var err error
	if k.factRules, k.readsConfig, err = compileFacts(e.Facts); err != nil {
		l.failf(f, "$.facts", "%v", err)
	}
	l.layers(f, k)
	for i, text := range e.Attach {
		p, err := compileTag(text)
		if err != nil {
			l.failf(f, fmt.Sprintf("$.attach[%d]", i), "%v", err)
		}
		k.attach = append(k.attach, p)
	}
	k.actions = l.actions(f, k, e.Actions, "$.actions")
	l.variants(f, k)
	for _, x := range e.Examples {
		k.examples = append(k.examples, Example{x.Name, x.MediaType, []byte(x.Manifest), []byte(x.Config), x.Variant})
	}
	return k
}

func (l *loader) layers(f *file, k *kind) {
	for i, r := range f.entry.Layers {
		if r.Role == "" || len(r.MediaType) == 0 && len(r.Title) == 0 {
			l.failf(f, fmt.Sprintf("$.layers[%d]", i), "a layer has a role, and a mediaType or a title that it is known by")
		}
		k.Layers = append(k.Layers, LayerRole{
			Role: r.Role, MediaTypes: r.MediaType, Titles: r.Title, Files: r.Files,
			kinds: newPattern(r.MediaType, normal), titles: newPattern(r.Title, asIs),
		})
	}
}

func (l *loader) variants(f *file, k *kind) {
	for i, v := range f.entry.Variants {
		at := fmt.Sprintf("$.variants[%d]", i)
		if !idForm.MatchString(v.ID) {
			l.failf(f, at, "variant id %q: want lower-case letters, digits and single dashes", v.ID)
		}
		variant := Variant{ID: v.ID, Title: v.Title, Short: v.Short, Companion: k.Companion, Scan: v.Scan}
		if v.Title == "" {
			variant.Title = k.Title
		}
		if v.Short == "" {
			variant.Short = k.Short
		}
		if v.Companion != nil {
			variant.Companion = *v.Companion
		}
		variant.actions = l.actions(f, k, v.Actions, at+".actions")
		k.Variants = append(k.Variants, variant)
	}
}

// rule compiles one rule and refuses what no rule may be.
func (l *loader) rule(f *file, k *kind, i int) {
	e, at := &f.entry.Match[i], fmt.Sprintf("$.match[%d]", i)
	when, err := e.compile(l.c.generic)
	if err != nil {
		l.failf(f, at, "%v", err)
		return
	}
	r := &rule{typ: k, variant: -1, number: i + 1, priority: f.entry.Priority + e.Priority, fallback: k.fallback, when: when}
	r.finish()
	if e.Variant != "" {
		r.variant = slices.IndexFunc(k.Variants, func(v Variant) bool { return v.ID == e.Variant })
		if r.variant < 0 {
			l.failf(f, at+".variant", "variant %q is not one of the entry's", e.Variant)
			return
		}
	}
	switch {
	case len(when) == 0:
		l.failf(f, at, "a rule without conditions holds for everything")
		return
	case r.strength == strengthGeneric && !k.fallback && !k.Trait:
		l.failf(f, at, "the rule names nothing of its own: it would hold for ordinary images and files")
		return
	}
	signature := f.origin.String() + ": " + r.signature()
	if other, twice := l.signatures[signature]; twice && other != k.ID {
		l.failf(f, at, "the same conditions stand in %s: no manifest could tell the two apart", other)
		return
	}
	l.signatures[signature] = k.ID
	l.rules = append(l.rules, r)
}

// finish makes the catalog whole.
func (l *loader) finish() {
	c := l.c
	for _, k := range c.types {
		k.inherit(c.types[Unknown])
		c.sorted = append(c.sorted, &k.Type)
	}
	slices.SortFunc(c.sorted, func(a, b *Type) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.entryRules, func(a, b entryRule) int {
		if n := b.match.count() - a.match.count(); n != 0 {
			return n
		}
		return strings.Compare(a.typ.ID+a.match.String(), b.typ.ID+b.match.String())
	})
	c.index(l.rules)
	slices.Sort(l.hashed)
	sum := sha256.Sum256([]byte(strings.Join(l.hashed, "\n")))
	c.fingerprint = hex.EncodeToString(sum[:8])
}

// inherit adds the facts that are asked of every type, where the type's entry
// does not say where they are.
func (t *kind) inherit(every *kind) {
	for _, r := range every.factRules {
		if !slices.ContainsFunc(t.factRules, func(own factRule) bool { return own.name == r.name }) {
			t.factRules = append(t.factRules, r)
		}
	}
}

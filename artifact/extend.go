package artifact

import (
	"fmt"
	"reflect"
	"slices"
)

// extend adds a file to the type that it extends: actions, or a face.
func (l *loader) extend(f *file) {
	e := f.entry
	k := l.c.types[e.Extends]
	switch {
	case !l.idHolds(f):
	case l.c.types[e.ID] != nil:
		l.failf(f, "$.id", "id %q is a type's: what extends a type has an id of its own", e.ID)
	case k == nil:
		l.failf(f, "$.extends", "there is no type %q to extend", e.Extends)
	case k.Origin > f.origin:
		l.failf(f, "$.extends", "%q is %s, and this entry %s: only a nearer one can extend it", e.Extends, k.Origin, f.origin)
	case e.Title == "":
		l.moreActions(f, k)
	default:
		l.face(f, k)
	}
}

// moreActions gives the actions of a file to a type, before the type's own: who
// extends a type wants to see that. An action with the id of one that is there
// takes its place.
func (l *loader) moreActions(f *file, k *kind) {
	e := f.entry
	own := entry{ID: e.ID, Extends: e.Extends, Description: e.Description, Notes: e.Notes, Actions: e.Actions}
	if !reflect.DeepEqual(own, e) || len(e.Actions) == 0 {
		l.failf(f, "$.extends", "an entry that extends another has actions, and beside them only a description and notes; "+
			"or a title, with short and match, which some of the type's manifests are called")
		return
	}
	more := l.actions(f, k, e.Actions, "$.actions")
	k.actions = slices.Concat(more, k.actions)
	for i := range k.Variants {
		if v := &k.Variants[i]; len(v.actions) > 0 {
			v.actions = slices.Concat(more, v.actions)
		}
	}
}

// face gives the manifests of a type for which the file's rules hold another name,
// icon and tools. What they are stays as it is, and what is done with them.
func (l *loader) face(f *file, k *kind) {
	e := f.entry
	own := entry{
		ID: e.ID, Extends: e.Extends, Title: e.Title, Short: e.Short, Description: e.Description, Publisher: e.Publisher,
		Home: e.Home, Docs: e.Docs, Status: e.Status, Notes: e.Notes, Match: e.Match, Tools: e.Tools, ConfigSchema: e.ConfigSchema, Mapping: e.Mapping,
	}
	switch {
	case e.Extends == Unknown || e.Extends == Invalid:
		l.failf(f, "$.extends", "%q is no type whose manifests could be called otherwise: leave extends out", e.Extends)
		return
	case !reflect.DeepEqual(own, e):
		l.failf(f, "$.extends", "an entry that names some manifests of a type has title, short and match, and beside them only a description, "+
			"publisher, home, docs, status, notes, tools, configSchema and mapping")
		return
	case e.Short == "" || len(e.Match) == 0:
		l.failf(f, "$", "short and match are wanted beside the title: which manifests of the type are called so?")
		return
	}
	face := l.kind(f)
	for i := range e.Match {
		r := l.newRule(f, face, i)
		if r == nil {
			continue
		}
		at := fmt.Sprintf("$.match[%d]", i)
		if slices.ContainsFunc(r.when, func(k condition) bool { return k.of == ofConfigJSON }) {
			l.failf(f, at, "what a manifest is called does not depend on what is in its config: leave configJSON out")
			continue
		}
		if other, twice := l.signed(f, "face of "+k.ID+": "+r.signature(), face); twice {
			l.failf(f, at, "the same conditions stand in %s: which of the two names is meant?", other)
			continue
		}
		face.rules = append(face.rules, r)
	}
	k.faces = append(k.faces, face.rules...)
	k.Faces = append(k.Faces, &face.Type)
	l.c.faces[face.ID] = face
}

// faceRule is the rule that gives a manifest of the type a face; nil when it has none.
func (t *kind) faceRule(c *Catalog, e *evidence) *rule {
	for _, r := range t.faces {
		if r.holds(c, e) {
			return r
		}
	}
	return nil
}

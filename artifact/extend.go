package artifact

import (
	"reflect"
	"slices"
)

// extend gives the actions of a file to the type that it extends, before the
// type's own: who extends a type wants to see that. An action with the id of one
// that is there takes its place.
func (l *loader) extend(f *file) {
	e := f.entry
	k := l.c.types[e.Extends]
	own := entry{ID: e.ID, Extends: e.Extends, Description: e.Description, Notes: e.Notes, Actions: e.Actions}
	switch {
	case !l.named(f):
	case l.c.types[e.ID] != nil:
		l.failf(f, "$.id", "id %q is a type's: what extends a type has an id of its own", e.ID)
	case k == nil:
		l.failf(f, "$.extends", "there is no type %q to extend", e.Extends)
	case k.Origin > f.origin:
		l.failf(f, "$.extends", "%q is %s, and this entry %s: only a nearer one can extend it", e.Extends, k.Origin, f.origin)
	case !reflect.DeepEqual(own, e) || len(e.Actions) == 0:
		l.failf(f, "$.extends", "an entry that extends another has actions, and beside them only a description and notes")
	default:
		more := l.actions(f, k, e.Actions, "$.actions")
		k.actions = slices.Concat(more, k.actions)
		for i := range k.Variants {
			if v := &k.Variants[i]; len(v.actions) > 0 {
				v.actions = slices.Concat(more, v.actions)
			}
		}
	}
}

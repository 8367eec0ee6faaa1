package artifact

import "strings"

// object is a JSON object that is looked into by pointers. It finds the members
// of each level once, and reads each that is asked for once.
type object struct {
	raw    []byte
	levels map[string]level // by pointer of the object, as written
}

// level is the members of an object by name.
type level map[string]member

type member struct {
	raw  []byte
	text string // as scalar has it, once it is read
	read bool
}

// text is the scalar of a member; empty when there is none.
func (l level) text(name string) string {
	m, ok := l[name]
	if ok && !m.read {
		m.text, m.read = scalar(m.raw), true
		l[name] = m
	}
	return m.text
}

// pointer is a JSON pointer (RFC 6901). The zero pointer is that of the whole.
type pointer struct {
	text  string // as written: its last part is that of the last step
	steps []string
}

// parent is the pointer without its last step, which is returned too.
func (p pointer) parent() (parent pointer, last string) {
	n := len(p.steps) - 1
	return pointer{p.text[:strings.LastIndexByte(p.text, '/')], p.steps[:n]}, p.steps[n]
}

// newObject takes JSON that json.Valid has passed.
func newObject(raw []byte) object {
	return object{raw: raw, levels: make(map[string]level)}
}

// members of the object at the pointer, nil when there is none.
func (o object) members(at pointer) level {
	if o.raw == nil {
		return nil
	}
	if m, ok := o.levels[at.text]; ok {
		return m
	}
	raw := o.raw
	if len(at.steps) > 0 {
		parent, last := at.parent()
		raw = o.members(parent)[last].raw
	}
	var m level
	eachMember(raw, func(name string, value []byte) {
		if m == nil {
			m = make(level)
		}
		m[name] = member{raw: value}
	})
	o.levels[at.text] = m
	return m
}

// text is the scalar at the pointer.
func (o object) text(at pointer) string {
	parent, last := at.parent()
	return o.members(parent).text(last)
}

// any reports whether a value at the pointer, whose last step may end in "*", is
// one that is wanted. An object that is present counts as the text "{}".
func (o object) any(at pointer, want *pattern) bool {
	if o.raw == nil {
		return false
	}
	parent, last := at.parent()
	members := o.members(parent)
	prefix, isPrefix := strings.CutSuffix(last, "*")
	if !isPrefix {
		_, ok := members[last]
		return ok && members.wanted(last, want) || !ok && want.none
	}
	for name := range members {
		if strings.HasPrefix(name, prefix) && members.wanted(name, want) {
			return true
		}
	}
	return false
}

// wanted reports whether a member that is present has a value that is wanted.
func (l level) wanted(name string, want *pattern) bool {
	if want.anything() {
		return true
	}
	s := l.text(name)
	if s == "" && isObject(l[name].raw) {
		s = "{}"
	}
	return want.holds(s)
}

// splitPointer splits a JSON pointer; false when it is none, or is that of the whole.
func splitPointer(s string) (pointer, bool) {
	if len(s) < 2 || s[0] != '/' {
		return pointer{}, false
	}
	steps := strings.Split(s[1:], "/")
	for i, step := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
	}
	return pointer{s, steps}, true
}

package artifact

import "strings"

// object is a JSON object that is looked into by pointers (RFC 6901). It finds
// the members of each level once.
type object struct {
	raw    []byte
	levels map[string]map[string][]byte // by pointer of the object, escaped
}

// newObject takes JSON that json.Valid has passed.
func newObject(raw []byte) object {
	return object{raw: raw, levels: make(map[string]map[string][]byte)}
}

// members of the object at the pointer, nil when there is none.
func (o object) members(pointer []string) map[string][]byte {
	if o.raw == nil {
		return nil
	}
	name := strings.Join(pointer, "\x00")
	if m, ok := o.levels[name]; ok {
		return m
	}
	raw := o.raw
	if n := len(pointer); n > 0 {
		raw = o.members(pointer[:n-1])[pointer[n-1]]
	}
	var m map[string][]byte
	eachMember(raw, func(name string, value []byte) {
		if m == nil {
			m = make(map[string][]byte)
		}
		m[name] = value
	})
	o.levels[name] = m
	return m
}

// text is the scalar at the pointer.
func (o object) text(pointer []string) string {
	n := len(pointer)
	return scalar(o.members(pointer[:n-1])[pointer[n-1]])
}

// any reports whether a value at the pointer, whose last step may end in "*", is
// one that is wanted. An object that is present counts as the text "{}".
func (o object) any(pointer []string, want *pattern) bool {
	if o.raw == nil {
		return false
	}
	n := len(pointer)
	members := o.members(pointer[:n-1])
	prefix, isPrefix := strings.CutSuffix(pointer[n-1], "*")
	if !isPrefix {
		value, ok := members[pointer[n-1]]
		return ok && wanted(value, want) || !ok && want.none
	}
	for name, value := range members {
		if strings.HasPrefix(name, prefix) && wanted(value, want) {
			return true
		}
	}
	return false
}

func wanted(value []byte, want *pattern) bool {
	s := scalar(value)
	if s == "" && isObject(value) {
		s = "{}"
	}
	return want.holds(s) || s == "" && want.anything()
}

// splitPointer splits a JSON pointer; false when it is none, or is that of the whole.
func splitPointer(s string) ([]string, bool) {
	if len(s) < 2 || s[0] != '/' {
		return nil, false
	}
	steps := strings.Split(s[1:], "/")
	for i, step := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
	}
	return steps, true
}

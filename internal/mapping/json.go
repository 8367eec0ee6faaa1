package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// node is a JSON value and where it begins.
type node struct {
	at      int
	raw     json.RawMessage
	value   any      // a string, json.Number, bool or nil; of the others nothing
	members []member // of an object
	items   []node   // of an array
	object  bool
	array   bool
}

// member is a member of an object.
type member struct {
	name string
	node
}

// member finds one by name.
func (n *node) member(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].node
		}
	}
	return nil
}

// fault is an error at a place of the text.
type fault struct {
	at   int
	says string
}

func (f *fault) Error() string { return f.says }

// parse reads JSON so that each value knows its place. It refuses what two readers
// could understand differently: names that stand in an object twice, bytes that are
// no UTF-8 or come after the value.
func parse(text []byte) (n node, err error) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return n, &fault{i, "the text is not UTF-8"}
		}
		i += size
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	p := parser{text, d}
	if n, err = p.next(0); err != nil {
		return n, err
	}
	end := p.begin()
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return n, &fault{end, "something stands behind the JSON object"}
	}
	return n, nil
}

type parser struct {
	text []byte
	*json.Decoder
}

// begin is where the next token begins.
func (p *parser) begin() int {
	at := int(p.InputOffset())
	for at < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) token() (t json.Token, at int, err error) {
	at = p.begin()
	if t, err = p.Token(); err == nil {
		return t, at, nil
	}
	if wrong := (*json.SyntaxError)(nil); errors.As(err, &wrong) {
		return t, at, &fault{max(int(wrong.Offset)-1, 0), "this is not JSON: " + err.Error()}
	}
	return t, at, &fault{len(p.text), "the file ends within its JSON"}
}

func (p *parser) next(depth int) (n node, err error) {
	t, at, err := p.token()
	if err != nil {
		return n, err
	}
	if depth > maxDepth {
		return n, &fault{at, fmt.Sprintf("nested too deeply: at most %d levels", maxDepth)}
	}
	n = node{at: at, value: t}
	switch t {
	case json.Delim('{'):
		n.object, n.value = true, nil
		err = p.object(&n, depth)
	case json.Delim('['):
		n.array, n.value = true, nil
		for err == nil && p.More() {
			var item node
			if item, err = p.next(depth + 1); err == nil {
				n.items = append(n.items, item)
			}
		}
	default:
		n.raw = p.text[at:p.InputOffset()]
		return n, nil
	}
	if err == nil {
		_, _, err = p.token() // the bracket that closes
	}
	n.raw = p.text[at:p.InputOffset()]
	return n, err
}

func (p *parser) object(n *node, depth int) error {
	for p.More() {
		t, at, err := p.token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return &fault{at, "this is not JSON: the name of a member is wanted"}
		}
		if n.member(name) != nil {
			return &fault{at, fmt.Sprintf("%q stands in the object twice", name)}
		}
		value, err := p.next(depth + 1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member{name, value})
	}
	return nil
}

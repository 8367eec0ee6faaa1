package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Locate sets line and column of the findings that are in a document: the place
// itself, or the nearest above it that is there. Lines and columns count from 1,
// columns in characters.
func Locate(findings []Finding, in Part, text []byte) {
	root := &wanted{}
	for _, f := range findings {
		if f.In == in {
			root.add(f.Place)
		}
	}
	root.at = skipSpace(text, 0)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if !json.Valid(text) {
		root.at = faultAt(text)
	} else {
		root.find(d, text)
	}
	for i := range findings {
		if f := &findings[i]; f.In == in {
			f.Line, f.Column = lineOf(text, root.nearest(f.Place))
		}
	}
}

// wanted is a value whose place is looked for, or one on the way to it.
type wanted struct {
	at    int // byte at which it begins; -1 while it is not found
	below map[string]*wanted
}

// steps are the parts of a JSON pointer.
func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(pointer[1:], "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

func (w *wanted) add(pointer string) {
	for _, step := range steps(pointer) {
		if w.below == nil {
			w.below = map[string]*wanted{}
		}
		if w.below[step] == nil {
			w.below[step] = &wanted{at: -1}
		}
		w = w.below[step]
	}
}

// nearest is where the place at a pointer begins, or what is above it.
func (w *wanted) nearest(pointer string) int {
	at := w.at
	for _, step := range steps(pointer) {
		w = w.below[step]
		if w == nil || w.at < 0 {
			return at
		}
		at = w.at
	}
	return at
}

// find walks the value that the decoder comes to next, no deeper than what is wanted.
func (w *wanted) find(d *json.Decoder, text []byte) {
	if len(w.below) == 0 {
		var skipped json.RawMessage
		_ = d.Decode(&skipped) // the text is valid
		return
	}
	open, err := d.Token()
	if err != nil {
		return
	}
	delim, ok := open.(json.Delim)
	if !ok {
		return
	}
	for i := 0; d.More(); i++ {
		step := strconv.Itoa(i)
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return
			}
			step, _ = name.(string)
		}
		next := w.below[step]
		if next == nil {
			next = &wanted{}
		}
		next.at = skipSpace(text, int(d.InputOffset()))
		next.find(d, text)
	}
	_, _ = d.Token() // what closes it
}

// skipSpace is the first byte of a value at or after i.
func skipSpace(text []byte, i int) int {
	for i < len(text) && strings.IndexByte(" \t\r\n:,", text[i]) >= 0 {
		i++
	}
	return i
}

// faultAt is the byte at which a text stops being JSON.
func faultAt(text []byte) int {
	var v json.RawMessage
	d := json.NewDecoder(bytes.NewReader(text))
	var fault *json.SyntaxError
	switch err := d.Decode(&v); {
	case errors.As(err, &fault):
		return max(int(fault.Offset)-1, 0)
	case err != nil:
		return len(text)
	}
	return skipSpace(text, int(d.InputOffset())) // something follows
}

// lineOf is the line and column of a byte.
func lineOf(text []byte, at int) (line, column int) {
	before := text[:min(at, len(text))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

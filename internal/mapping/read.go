package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a mapping says.
const (
	maxTitle       = 200 // bytes
	maxDescription = 4 << 10
	maxURL         = 2048
	maxTools       = 50
	maxMapping     = 64 << 10 // the whole, as it is written
)

// mediaTypeForm is a media type (RFC 6838 section 4.2).
var mediaTypeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

// reader reads one file.
type reader struct {
	name     string
	text     []byte
	errs     []error
	warnings []string
}

// Read reads a mapping file. name is its URL or name, for errors and for the entries.
// The error holds all that is wrong, each with line, column and path; one is enough
// to refuse the file.
func Read(name string, text []byte) (*File, error) {
	r := &reader{name: name, text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))}
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%s: the file has more than %d bytes", name, MaxFile)
	}
	root, err := parse(r.text)
	if f := (*fault)(nil); errors.As(err, &f) {
		r.failf(f.at, "", "%s", f.says)
		return nil, errors.Join(r.errs...)
	}
	f := r.file(&root)
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	f.Warnings = r.warnings
	return f, nil
}

// place is file, line and column of a byte, and the path of what is there.
func (r *reader) place(at int, path string) string {
	before := r.text[:min(at, len(r.text))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	s := fmt.Sprintf("%s:%d:%d: ", r.name, line, column)
	if path != "" {
		s += path + ": "
	}
	return strings.Map(func(c rune) rune { // names of members are the file's words
		if odd(c) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}

func (r *reader) failf(at int, path, format string, args ...any) {
	r.errs = append(r.errs, errors.New(r.place(at, path)+fmt.Sprintf(format, args...)))
}

func (r *reader) warnf(at int, path, format string, args ...any) {
	r.warnings = append(r.warnings, r.place(at, path)+fmt.Sprintf(format, args...))
}

func (r *reader) file(root *node) *File {
	f := &File{Name: r.name}
	if !root.object {
		r.failf(root.at, "", "a JSON object is wanted, with %s and %s", keyVersion, keyMediaTypes)
		return f
	}
	var rest []member
	for _, m := range root.members {
		switch m.name {
		case keyVersion, keyMediaTypes:
		default:
			r.warnf(m.at, m.name, "is not known here: it is kept, and means nothing")
			r.harmless(&m.node, m.name)
			rest = append(rest, m)
		}
	}
	if f.other = object(rest); len(f.other) > maxMapping {
		r.failf(root.at, "", "what stands beside %s has more than %d bytes", keyMediaTypes, maxMapping)
	}
	switch v := root.member(keyVersion); {
	case v == nil:
		r.failf(root.at, keyVersion, "is wanted: %d", Version)
	case v.value != json.Number("1"):
		r.failf(v.at, keyVersion, "is %.40s: only %d is known", v.raw, Version)
	}
	list := root.member(keyMediaTypes)
	switch {
	case list == nil || !list.array && !list.object:
		r.failf(root.at, keyMediaTypes, "a list of mappings is wanted")
		return f
	case list.object:
		r.warnf(list.at, keyMediaTypes, "is one mapping: taken as a list of one")
		list = &node{at: list.at, items: []node{*list}}
	case len(list.items) == 0:
		r.failf(list.at, keyMediaTypes, "the list is empty")
	case len(list.items) > maxMappings:
		r.failf(list.at, keyMediaTypes, "the list has %d mappings: at most %d", len(list.items), maxMappings)
		return f
	}
	seen := map[string]string{}
	for i := range list.items {
		path := fmt.Sprintf("%s[%d]", keyMediaTypes, i)
		m, ok := r.mapping(&list.items[i], path)
		if !ok {
			continue
		}
		if other, twice := seen[strings.ToLower(m.MediaType)]; twice {
			r.failf(list.items[i].at, path, "media type %s stands in %s too", m.MediaType, other)
			continue
		}
		seen[strings.ToLower(m.MediaType)] = path
		f.Mappings = append(f.Mappings, m)
	}
	return f
}

// mapping reads one mapping; false after an error.
func (r *reader) mapping(n *node, path string) (m Mapping, ok bool) {
	before := len(r.errs)
	if !n.object {
		r.failf(n.at, path, "an object is wanted")
		return m, false
	}
	if len(n.raw) > maxMapping {
		r.failf(n.at, path, "has %d bytes: at most %d", len(n.raw), maxMapping)
		return m, false
	}
	m.place = r.place(n.at, path)
	m.members = r.flat(n, path)
	seen := map[string]bool{}
	for _, member := range m.members {
		at := path + "." + member.name
		seen[member.name] = true
		switch member.name {
		case keyMediaType:
			m.MediaType = r.mediaType(&member.node, at)
		case keyTitle:
			m.Title = r.line(&member.node, at)
			if m.Title == "" && len(r.errs) == before {
				r.failf(member.at, at, "is empty: what do people call it?")
			}
		case keyDescription:
			m.Description = r.plain(&member.node, at, maxDescription, "\n\t\r")
		case keySVG:
			m.IconSVG = r.link(&member.node, at)
		case keyPNG:
			m.IconPNG = r.link(&member.node, at)
		case keyMoreInfo:
			m.MoreInfo = r.link(&member.node, at)
		case keyTools:
			m.Tools = r.tools(&member.node, at)
		case keySchema:
			r.schema(&m, &member.node, at)
		default:
			r.warnf(member.at, at, "is not known here: it is kept, and means nothing")
			r.harmless(&member.node, at)
		}
	}
	for _, name := range []string{keyMediaType, keyTitle} {
		if !seen[name] {
			r.failf(n.at, path+"."+name, "is wanted")
		}
	}
	return m, len(r.errs) == before
}

// flat are the members of a mapping, those of an object icon by their flat names.
func (r *reader) flat(n *node, path string) (all []member) {
	for _, m := range n.members {
		if m.name != keyIcon || !m.object {
			all = append(all, m)
			continue
		}
		var rest []member
		for _, of := range m.members {
			name := keyIcon + "." + of.name
			switch {
			case name != keySVG && name != keyPNG:
				rest = append(rest, of)
			case n.member(name) != nil:
				r.failf(of.at, path+"."+name, "stands there twice, in the object %s too", keyIcon)
			default:
				all = append(all, member{name, of.node})
			}
		}
		if len(rest) > 0 {
			all = append(all, member{keyIcon, node{at: m.at, raw: json.RawMessage(object(rest)), object: true, members: rest}})
		}
	}
	return all
}

// object is members as a JSON object; empty for none.
func object(members []member) string {
	if len(members) == 0 {
		return ""
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(m.name))
		b.WriteByte(':')
		if json.Compact(&b, m.raw) != nil {
			b.WriteString("null") // it was parsed before
		}
	}
	b.WriteByte('}')
	return b.String()
}

// quoted is a string of JSON, and of YAML.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return []byte(`""`) // strings are encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// plain is a text of limited size without control characters, but for those allowed.
func (r *reader) plain(n *node, path string, limit int, allowed string) string {
	s, ok := n.value.(string)
	switch {
	case n.value == nil && !n.object && !n.array: // null says nothing
		return ""
	case !ok:
		r.failf(n.at, path, "a text is wanted")
	case len(s) > limit:
		r.failf(n.at, path, "has %d bytes: at most %d", len(s), limit)
	case strings.ContainsFunc(s, func(c rune) bool { return odd(c) && !strings.ContainsRune(allowed, c) }):
		r.failf(n.at, path, "holds control characters, or such as turn the direction of writing")
	default:
		return strings.TrimSpace(s)
	}
	return ""
}

// odd says whether a character is not there to be seen. The joiner of emoji is.
func odd(c rune) bool {
	return c != ' ' && c != '\u200d' && !unicode.IsPrint(c) && !unicode.Is(unicode.Zs, c)
}

// line is a text of one line.
func (r *reader) line(n *node, path string) string { return r.plain(n, path, maxTitle, "") }

func (r *reader) mediaType(n *node, path string) string {
	s, ok := n.value.(string)
	if !ok {
		r.failf(n.at, path, "a text is wanted")
		return ""
	}
	if strings.Contains(s, ";") {
		r.failf(n.at, path, "%.200q has parameters: leave them out, they are not compared", s)
		return ""
	}
	if !mediaTypeForm.MatchString(s) {
		r.failf(n.at, path, "%.200q is no media type, such as application/vnd.example.thing.v1+json", s)
		return ""
	}
	return s
}

// none are the words by which files say that there is no URL.
var none = []string{"", "none", "n/a", "null", "-"}

// link is an http or https URL, or empty when the file says that there is none.
func (r *reader) link(n *node, path string) string {
	s := r.plain(n, path, maxURL, "")
	if slices.Contains(none, strings.ToLower(s)) {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || strings.ContainsAny(s, " \\\"<>"):
		r.failf(n.at, path, "%.80q is no URL", s)
	case u.Scheme != "http" && u.Scheme != "https":
		r.failf(n.at, path, "%.80q is no http or https URL", s)
	case u.Hostname() == "":
		r.failf(n.at, path, "%.80q names no host", s)
	case u.User != nil:
		r.failf(n.at, path, "the URL holds a name or a password: leave them out")
	default:
		return s
	}
	return ""
}

// tools is the list of tools; one tool alone is a list of one, a text its title.
func (r *reader) tools(n *node, path string) (all []Tool) {
	items := n.items
	switch {
	case n.object || !n.array && n.value != nil:
		items = []node{*n}
		r.warnf(n.at, path, "is one tool: taken as a list of one")
	case len(items) > maxTools:
		r.failf(n.at, path, "there are %d tools: at most %d", len(items), maxTools)
		return nil
	}
	for i := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !n.array {
			at = path
		}
		if t, ok := r.tool(&items[i], at); ok {
			all = append(all, t)
		}
	}
	return all
}

func (r *reader) tool(n *node, path string) (t Tool, ok bool) {
	before := len(r.errs)
	if !n.object {
		t.Title = r.line(n, path)
	}
	for _, m := range n.members {
		at := path + "." + m.name
		switch m.name {
		case keyTitle:
			t.Title = r.line(&m.node, at)
		case keyInstaller:
			t.Installer = r.link(&m.node, at)
		default:
			r.warnf(m.at, at, "is not known here: it is kept, and means nothing")
			r.harmless(&m.node, at)
		}
	}
	if t.Title == "" && len(r.errs) == before {
		r.failf(n.at, path, "a tool has a %s", keyTitle)
	}
	if t.Installer != "" && !strings.HasPrefix(t.Installer, "https://") {
		r.warnf(n.at, path, "%s is not reached over https: it is kept, and the tool shown without a link", t.Installer)
	}
	return t, len(r.errs) == before
}

// schema is the URL of a JSON Schema, a word, or the schema itself.
func (r *reader) schema(m *Mapping, n *node, path string) {
	if n.object {
		m.schema = n.raw
		r.harmless(n, path)
		return
	}
	if s, ok := n.value.(string); ok && slices.Contains(none, strings.ToLower(strings.TrimSpace(s))) {
		m.SchemaValidation = s
		return
	}
	m.SchemaValidation = r.link(n, path)
}

// harmless refuses what nobody means to have in a file, in members too that mean
// nothing here: somebody may show them.
func (r *reader) harmless(n *node, path string) {
	if s, ok := n.value.(string); ok {
		if strings.ContainsFunc(s, func(c rune) bool { return odd(c) && !strings.ContainsRune("\n\t\r", c) }) {
			r.failf(n.at, path, "holds control characters, or such as turn the direction of writing")
		}
		if word, _, ok := strings.Cut(strings.ToLower(strings.TrimSpace(s)), ":"); ok && slices.Contains([]string{"javascript", "vbscript", "data"}, word) {
			r.failf(n.at, path, "%.80q is a URL that runs", s)
		}
	}
	for i := range n.items {
		r.harmless(&n.items[i], fmt.Sprintf("%s[%d]", path, i))
	}
	for i := range n.members {
		r.harmless(&n.members[i].node, path+"."+n.members[i].name)
	}
}

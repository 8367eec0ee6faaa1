package mapping

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/argosy-registry/argosy/artifact"
)

// Export writes entries of a catalog, by their ids, as a mapping file: a mapping for
// each media type by which alone an entry knows artifacts. base is the address of the
// registry, such as https://registry.example, for icons that have no other URL; empty:
// those are left out. unsaid lists what the form cannot say.
func Export(c *artifact.Catalog, ids []string, base string) (text []byte, unsaid []string, err error) {
	x := &exporter{c: c, base: base, texts: map[string][]byte{}, seen: map[string]string{}}
	for _, f := range c.Files() {
		if !f.Over {
			x.texts[f.ID] = f.Entry
		}
	}
	var types []*artifact.Type
	for _, id := range ids {
		t, ok := c.Type(id)
		if !ok {
			t, ok = c.Face(id)
		}
		switch {
		case ok:
			types = append(types, t)
		case x.texts[id] != nil:
			x.sayf("%s: left out: it only adds actions to a type, and names no media type", id)
		default:
			return nil, nil, fmt.Errorf("there is no entry %q", id)
		}
	}
	slices.SortStableFunc(types, order)
	file := map[string]json.RawMessage{}
	for _, t := range types {
		x.entry(t)
		x.fileMembers(t, file)
	}
	if len(x.mappings) == 0 {
		return nil, nil, fmt.Errorf("no entry of these knows artifacts by a media type alone: the form of 2019 can say nothing of them\n%s", strings.Join(x.unsaid, "\n"))
	}
	return x.file(file), x.unsaid, nil
}

// order is that of the files that entries came in, then that of ids.
func order(a, b *artifact.Type) int {
	place := func(t *artifact.Type) (string, int) {
		if t.Mapping == nil {
			return "\uffff", 0
		}
		return t.Mapping.Source, t.Mapping.Number
	}
	sourceA, numberA := place(a)
	sourceB, numberB := place(b)
	return cmp.Or(cmp.Compare(sourceA, sourceB), cmp.Compare(numberA, numberB), cmp.Compare(a.ID, b.ID))
}

type exporter struct {
	c        *artifact.Catalog
	base     string
	texts    map[string][]byte // entries by id
	seen     map[string]string // who has a media type
	mappings [][]member
	unsaid   []string
}

func (x *exporter) sayf(format string, args ...any) {
	x.unsaid = append(x.unsaid, fmt.Sprintf(format, args...))
}

// entry writes the mappings of an entry.
func (x *exporter) entry(t *artifact.Type) {
	rules, others := x.c.MediaTypes(t.ID)
	if len(rules) == 0 {
		x.sayf("%s: left out: none of its rules looks at a media type alone", t.ID)
		return
	}
	if t.Mapping != nil { // as its file has it
		for i := range rules {
			if strings.EqualFold(rules[i].MediaType, t.Mapping.MediaType) {
				rules[i].MediaType = t.Mapping.MediaType
			}
		}
	}
	for _, r := range rules {
		key := strings.ToLower(r.MediaType)
		if other := x.seen[key]; other != "" {
			x.sayf("%s: %s is written for %s already", t.ID, r.MediaType, other)
			continue
		}
		x.seen[key] = t.ID
		x.mappings = append(x.mappings, x.mapping(t, r))
	}
	for _, rule := range others {
		x.sayf("%s: a rule that looks at more than one media type: %s", t.ID, rule)
	}
	if words := x.beyond(t); len(words) > 0 {
		x.sayf("%s: the form has no place for its %s", t.ID, strings.Join(words, ", "))
	}
}

// mapping is what the form says of an entry and one media type.
func (x *exporter) mapping(t *artifact.Type, r artifact.MediaTypeRule) []member {
	m := Mapping{MediaType: r.MediaType, Title: t.Title, Description: t.Description, MoreInfo: cmp.Or(t.Home, t.Docs)}
	for _, v := range t.Variants {
		if v.ID == r.Variant {
			m.Title = v.Title
		}
	}
	for _, tool := range t.Tools {
		m.Tools = append(m.Tools, Tool(tool))
	}
	if k := t.Mapping; k != nil {
		m.MoreInfo = t.Home
		m.IconSVG, m.IconPNG, m.SchemaValidation = k.IconSVG, k.IconPNG, k.SchemaValidation
		return overlay(m.write(), k.Other)
	}
	if icon, ok := x.c.Icon(t.ID); ok && x.base != "" {
		at := x.base + "/v2/_argosy/types/" + t.ID + "/icon"
		if artifact.IconExt(icon) == ".png" {
			m.IconPNG = at
		} else {
			m.IconSVG = at
		}
	}
	return m.write()
}

// overlay puts what a file said otherwise over what an entry says, unless the entry
// has been changed since.
func overlay(members []member, other string) []member {
	var kept map[string]json.RawMessage
	if json.Unmarshal([]byte(other), &kept) != nil {
		return members
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		m := member{name, node{raw: kept[name]}}
		i := slices.IndexFunc(members, func(m member) bool { return m.name == name })
		switch {
		case i < 0:
			members = append(members, m)
		case means(name, members[i].raw, kept[name]):
			members[i] = m
		}
	}
	return members
}

// means says whether an entry still says what a file said in its own way.
func means(name string, entry, file json.RawMessage) bool {
	var says, said string
	switch {
	case name == keyTools:
		return slices.Equal(titles(entry), titles(file))
	case json.Unmarshal(entry, &says) == nil && json.Unmarshal(file, &said) == nil:
		return says == strings.TrimSpace(said)
	}
	return true
}

// titles are those of a list of tools, however it is written.
func titles(tools json.RawMessage) (all []string) {
	var list []json.RawMessage
	if json.Unmarshal(tools, &list) != nil {
		list = []json.RawMessage{tools}
	}
	for _, one := range list {
		var title string
		var tool struct{ Title string }
		if json.Unmarshal(one, &title) != nil && json.Unmarshal(one, &tool) == nil {
			title = tool.Title
		}
		all = append(all, strings.TrimSpace(title))
	}
	return all
}

// beyond are the keys of an entry that a mapping has no place for.
func (x *exporter) beyond(t *artifact.Type) (words []string) {
	var keys map[string]any
	if yaml.Unmarshal(x.texts[t.ID], &keys) != nil {
		return nil // it was loaded
	}
	said := []string{"id", keyTitle, keyDescription, "home", "match", keyTools, "mapping"}
	if t.Short == shortOf(t.Title) {
		said = append(said, "short")
	}
	if t.Home == "" {
		said = append(said, "docs")
	}
	if t.Mapping != nil {
		said = append(said, "extends", "configSchema", "examples")
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(said, key) {
			continue
		}
		if list, ok := keys[key].([]any); ok {
			key = fmt.Sprintf("%s (%d)", key, len(list))
		}
		words = append(words, key)
	}
	if t.Mapping == nil && x.base == "" {
		words = append(words, "icon, which wants a URL")
	}
	return words
}

// fileMembers gathers what stood in the files beside their mappings.
func (x *exporter) fileMembers(t *artifact.Type, into map[string]json.RawMessage) {
	if t.Mapping == nil || t.Mapping.File == "" {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(t.Mapping.File), &members) != nil {
		return // it was loaded
	}
	for name, raw := range members {
		if _, there := into[name]; !there {
			into[name] = raw
		}
	}
}

// file is the whole.
func (x *exporter) file(rest map[string]json.RawMessage) []byte {
	var list bytes.Buffer
	for i, m := range x.mappings {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteString(object(m))
	}
	all := []member{
		{keyVersion, node{raw: fmt.Append(nil, Version)}},
		{keyMediaTypes, node{raw: fmt.Appendf(nil, "[%s]", list.Bytes())}},
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		all = append(all, member{name, node{raw: rest[name]}})
	}
	var out bytes.Buffer
	if json.Indent(&out, []byte(object(all)), "", "  ") != nil {
		out.WriteString(object(all)) // it is JSON
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// write is a mapping as members; what it does not say is left out.
func (m *Mapping) write() (all []member) {
	add := func(name, value string) {
		if value != "" {
			all = append(all, member{name, node{raw: quoted(value)}})
		}
	}
	add(keyMediaType, m.MediaType)
	add(keyTitle, m.Title)
	add(keyDescription, m.Description)
	add(keySVG, m.IconSVG)
	add(keyPNG, m.IconPNG)
	add(keyMoreInfo, m.MoreInfo)
	var tools bytes.Buffer
	for i, t := range m.Tools {
		if i > 0 {
			tools.WriteByte(',')
		}
		one := []member{{keyTitle, node{raw: quoted(t.Title)}}}
		if t.Installer != "" {
			one = append(one, member{keyInstaller, node{raw: quoted(t.Installer)}})
		}
		tools.WriteString(object(one))
	}
	if len(m.Tools) > 0 {
		all = append(all, member{keyTools, node{raw: fmt.Appendf(nil, "[%s]", tools.Bytes())}})
	}
	add(keySchema, m.SchemaValidation)
	return all
}

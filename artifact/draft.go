package artifact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
)

// Draft is an entry to go on from.
type Draft struct {
	ID   string
	From *Input // what it is drawn from; nil: a bare one
}

// Entry is the entry's text. c says what is generic and what is looked at already.
func (d Draft) Entry(c *Catalog) []byte {
	var b bytes.Buffer
	title := strings.ReplaceAll(d.ID, "-", " ")
	title = strings.ToUpper(title[:1]) + title[1:]
	short := []rune(d.ID)
	fmt.Fprintf(&b, "# yaml-language-server: $schema=https://raw.githubusercontent.com/argosy-registry/argosy/main/types/schema.json\n")
	fmt.Fprintf(&b, "id: %s\ntitle: %s\nshort: %s\n", d.ID, quoted(title), quoted(string(short[:min(len(short), 20)])))
	fmt.Fprintf(&b, "description: %s\n", quoted("Say in a sentence what this is."))
	e := d.evidence(c)
	b.WriteString("match:\n" + d.match(c, e))
	b.WriteString("facts:\n" + d.facts(e))
	if layers := d.layers(e); layers != "" {
		b.WriteString("layers:\n" + layers)
	}
	b.WriteString("actions:\n  - id: pull\n    label: Download\n    command: " + pullCommand(c) + "\n")
	b.WriteString("examples:\n" + d.example())
	return b.Bytes()
}

func (d Draft) evidence(c *Catalog) *evidence {
	if d.From == nil {
		return nil
	}
	return c.read(*d.From)
}

// pullCommand is the command that downloads what no entry knows.
func pullCommand(c *Catalog) string {
	for _, t := range c.types[Unknown].actions {
		if t.Kind == "use" && t.text != "" {
			return t.text
		}
	}
	return "cat <file>"
}

// match is the strongest thing that the manifest says and others do not.
func (d Draft) match(c *Catalog, e *evidence) string {
	const indent = "  - "
	if e == nil {
		return indent + "artifactType: " + d.bareType() + "\n"
	}
	own := func(mediaType string) bool { return mediaType != "" && !c.generic[normal(mediaType)] }
	switch {
	case own(e.artifactType):
		return indent + "artifactType: " + quoted(normal(e.artifactType)) + "\n"
	case e.config != nil && own(e.config.mediaType):
		return indent + "config: " + quoted(normal(e.config.mediaType)) + "\n"
	case own(e.agreed):
		return indent + "artifactType: " + quoted(normal(e.agreed)) + "\n"
	}
	for _, l := range e.layerKinds {
		if own(l) {
			return indent + "layers: {any: " + quoted(normal(l)) + "}\n"
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.annotations)) {
		if !strings.HasPrefix(key, "org.opencontainers.") {
			return indent + "annotations: {" + quoted(key) + ": \"*\"}\n"
		}
	}
	return indent + "artifactType: " + d.bareType() + " # nothing in the manifest is its own: push it with an artifactType\n"
}

func (d Draft) bareType() string { return quoted("application/vnd.example." + d.ID + ".v1") }

func (d Draft) facts(e *evidence) string {
	version := []string{"annotation:org.opencontainers.image.version"}
	title := []string{"annotation:org.opencontainers.image.title"}
	description := []string{"annotation:org.opencontainers.image.description"}
	if e != nil && d.From.Config != nil {
		var config map[string]any
		if json.Unmarshal(d.From.Config, &config) == nil {
			for key, of := range map[string]*[]string{"version": &version, "name": &title, "description": &description} {
				if s, ok := config[key].(string); ok && s != "" {
					*of = append(*of, "config:/"+key)
				}
			}
		}
	}
	line := func(name string, sources []string) string {
		return "  " + name + ": [" + strings.Join(sources, ", ") + "]\n"
	}
	return line(FactTitle, title) + line(FactVersion, version) + line(FactDescription, description)
}

// layers gives each kind of layer a role.
func (d Draft) layers(e *evidence) string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	var seen []string
	for _, kind := range e.layerKinds {
		kind = normal(kind)
		if slices.Contains(seen, kind) || !mediaTypeForm.MatchString(kind) || len(seen) == 8 {
			continue
		}
		seen = append(seen, kind)
		role := "content"
		if len(seen) > 1 {
			role = fmt.Sprintf("content-%d", len(seen))
		}
		fmt.Fprintf(&b, "  - role: %s\n    mediaType: %s\n", role, quoted(kind))
	}
	return b.String()
}

// example is the manifest that the entry is drawn from, or one of its type.
func (d Draft) example() string {
	mediaType, manifest, config := "application/vnd.oci.image.manifest.v1+json", []byte(fmt.Sprintf(
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":%s,`+
			`"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},`+
			`"layers":[]}`, d.bareType())), []byte(nil)
	if d.From != nil {
		mediaType, manifest, config = d.From.MediaType, d.From.Manifest, d.From.Config
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: first\n    mediaType: %s\n    manifest: |\n%s", quoted(normal(mediaType)), block(manifest))
	if len(config) > 0 && len(config) <= 16<<10 {
		fmt.Fprintf(&b, "    config: |\n%s", block(config))
	}
	return b.String()
}

// block is JSON as an indented block of YAML: printed anew, since what YAML does
// to lines must not change it.
func block(text []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, bytes.TrimSpace(text), "      ", "  ") != nil {
		out.Reset()
		out.WriteString(`{}`)
	}
	return "      " + out.String() + "\n"
}

// quoted is a string of YAML, which JSON's are too.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}

// Icon is an image to go on from: some squares, in a colour and places that the id
// decides.
func (d Draft) Icon() []byte {
	h := fnv.New32a()
	h.Write([]byte(d.ID))
	colours := []string{"#7a3fb0", "#0f6e84", "#a3461f", "#2f6b3a", "#3a56b0", "#8c2f5a", "#5b5f1d", "#4a4f5c"}
	var shapes strings.Builder
	for i, n := 0, h.Sum32(); i < 4; i, n = i+1, n>>4 {
		fmt.Fprintf(&shapes, "  <rect x=\"%d\" y=\"%d\" width=\"4\" height=\"4\" fill=\"#fff\"/>\n", 5+5*(i%2)+int(n%3), 5+5*(i/2)+int(n>>2%3))
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
  <rect x="1" y="1" width="22" height="22" rx="5" fill="%s"/>
%s</svg>
`, colours[h.Sum32()%uint32(len(colours))], shapes.String())
}

package mapping

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/argosy-registry/argosy/artifact"
)

// Fetch gets what is at a URL, at most max bytes of it.
type Fetch func(ctx context.Context, url string, max int64) ([]byte, error)

// Limits of what is fetched; the catalog has its own, below them.
const (
	maxIconBytes   = 1 << 20
	maxSchemaBytes = 64 << 10
	fetchers       = 8 // at once
)

// Entry is what becomes of a mapping.
type Entry struct {
	ID        string
	Title     string
	MediaType string
	Extends   string // the type whose manifests it names anew; empty: it is a type
	Replaces  bool   // an entry that an earlier import made
	Drawn     bool   // the icon is not the author's
}

// Result is entries for the owner's catalog.
type Result struct {
	Entries  []Entry
	Files    map[string][]byte // entries and icons by their names
	Warnings []string
}

// Import makes entries of a file, for a registry with the catalog c. A media type
// that c knows makes an entry that extends the type, so that ids, rules and actions
// stay; any other makes a type. An entry of an earlier import of the media type is
// replaced. fetch gets icons and schemas; nil: nothing is fetched. What cannot be
// fetched is a warning; a media type that says nothing of its own, and that no type
// of images has either, is an error.
func Import(ctx context.Context, c *artifact.Catalog, f *File, fetch Fetch) (*Result, error) {
	im := &importer{c: c, f: f, fetch: fetch, r: &Result{Files: map[string][]byte{}, Warnings: f.Warnings}}
	im.earlier()
	var errs []error
	var drafts []*draft
	for i := range f.Mappings {
		d := &draft{Mapping: &f.Mappings[i], number: i + 1}
		if err := im.plan(d); err != nil {
			errs = append(errs, err)
			continue
		}
		drafts = append(drafts, d)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	im.fetchAll(ctx, drafts)
	for _, d := range drafts {
		im.finish(d)
	}
	return im.r, nil
}

type importer struct {
	c     *artifact.Catalog
	f     *File
	fetch Fetch
	r     *Result

	files map[string]artifact.File // entries in force by id
	byMT  map[string]string        // ids of entries of earlier imports, by media type in lower case
}

// draft is an entry in the making.
type draft struct {
	*Mapping
	Entry
	number   int
	rules    []string // YAML
	icon     []byte
	schema   []byte
	warnings []string
}

func (d *draft) warnf(format string, args ...any) {
	d.warnings = append(d.warnings, d.place+fmt.Sprintf(format, args...))
}

// earlier finds the entries that earlier imports made.
func (im *importer) earlier() {
	im.files, im.byMT = map[string]artifact.File{}, map[string]string{}
	for _, f := range im.c.Files() {
		if !f.Over {
			im.files[f.ID] = f
		}
	}
	note := func(t *artifact.Type) {
		if t.Mapping != nil && t.Origin == artifact.OriginLocal {
			im.byMT[strings.ToLower(t.Mapping.MediaType)] = t.ID
		}
	}
	for _, t := range im.c.Types() {
		note(t)
		for _, face := range t.Faces {
			note(face)
		}
	}
}

// plan decides what an entry is: a type or a face of one, its id and its rules.
func (im *importer) plan(d *draft) error {
	mediaType := strings.ToLower(d.Mapping.MediaType)
	config, artifactType := im.knows(mediaType)
	own := im.byMT[mediaType]
	if own != "" && config == own {
		config = ""
	}
	if own != "" && artifactType == own {
		artifactType = ""
	}
	d.rules = []string{"config", "artifactType"}
	switch {
	case config == "" && artifactType == "" && im.c.Generic(mediaType):
		return errors.New(d.place + d.Mapping.MediaType + " says nothing of its own: ordinary images and files have it, and no type could be told by it")
	case im.c.Generic(mediaType):
		d.Extends, d.rules = config, d.rules[:1]
	case config == "":
		d.Extends = artifactType
	default:
		d.Extends = config
		if artifactType != "" && artifactType != config {
			d.rules = d.rules[:1]
			d.warnf("as artifactType it is known as %s, as the config's media type as %s: it names the latter", artifactType, config)
		}
	}
	if t := im.c.TypeOf(mediaType); d.Extends == "" && t != "" && t != own {
		d.warnf("some artifacts of it are known as %s by more than the media type, and keep that name", t)
	}
	d.Entry.Title, d.Entry.MediaType = d.Mapping.Title, d.Mapping.MediaType
	d.ID, d.Replaces = own, own != ""
	if own == "" {
		d.ID = im.freeID(mediaType)
	}
	return nil
}

// knows says which types a media type means today, as a config's and as an
// artifactType. The latter is empty for what says nothing of its own.
func (im *importer) knows(mediaType string) (config, artifactType string) {
	ask := func(manifest string) string {
		if id := im.c.Identify(artifact.Input{Manifest: []byte(manifest)}); id.Known {
			return id.Type
		}
		return ""
	}
	config = ask(byConfig(mediaType))
	if !im.c.Generic(mediaType) {
		artifactType = ask(manifestHead + `"artifactType":` + string(quoted(mediaType)) + `,"config":{"mediaType":"application/vnd.oci.empty.v1+json",` + emptyConfig + `,"layers":[]}`)
	}
	return config, artifactType
}

// Parts of manifests that say what they are and nothing else.
const (
	manifestHead = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",`
	emptyConfig  = `"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`
)

// byConfig is a manifest that says by its config's media type what it is.
func byConfig(mediaType string) string {
	return manifestHead + `"config":{"mediaType":` + string(quoted(mediaType)) + `,` + emptyConfig + `,"layers":[]}`
}

// freeID is an id that neither an entry of the catalog has nor another mapping of
// the file could get.
func (im *importer) freeID(mediaType string) string {
	id := idOf(mediaType)
	same := 0
	for i := range im.f.Mappings {
		if idOf(im.f.Mappings[i].MediaType) == id {
			same++
		}
	}
	if _, taken := im.files[id]; taken || same > 1 {
		return marked(id, mediaType)
	}
	return id
}

// fetchAll gets icons and schemas, some at a time.
func (im *importer) fetchAll(ctx context.Context, drafts []*draft) {
	free := make(chan struct{}, fetchers)
	var running sync.WaitGroup
	for _, d := range drafts {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			im.fetchIcon(ctx, d)
			im.fetchSchema(ctx, d)
		})
	}
	running.Wait()
}

// fetchIcon sets the author's icon, or one that is drawn. The icon of an entry that
// is replaced stays when the author's cannot be had now.
func (im *importer) fetchIcon(ctx context.Context, d *draft) {
	for _, url := range []string{d.IconSVG, d.IconPNG} {
		if url == "" || im.fetch == nil {
			continue
		}
		icon, err := im.fetch(ctx, url, maxIconBytes)
		if err == nil {
			err = vetIcon(d.ID, icon)
		}
		if err == nil {
			d.icon = icon
			return
		}
		d.warnf("the icon %s is not taken: %v", url, err)
	}
	if old := im.files[d.ID]; d.Replaces && old.Icon != nil {
		d.icon = old.Icon
		return
	}
	d.icon, d.Drawn = artifact.Draft{ID: d.ID}.Icon(), true
	if d.IconSVG+d.IconPNG != "" {
		d.warnf("a neutral icon is drawn; where the author's is stays in the entry")
	}
}

// vetIcon says what is wrong with bytes that should be an icon.
func vetIcon(id string, icon []byte) error {
	start := bytes.ToLower(bytes.TrimSpace(icon[:min(len(icon), 200)]))
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return errors.New("it is a web page, no image")
	}
	return artifact.VetIcon(id+artifact.IconExt(icon), icon)
}

// fetchSchema sets the schema of the config, if there is one that an entry can hold.
func (im *importer) fetchSchema(ctx context.Context, d *draft) {
	text := d.Mapping.schema
	if text == nil {
		if im.fetch == nil || !strings.Contains(d.SchemaValidation, "://") {
			return
		}
		var err error
		if text, err = im.fetch(ctx, d.SchemaValidation, maxSchemaBytes); err != nil {
			d.warnf("the schema %s is not taken: %v", d.SchemaValidation, err)
			return
		}
	}
	var out bytes.Buffer
	var schema, again any
	err := json.Compact(&out, bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if err == nil {
		err = json.Unmarshal(out.Bytes(), &schema)
	}
	switch object, ok := schema.(map[string]any); {
	case err != nil:
		d.warnf("the schema is not taken: it is no JSON")
	case !ok || len(object) == 0:
		d.warnf("the schema is not taken: it is no JSON object")
	case out.Len() > maxSchemaBytes || unfit(out.Bytes()) || yaml.Unmarshal(out.Bytes(), &again) != nil || !same(schema, again):
		d.warnf("the schema is not taken: an entry cannot hold it as it is")
	default:
		d.schema = out.Bytes()
	}
}

// unfit says whether JSON nests deeper than an entry may, or is not to be read
// in one way only.
func unfit(text []byte) bool {
	_, err := parse(text)
	return err != nil
}

// same says whether JSON that went through YAML is what it was.
func same(want, got any) bool {
	text, err := json.Marshal(got)
	var again any
	return err == nil && json.Unmarshal(text, &again) == nil && reflect.DeepEqual(want, again)
}

// finish writes an entry and its icon.
func (im *importer) finish(d *draft) {
	im.r.Files[d.ID+".yaml"] = d.yaml(im.f)
	im.r.Files[d.ID+artifact.IconExt(d.icon)] = d.icon
	im.r.Entries = append(im.r.Entries, d.Entry)
	im.r.Warnings = append(im.r.Warnings, d.warnings...)
}

// yaml is the entry's text.
func (d *draft) yaml(f *File) []byte {
	var b bytes.Buffer
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, quoted(value))
		}
	}
	said := d.said()
	line("id", d.ID)
	line("extends", d.Extends)
	line("title", said.Title)
	line("short", shortOf(said.Title))
	line("description", said.Description)
	line("home", said.MoreInfo)
	b.WriteString("match:\n")
	for _, key := range d.rules {
		fmt.Fprintf(&b, "  - %s: %s\n", key, quoted(strings.ToLower(d.Mapping.MediaType)))
	}
	if len(said.Tools) > 0 {
		b.WriteString("tools:\n")
	}
	for _, t := range said.Tools {
		fmt.Fprintf(&b, "  - title: %s\n", quoted(t.Title))
		if t.Installer != "" {
			fmt.Fprintf(&b, "    installer: %s\n", quoted(t.Installer))
		}
	}
	if d.Extends == "" { // the entry's own test
		fmt.Fprintf(&b, "examples:\n  - name: by its config\n    mediaType: application/vnd.oci.image.manifest.v1+json\n    manifest: %s\n",
			quoted(byConfig(strings.ToLower(d.Mapping.MediaType))))
	}
	if d.schema != nil {
		fmt.Fprintf(&b, "configSchema: %s\n", d.schema)
	}
	b.WriteString("mapping:\n")
	line("  mediaType", d.Mapping.MediaType)
	line("  source", f.Name)
	fmt.Fprintf(&b, "  number: %d\n", d.number)
	line("  icon.svg", d.IconSVG)
	line("  icon.png", d.IconPNG)
	line("  schemaValidation", d.SchemaValidation)
	line("  other", object(d.rest(&said)))
	if d.number == 1 {
		line("  file", f.other)
	}
	return b.Bytes()
}

// said is the mapping as an entry says it: links over https alone.
func (d *draft) said() Mapping {
	m := *d.Mapping
	if !strings.HasPrefix(m.MoreInfo, "https://") {
		m.MoreInfo = ""
	}
	m.Tools = nil
	for _, t := range d.Mapping.Tools {
		if !strings.HasPrefix(t.Installer, "https://") {
			t.Installer = ""
		}
		m.Tools = append(m.Tools, t)
	}
	return m
}

// rest are the members of the mapping that the entry does not say, or says otherwise.
func (d *draft) rest(said *Mapping) (all []member) {
	now := map[string]json.RawMessage{}
	for _, m := range said.write() {
		now[m.name] = m.raw
	}
	for _, m := range d.members {
		if !equal(now[m.name], m.raw) {
			all = append(all, m)
		}
	}
	return all
}

// equal says whether two JSON texts mean the same.
func equal(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

package artifact

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/argosy-registry/argosy/types"
)

// Catalog is a set of types. It does not change once it is loaded.
type Catalog struct {
	types       map[string]*kind
	faces       map[string]*kind // entries that name some manifests of a type
	sorted      []*Type
	files       []File
	icons       map[string][]byte
	platforms   map[string][]byte
	fingerprint string

	generic    map[string]bool                 // media types that say nothing of their own
	byAnchor   [anchorKinds]map[string][]*rule // rules that need one of their anchors, in the order of contest
	always     []*rule                         // rules that have none, in the order of contest
	readConfig []*rule                         // rules that look into the config
	traitRules []*rule                         // by id
	entryRules []entryRule                     // how an entry of an index is known by its descriptor
	byType     map[string]*rule                // the plainest rule by artifactType or config type
	byGlob     []typeGlob                      // rules whose artifactTypes have a pattern
}

// Type is one type of artifact, as its entry says.
type Type struct {
	ID           string      `json:"id"`
	Group        string      `json:"group,omitempty"` // joins types that a person takes for one
	Title        string      `json:"title"`           // "Helm chart"
	Short        string      `json:"short"`           // "helm"
	Description  string      `json:"description,omitempty"`
	Publisher    string      `json:"publisher,omitempty"`
	Category     string      `json:"category,omitempty"`
	Home         string      `json:"home,omitempty"`
	Docs         string      `json:"docs,omitempty"`
	Origin       Origin      `json:"origin"`
	From         string      `json:"from,omitempty"`         // of a followed entry: which catalog
	Companion    bool        `json:"companion,omitempty"`    // an attestation, signature or the like
	AdmittedWith []string    `json:"admittedWith,omitempty"` // ids, groups and categories that bring it along where only they are taken; "*": any
	Trait        bool        `json:"trait,omitempty"`        // shown beside a type, never in its place
	Place        Place       `json:"place,omitempty"`        // as an entry of an index
	Variants     []Variant   `json:"variants,omitempty"`
	Layers       []LayerRole `json:"layers,omitempty"`
	Scan         []string    `json:"scan,omitempty"` // kinds of scan that make sense
	Tools        []Tool      `json:"tools,omitempty"`
	Expect       []string    `json:"expect,omitempty"`  // facts that each artifact of the type should state
	Lint         []LintRule  `json:"lint,omitempty"`    // known mistakes in artifacts of the type
	Faces        []*Type     `json:"faces,omitempty"`   // names of some of its manifests: entries that extend it
	Mapping      *Mapping    `json:"mapping,omitempty"` // what the mapping file said that it came in

	ConfigSchema json.RawMessage `json:"configSchema,omitempty"` // JSON Schema of the config blob
	Status       string          `json:"status,omitempty"`       // current, historical, proposal
	Notes        string          `json:"notes,omitempty"`        // why the entry is as it is
}

// Variant is a form of a type that has its own name, actions or duties.
type Variant struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Short     string   `json:"short"`
	Companion bool     `json:"companion,omitempty"`
	Scan      []string `json:"scan,omitempty"`
	actions   []*actionTemplate
}

// Tool is a program that uses artifacts of a type.
type Tool struct {
	Title     string `json:"title"`
	Installer string `json:"installer,omitempty"` // https URL of how to install it; may be unknown
}

// Origin is where an entry comes from; a nearer one counts more.
type Origin uint8

// The origins.
const (
	OriginBuiltin  Origin = iota // in the program
	OriginFollowed               // from a catalog that the registry follows
	OriginLocal                  // the registry owner's own
)

var originWords = [...]string{"built-in", "followed", "local"}

// String is the origin's word.
func (o Origin) String() string { return originWords[o] }

// MarshalText is String.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (o *Origin) UnmarshalText(text []byte) error {
	i := slices.Index(originWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no origin", text)
	}
	*o = Origin(i)
	return nil
}

// kind is a type with what its entry compiles to.
type kind struct {
	Type
	fallback    bool
	platforms   bool // the config names the platform
	readsConfig bool // facts come from the config
	rules       []*rule
	faces       []*rule // of entries that extend it, in the order of contest
	about       string
	factRules   []factRule
	actions     []*actionTemplate
	attach      []tagPattern
	mistakes    []mistake
	schema      *configSchema
	examples    []Example
}

type entryRule struct {
	match entryPattern
	typ   *kind
}

// Example is a manifest that an entry shows to be of its type.
type Example struct {
	Name      string
	MediaType string
	Manifest  []byte
	Config    []byte
	Variant   string
}

// BuiltinSource is the entries that come with the program.
func BuiltinSource() Source { return Source{FS: types.FS, Origin: OriginBuiltin} }

// Builtin is the catalog that comes with the program.
var Builtin = sync.OnceValues(func() (*Catalog, error) { return Load(BuiltinSource()) })

// Types lists the types by id, the reserved ones too. It must not be changed.
func (c *Catalog) Types() []*Type { return c.sorted }

// Type finds a type by id.
func (c *Catalog) Type(id string) (*Type, bool) {
	k, ok := c.types[id]
	if !ok {
		return nil, false
	}
	return &k.Type, true
}

// Face finds by id an entry that extends a type and names some of its manifests.
func (c *Catalog) Face(id string) (*Type, bool) {
	k, ok := c.faces[id]
	if !ok {
		return nil, false
	}
	return &k.Type, true
}

// Shown is what a manifest is shown as: its face, else its type.
func (c *Catalog) Shown(id Identification) *Type {
	if k := c.faces[id.Face]; k != nil {
		return &k.Type
	}
	if k := c.types[id.Type]; k != nil {
		return &k.Type
	}
	return &c.types[Unknown].Type
}

// Examples are the examples of a type's entry.
func (c *Catalog) Examples(id string) []Example {
	if k := c.types[id]; k != nil {
		return k.examples
	}
	return nil
}

// Fingerprint changes whenever an entry or an icon does.
func (c *Catalog) Fingerprint() string { return c.fingerprint }

// File is an entry as it was written.
type File struct {
	ID      string `json:"id"`
	Origin  Origin `json:"origin"`
	Extends string `json:"extends,omitempty"` // the type that it adds to
	Over    bool   `json:"over,omitempty"`    // a nearer entry of the same id takes its place
	From    string `json:"from,omitempty"`    // of a followed entry: which catalog
	Yields  bool   `json:"yields,omitempty"`  // it changes nothing of farther origins
	Entry   []byte `json:"entry"`             // YAML
	Icon    []byte `json:"icon,omitempty"`    // none of what only adds actions
}

// Files are all entries that the catalog was read from, those too that another
// takes the place of, by origin and id. They must not be changed.
func (c *Catalog) Files() []File { return c.files }

// Icon is the icon of a type, or of an entry that names some of a type's manifests:
// an image that was vetted when the catalog was loaded, of the media type that
// IconType says.
func (c *Catalog) Icon(id string) ([]byte, bool) {
	icon, ok := c.icons[id]
	return icon, ok
}

// PlatformIcon is the icon of an operating system; of one without an icon of its
// own, the icon of any.
func (c *Catalog) PlatformIcon(os string) ([]byte, bool) {
	if icon, ok := c.platforms[os]; ok {
		return icon, true
	}
	icon, ok := c.platforms["any"]
	return icon, ok
}

// companion reports whether a manifest of the type and variant is one.
func (t *kind) companion(variant string) bool {
	for i := range t.Variants {
		if t.Variants[i].ID == variant {
			return t.Variants[i].Companion
		}
	}
	return t.Companion
}

// index sorts rules into what Identify looks at.
func (c *Catalog) index(rules []*rule) {
	slices.SortFunc(rules, func(a, b *rule) int {
		order, _ := contest(a, b)
		return order
	})
	for place, r := range rules {
		r.place = place
		if r.readsDoc {
			c.readConfig = append(c.readConfig, r)
		}
		if r.typ.Trait {
			c.traitRules = append(c.traitRules, r)
			continue
		}
		c.indexType(r)
		in, values := r.anchors()
		if len(values) == 0 {
			c.always = append(c.always, r)
		}
		for _, v := range values {
			c.byAnchor[in][v] = append(c.byAnchor[in][v], r)
		}
	}
	slices.SortStableFunc(c.traitRules, func(a, b *rule) int { return strings.Compare(a.typ.ID, b.typ.ID) })
}

// indexType notes which type an entry of an index is by the artifactType of its
// descriptor. Tools write the manifest's artifactType there, or its config type.
// Rules come in the order of contest; a plainer rule says more about an entry.
func (c *Catalog) indexType(r *rule) {
	for i := range r.when {
		k := &r.when[i]
		if k.of != ofArtifactType && k.of != ofConfig || k.strength == strengthGeneric {
			continue
		}
		for _, v := range k.want.exact {
			have := c.byType[v]
			if have == nil || have.yields == r.yields && r.weight < have.weight || have.yields && !r.yields {
				c.byType[v] = r
			}
		}
		for _, g := range k.want.globs {
			c.byGlob = append(c.byGlob, typeGlob{g, r})
		}
	}
}

// typeGlob is a rule that holds for artifactTypes of a pattern.
type typeGlob struct {
	glob string
	rule *rule
}

// typeOf is the type of an index's entry by its artifactType, nil when unknown.
func (c *Catalog) typeOf(artifactType string) *kind {
	if artifactType == "" {
		return nil
	}
	best := c.byType[artifactType]
	for _, g := range c.byGlob {
		if (best == nil || best.yields && !g.rule.yields) && glob(g.glob, artifactType) {
			best = g.rule
		}
	}
	if best == nil {
		return nil
	}
	return best.typ
}

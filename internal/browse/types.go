package browse

import (
	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// TypeEntry is an entry of the catalog for people.
type TypeEntry struct {
	ID          string          `json:"id"`
	Group       string          `json:"group,omitempty"` // joins types that a person takes for one
	Name        string          `json:"name"`
	Short       string          `json:"short"`
	Description string          `json:"description,omitempty"`
	Publisher   string          `json:"publisher,omitempty"`
	Category    string          `json:"category,omitempty"`
	Home        string          `json:"home,omitempty"` // https
	Docs        string          `json:"docs,omitempty"` // https
	Icon        string          `json:"icon"`           // path of an SVG or PNG image
	Origin      artifact.Origin `json:"origin"`
	From        string          `json:"from,omitempty"` // of a followed entry: the catalog, and its digest
	Companion   bool            `json:"companion"`      // listings fold it under what it is attached to
	Trait       bool            `json:"trait"`          // is shown beside a type and never is one
	Variants    []VariantEntry  `json:"variants,omitempty"`
	Tools       []artifact.Tool `json:"tools,omitempty"`
	Faces       []FaceEntry     `json:"faces,omitempty"`
	Mapping     *MappingEntry   `json:"mapping,omitempty"`
	Count       int64           `json:"count"` // Items of the type that the reader is listed
}

// FaceEntry is how some artifacts of a type are shown: an entry that extends it.
type FaceEntry struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Short       string          `json:"short"`
	Description string          `json:"description,omitempty"`
	Home        string          `json:"home,omitempty"` // https
	Icon        string          `json:"icon"`           // path of an SVG or PNG image
	Origin      artifact.Origin `json:"origin"`
	From        string          `json:"from,omitempty"` // of a followed entry: the catalog, and its digest
	Tools       []artifact.Tool `json:"tools,omitempty"`
	Mapping     *MappingEntry   `json:"mapping,omitempty"`
}

// MappingEntry says that an entry came in a mapping file.
type MappingEntry struct {
	MediaType string `json:"mediaType"`
	Source    string `json:"source,omitempty"` // the file: its URL, or its name
}

// VariantEntry is a form of a type.
type VariantEntry struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Short string `json:"short"`
}

// Types lists the catalog in order of id, with how much of each v sees.
func (b *Browser) Types(v Visible) ([]TypeEntry, error) {
	counts, err := b.typeCounts(v)
	if err != nil {
		return nil, err
	}
	types := b.Catalog().Types()
	entries := make([]TypeEntry, len(types))
	for i, t := range types {
		entries[i] = b.entry(t)
		entries[i].Count = counts[t.ID]
	}
	return entries, nil
}

// TypeByID finds an entry of the catalog; false when there is none.
func (b *Browser) TypeByID(v Visible, id string) (TypeEntry, bool, error) {
	t, ok := b.Catalog().Type(id)
	if !ok {
		return TypeEntry{}, false, nil
	}
	counts, err := b.typeCounts(v)
	if err != nil {
		return TypeEntry{}, false, err
	}
	e := b.entry(t)
	e.Count = counts[id]
	return e, true, nil
}

func (b *Browser) typeCounts(v Visible) (map[string]int64, error) {
	rows, err := b.Store.TypeCounts(v)
	counts := make(map[string]int64, len(rows))
	for _, r := range rows {
		counts[r.Type] = r.Count
	}
	return counts, err
}

// UnknownType is a media type that no entry of the catalog knows, which somebody
// could write one for.
type UnknownType struct {
	MediaType string `json:"mediaType"`
	Count     int64  `json:"count"`   // manifests of it that the reader sees
	Example   string `json:"example"` // one of them, as tools take it
}

// maxUnknown is how many media types the report names.
const maxUnknown = 1000

// UnknownTypes is the report of what no entry knows, most of it first.
func (b *Browser) UnknownTypes(v Visible, site Site) ([]UnknownType, error) {
	rows, err := b.Store.UnknownTypes(v, artifact.Unknown, maxUnknown)
	all := make([]UnknownType, len(rows))
	for i, r := range rows {
		all[i] = UnknownType{r.MediaType, r.Count, site.Registry + "/" + r.Repository + oci.Reference{Digest: oci.Digest(r.Digest)}.Suffix()}
	}
	return all, err
}

// TypeName is what a type is called; its id when the catalog has no such type.
func (b *Browser) TypeName(id string) string {
	if t, ok := b.Catalog().Type(id); ok {
		return t.Title
	}
	return id
}

func (b *Browser) entry(t *artifact.Type) TypeEntry {
	e := TypeEntry{
		ID: t.ID, Group: t.Group, Name: t.Title, Short: t.Short, Description: t.Description,
		Publisher: t.Publisher, Category: t.Category, Home: t.Home, Docs: t.Docs,
		Icon: b.iconPath(TypeIcon, t.ID), Origin: t.Origin, From: t.From, Companion: t.Companion, Trait: t.Trait, Tools: t.Tools,
		Mapping: mappingOf(t),
	}
	for _, v := range t.Variants {
		e.Variants = append(e.Variants, VariantEntry{v.ID, v.Title, v.Short})
	}
	for _, f := range t.Faces {
		e.Faces = append(e.Faces, FaceEntry{
			ID: f.ID, Name: f.Title, Short: f.Short, Description: f.Description, Home: f.Home,
			Icon: b.iconPath(TypeIcon, f.ID), Origin: f.Origin, From: f.From, Tools: f.Tools, Mapping: mappingOf(f),
		})
	}
	return e
}

func mappingOf(t *artifact.Type) *MappingEntry {
	if t.Mapping == nil {
		return nil
	}
	return &MappingEntry{t.Mapping.MediaType, t.Mapping.Source}
}

// EntryFiles are the entries in force and their icons by their names; of an origin
// those too that a nearer one takes the place of. Error: RequestInvalid for what is no origin.
func (b *Browser) EntryFiles(origin string) (map[string][]byte, error) {
	var only artifact.Origin
	if err := only.UnmarshalText([]byte(origin)); err != nil && origin != "" {
		return nil, oci.RequestInvalid.With(nil, "origin is %.80q: want built-in, followed or local", origin)
	}
	files := map[string][]byte{}
	for _, f := range b.Catalog().Files() {
		if origin == "" && f.Over || origin != "" && f.Origin != only {
			continue
		}
		files[f.ID+".yaml"] = f.Entry
		if f.Icon != nil {
			files[f.ID+artifact.IconExt(f.Icon)] = f.Icon
		}
	}
	return files, nil
}

// typeOf is the type of an identification. Its names are those that were stored
// with it, so that a listing never is a mixture of two catalogs.
func (b *Browser) typeOf(id artifact.Identification) Type {
	drawn := id.Type
	if _, ok := b.Catalog().Face(id.Face); ok {
		drawn = id.Face
	}
	t := Type{
		ID: id.Type, Variant: id.Variant, Face: id.Face, Name: id.Name, Short: id.Short, Known: id.Known,
		Icon: b.iconPath(TypeIcon, drawn), Tools: b.Catalog().Shown(id).Tools,
	}
	if t.Tools == nil {
		t.Tools = []artifact.Tool{}
	}
	if raw := id.Raw(); !id.Known && raw != "" {
		t.Name = raw
	}
	if t.Name == "" {
		t.Name = id.Type
	}
	if t.Short == "" {
		t.Short = id.Type
	}
	return t
}

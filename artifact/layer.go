package artifact

import "slices"

// LayerRole says what a layer of a type is for. A layer has the first role whose
// media type and title it has; its position among the layers says nothing.
type LayerRole struct {
	Role       string            `json:"role"`
	MediaTypes []string          `json:"mediaTypes,omitempty"`
	Titles     []string          `json:"titles,omitempty"`
	Required   bool              `json:"required,omitempty"` // some layer must have the role
	Files      map[string]string `json:"files,omitempty"`    // in an archive: what is where, e.g. readme: "*/README.md"
	kinds      pattern
	titles     pattern
}

// holds reports whether the layer has the role.
func (r *LayerRole) holds(d *descriptor) bool {
	return (len(r.MediaTypes) == 0 || r.kinds.holds(d.kind)) &&
		(len(r.Titles) == 0 || r.titles.holds(d.title))
}

// layersOf are the layers of a manifest that have a role in the type.
func (t *kind) layersOf(e *evidence) []Layer {
	var found []Layer
	if len(t.Layers) == 0 {
		return nil
	}
	for i := range e.layers {
		d := &e.layers[i]
		n := t.roleOf(d)
		if n < 0 {
			continue
		}
		if len(found) == MaxLayers {
			break
		}
		if found == nil {
			found = make([]Layer, 0, min(len(e.layers), MaxLayers))
		}
		found = append(found, Layer{
			Role: t.Layers[n].Role, Digest: d.digest, MediaType: d.mediaType,
			File: clean(d.title, maxText), Size: d.size,
		})
	}
	return found
}

// roleOf is the index of the role that a layer has, -1 for none.
func (t *kind) roleOf(d *descriptor) int {
	return slices.IndexFunc(t.Layers, func(r LayerRole) bool { return r.holds(d) })
}

// missing are the roles that some layer must have and none has, each once.
func (t *kind) missing(e *evidence) []string {
	if e.form == formIndex {
		return nil // the manifests in it have the layers
	}
	var names []string
	for _, r := range t.Layers {
		if r.Required && !slices.Contains(names, r.Role) {
			names = append(names, r.Role)
		}
	}
	for i := range e.layers {
		if n := t.roleOf(&e.layers[i]); n >= 0 {
			names = slices.DeleteFunc(names, func(name string) bool { return name == t.Layers[n].Role })
		}
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

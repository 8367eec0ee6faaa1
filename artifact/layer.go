package artifact

import "slices"

// LayerRole says what a layer of a type is for. A layer has the first role whose
// media type and title it has; its position among the layers says nothing.
type LayerRole struct {
	Role       string            `json:"role"`
	MediaTypes []string          `json:"mediaTypes,omitempty"`
	Titles     []string          `json:"titles,omitempty"`
	Files      map[string]string `json:"files,omitempty"` // in an archive: what is where, e.g. readme: "*/README.md"
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
		n := slices.IndexFunc(t.Layers, func(r LayerRole) bool { return r.holds(d) })
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

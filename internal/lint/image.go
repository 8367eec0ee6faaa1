package lint

import (
	"encoding/json"
	"slices"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// image checks container images: their layers, and their config where it is at hand.
func (d *document) image(l *list, c *artifact.Catalog) {
	for i := range d.layers {
		x := &d.layers[i]
		if plain := (oci.Descriptor{MediaType: x.MediaType}); plain.NonDistributable() {
			l.add(ruleByID("layer-nondistributable"), below(x.place, "mediaType"), "The layer is %s.", quote(x.MediaType))
		}
	}
	if !d.isImage() || d.config == nil || d.artifactType != "" || !oci.IsImageConfigType(d.config.MediaType) {
		return
	}
	if !d.review.Identification.Known {
		i := slices.IndexFunc(d.layers, func(x descriptor) bool { return !oci.IsImageLayerType(x.MediaType) })
		if i >= 0 {
			l.add(ruleByID("layer-not-image"), below(d.layers[i].place, "mediaType"), "The layer is %s, and the config says container image.", quote(d.layers[i].MediaType))
		}
		return
	}
	if c.Runs(d.review.Identification.Type) {
		d.imageConfig(l)
	}
}

// imageConfig checks the config of an image.
func (d *document) imageConfig(l *list) {
	var members map[string]json.RawMessage
	if json.Unmarshal(d.in.Config, &members) != nil || len(members) == 0 {
		return // not at hand, or what config-json speaks of
	}
	for _, name := range []string{"os", "architecture"} {
		if text(members[name]) == "" {
			l.addConfig(ruleByID("image-config"), "", "The config does not say %s.", name)
		}
	}
	var root struct {
		DiffIDs []json.RawMessage `json:"diff_ids"`
	}
	raw, has := members["rootfs"]
	switch {
	case !has:
		l.addConfig(ruleByID("image-config"), "", "The config does not say rootfs.")
	case json.Unmarshal(raw, &root) != nil || root.DiffIDs == nil && len(d.layers) > 0:
		l.addConfig(ruleByID("image-config"), "/rootfs", "rootfs has no list of diff_ids.")
	case len(root.DiffIDs) != len(d.layers):
		l.addConfig(ruleByID("image-diff-ids"), "/rootfs/diff_ids", "%s and %s do not go together.", countOf(len(root.DiffIDs), "diff_id"), countOf(len(d.layers), "layer"))
	}
}

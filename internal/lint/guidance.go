package lint

import (
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// guidance checks what image-spec 1.1 says of artifacts (manifest.md, "Guidelines for
// Artifact Usage").
func (d *document) guidance(l *list, c *artifact.Catalog) {
	d.typeOfArtifact(l, c)
	if d.subject != nil {
		d.checkSubject(l)
	}
	if !d.isImage() || d.config == nil {
		return
	}
	config := oci.BaseMediaType(d.config.MediaType)
	switch {
	case config == oci.MediaTypeEmpty && d.artifactType == "":
		l.add(ruleByID("artifact-type-missing"), "", "The config is the empty descriptor, and there is no artifactType.")
	case oci.IsImageConfigType(config) && d.artifactType != "":
		l.add(ruleByID("artifact-image-config"), "/config/mediaType", "artifactType is %s, and the config is that of a container image.", quote(d.artifactType))
	}
	if len(d.layers) == 0 {
		l.add(ruleByID("layers-missing"), "", "There are no layers.")
	}
	for i := range d.layers {
		if x := &d.layers[i]; config != oci.MediaTypeEmpty && config != "" && oci.BaseMediaType(x.MediaType) == config {
			l.add(ruleByID("config-as-layer"), below(x.place, "mediaType"), "The layer and the config are both %s.", quote(config))
			break
		}
	}
}

// typeOfArtifact checks what an artifactType of the right form says.
func (d *document) typeOfArtifact(l *list, c *artifact.Catalog) {
	kind := oci.BaseMediaType(d.artifactType)
	_, name, ok := strings.Cut(kind, "/")
	switch {
	case !ok || strings.Contains(kind, "*"):
	case isFormatType(kind), c.Generic(kind) && !d.review.Identification.Known:
		l.add(ruleByID("artifact-type-generic"), "/artifactType", "artifactType %s says nothing of its own.", quote(d.artifactType))
	case !d.review.Identification.Known && !strings.Contains(name, "."):
		l.add(ruleByID("artifact-type-tree"), "/artifactType", "artifactType %s is in the standards tree, and no entry knows it as registered.", quote(d.artifactType))
	}
}

// isFormatType reports whether a media type is one of the formats' own: of a manifest,
// an image's config or layer, or the empty one.
func isFormatType(mediaType string) bool {
	return oci.IsManifestType(mediaType) && mediaType != oci.MediaTypeArtifactManifest ||
		oci.IsImageConfigType(mediaType) || oci.IsImageLayerType(mediaType) || mediaType == oci.MediaTypeEmpty
}

// checkSubject checks what a manifest is about.
func (d *document) checkSubject(l *list) {
	s := d.subject
	if s.MediaType != "" && !oci.IsManifestType(s.MediaType) {
		l.add(ruleByID("subject-type"), "/subject/mediaType", "The subject is %s, and a subject is a manifest.", quote(s.MediaType))
	}
	for _, x := range d.all() {
		if x != s && x.Digest == s.Digest && s.Digest != "" {
			l.add(ruleByID("subject-inside"), "/subject/digest", "The subject is what stands at %s.", x.place)
			return
		}
	}
}

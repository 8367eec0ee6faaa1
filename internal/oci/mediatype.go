package oci

import (
	"slices"
	"strings"
)

// The media types of the formats themselves (OCI image-spec media-types.md and
// Docker's image manifest v2 schema 2). What else a media type means is known
// to the catalog only.
const (
	MediaTypeImageManifest    = "application/vnd.oci.image.manifest.v1+json"
	MediaTypeImageIndex       = "application/vnd.oci.image.index.v1+json"
	MediaTypeDockerManifest   = "application/vnd.docker.distribution.manifest.v2+json"
	MediaTypeDockerList       = "application/vnd.docker.distribution.manifest.list.v2+json"
	MediaTypeArtifactManifest = "application/vnd.oci.artifact.manifest.v1+json" // withdrawn before 1.1, still stored
	MediaTypeEmpty            = "application/vnd.oci.empty.v1+json"
	MediaTypeOctets           = "application/octet-stream"

	MediaTypeImageConfig  = "application/vnd.oci.image.config.v1+json"
	MediaTypeDockerConfig = "application/vnd.docker.container.image.v1+json"

	mediaTypeDockerSchema1       = "application/vnd.docker.distribution.manifest.v1+json"
	mediaTypeDockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws"
)

// nonDistributable are the prefixes of layer types that a registry must not
// ask for (image-spec layer.md#non-distributable-layers, Docker foreign layers).
var nonDistributable = []string{
	"application/vnd.oci.image.layer.nondistributable.",
	"application/vnd.docker.image.rootfs.foreign.",
}

// imageLayers are the prefixes of the layer types of container images.
var imageLayers = []string{"application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."}

// IsImageConfigType says whether a media type is that of a container image's config.
func IsImageConfigType(mediaType string) bool {
	t := BaseMediaType(mediaType)
	return t == MediaTypeImageConfig || t == MediaTypeDockerConfig
}

// IsImageLayerType says whether a media type is that of a container image's layer.
func IsImageLayerType(mediaType string) bool { return hasPrefix(BaseMediaType(mediaType), imageLayers) }

func hasPrefix(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// BaseMediaType is a media type in lower case without parameters, the form in
// which media types are compared (RFC 6838).
func BaseMediaType(s string) string {
	if i := strings.IndexByte(s, ';'); i >= 0 {
		s = s[:i]
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// IsIndexType says whether a media type is an image index or a Docker manifest list.
func IsIndexType(mediaType string) bool {
	t := BaseMediaType(mediaType)
	return t == MediaTypeImageIndex || t == MediaTypeDockerList
}

// IsManifestType says whether content of the media type is a manifest, not a blob.
func IsManifestType(mediaType string) bool {
	switch BaseMediaType(mediaType) {
	case MediaTypeImageManifest, MediaTypeImageIndex, MediaTypeDockerManifest, MediaTypeDockerList, MediaTypeArtifactManifest:
		return true
	}
	return false
}

package browse

import "github.com/argosy-registry/argosy/artifact"

// IconOf says what an icon is of.
type IconOf string

// What has icons, as the paths of icons have it.
const (
	TypeIcon     IconOf = "types"
	PlatformIcon IconOf = "platforms"
)

// Fingerprint changes whenever an entry or an icon of the catalog does.
func (b *Browser) Fingerprint() string { return b.Catalog().Fingerprint() }

// Picture finds the icon of a type, or of a platform by its operating system: an
// image of the catalog, and its media type.
func (b *Browser) Picture(of IconOf, id string) (icon []byte, mediaType string, ok bool) {
	if of == PlatformIcon {
		icon, ok = b.Catalog().PlatformIcon(id)
	} else {
		icon, ok = b.Catalog().Icon(id)
	}
	return icon, artifact.IconType(icon), ok
}

// iconPath is where the icon of an id is served. It changes with the catalog, so
// that clients may keep what they have got by it. What has no icon of its own
// has that of the unknown.
func (b *Browser) iconPath(of IconOf, id string) string {
	if !plainID(id) {
		id = artifact.Unknown // words of a stranger do not go into paths
	}
	if _, ok := b.Catalog().Icon(id); !ok && of == TypeIcon {
		id = artifact.Unknown
	}
	return "/v2/_argosy/" + string(of) + "/" + id + "/icon?v=" + b.Fingerprint()
}

// plainID says whether an id can stand in a path as it is.
func plainID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return id != ""
}

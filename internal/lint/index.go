package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// index checks the entries of an index.
func (d *document) index(l *list) {
	if !d.isIndex() {
		return
	}
	first := map[string]string{} // platform → place
	for i := range d.entries {
		x := &d.entries[i]
		if x.MediaType != "" && !oci.IsManifestType(x.MediaType) {
			l.add(ruleByID("index-entry-blob"), below(x.place, "mediaType"), "The entry is %s, which is no manifest.", quote(x.MediaType))
		}
		p := x.Platform
		if p == nil {
			continue
		}
		if p.OS == "" || p.Architecture == "" {
			l.add(ruleByID("index-platform"), below(x.place, "platform"), "The platform lacks %s.", lacking(p))
			continue
		}
		if !d.isPlatform(i) {
			continue // an attestation or an accelerator has the platform of what it is about
		}
		key := platformKey(p)
		if at, twice := first[key]; twice {
			l.add(ruleByID("index-platform-twice"), below(x.place, "platform"), "%s is also the platform of %s.", quote(key), at)
		} else {
			first[key] = x.place
		}
	}
}

// isPlatform reports whether an entry is one platform of the whole, as the catalog
// tells. Of entries beyond those that it lists nothing is said.
func (d *document) isPlatform(i int) bool {
	known := d.review.Identification.Entries
	return i < len(known) && known[i].Place == artifact.PlacePlatform && known[i].Digest == string(d.entries[i].Digest)
}

func lacking(p *oci.Platform) string {
	var names []string
	if p.OS == "" {
		names = append(names, "os")
	}
	if p.Architecture == "" {
		names = append(names, "architecture")
	}
	return strings.Join(names, " and ")
}

// platformKey is what clients tell platforms apart by.
func platformKey(p *oci.Platform) string {
	features := slices.Clone(p.OSFeatures)
	slices.Sort(features)
	parts := []string{p.OS, p.Architecture, p.Variant, p.OSVersion, strings.Join(features, ",")}
	for len(parts) > 2 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "/")
}

// countOf is a number of things: "1 layer", "2 layers".
func countOf(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

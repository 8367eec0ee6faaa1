package lint

import (
	"fmt"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// What follows is for those who have the bytes of content at hand, which Check has not.

// Place is the JSON pointer of a reference of a manifest.
func Place(r oci.ManifestRef) string {
	switch r.In {
	case oci.InConfig, oci.InSubject:
		return "/" + string(r.In)
	}
	return fmt.Sprintf("/%s/%d", r.In, r.Position)
}

// Missing says that the content of a reference is not there. An index may name
// manifests that are elsewhere, and so that is a warning.
func Missing(r oci.ManifestRef) Finding {
	f := ruleByID("blob-missing").finding(InManifest, Place(r), fmt.Sprintf("%s is not there.", r.Digest))
	if r.In == oci.InManifests {
		f.Severity = artifact.SeverityWarning
	}
	return f
}

// Content compares what a reference says with the content that is there: its size in
// bytes and, unless it is empty, its digest.
func Content(r oci.ManifestRef, size int64, digest oci.Digest) []Finding {
	var found []Finding
	if r.Size != oci.UnknownSize && r.Size != size {
		found = append(found, ruleByID("blob-size").finding(InManifest, below(Place(r), "size"), fmt.Sprintf("The content has %s, and the descriptor says %d.", countOf(int(size), "byte"), r.Size)))
	}
	if digest != "" && r.Digest != digest {
		found = append(found, ruleByID("blob-digest").finding(InManifest, below(Place(r), "digest"), fmt.Sprintf("The content is %s, and the descriptor says %s.", digest, r.Digest)))
	}
	return found
}

// Asked says that a manifest is not the one that was asked for by digest.
func Asked(asked, got oci.Digest) Finding {
	return ruleByID("blob-digest").finding(InManifest, "", fmt.Sprintf("The manifest is %s, and %s was asked for.", got, asked))
}

// Layout is something wrong with an OCI image layout itself.
func Layout(why string) Finding {
	return ruleByID("layout").finding(InManifest, "", why)
}

// OfLayout keeps, of the findings in the index.json of a layout, those that are meant
// for it: it lists what the layout holds, and is no artifact with a type.
func OfLayout(findings []Finding) []Finding {
	kept := findings[:0]
	for _, f := range findings {
		switch f.Rule {
		case "type-unknown", "type-historical", "index-platform-twice":
			continue
		}
		if ruleByID(f.Rule) != nil {
			kept = append(kept, f)
		}
	}
	return kept
}

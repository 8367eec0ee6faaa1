// Package sign signs artifacts with a key of their publisher, and verifies such
// signatures, in forms that others' tools read and write. What the forms call things
// is in forms.json; the cryptography is the standard library's (ADR 13).
//
// Only whether somebody with the key vouched for a digest is answered: no names, no
// certificates, no logs of transparency, and not when.
package sign

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"

	"github.com/argosy-registry/argosy/internal/oci"
)

// forms are what the forms of signatures call things.
type forms struct {
	Tag struct {
		About      string `json:"about"`
		Name       string `json:"name"` // of the tag, of algorithm and encoding of what is signed
		Layer      string `json:"layer"`
		Annotation string `json:"annotation"`
		Payload    string `json:"payload"`
	} `json:"tag"`
	Bundle struct {
		About        string `json:"about"`
		ArtifactType string `json:"artifactType"` // begins so
		Payload      string `json:"payload"`
		Annotation   string `json:"annotation"` // of the manifest; names the predicate
		Predicate    string `json:"predicate"`
	} `json:"bundle"`
}

//go:embed forms.json
var formsJSON []byte

var words = sync.OnceValue(func() (f forms) {
	if err := json.Unmarshal(formsJSON, &f); err != nil {
		panic("sign: forms.json: " + err.Error()) // it is in the program
	}
	return f
})

// Source is where an artifact and its signatures are: a repository, an image layout.
type Source interface{ oras.ReadOnlyGraphTarget }

// Limits of what is looked at.
const (
	maxManifest   = 1 << 20
	maxPayload    = 1 << 20
	maxSignatures = 64
)

// tagOf is the tag that holds the signatures of what has a digest.
func tagOf(d ocispec.Descriptor) string {
	signed := oci.Digest(d.Digest)
	return fmt.Sprintf(words().Tag.Name, signed.Algorithm(), signed.Encoded())
}

// IsTag says whether a tag is one that holds signatures, or a list of what is attached,
// of what its name says.
func IsTag(tag string) bool {
	algorithm, encoded, ok := strings.Cut(tag, "-")
	_, after, _ := strings.Cut(words().Tag.Name, "-%s")
	_, err := oci.ParseDigest(algorithm + ":" + strings.TrimSuffix(encoded, after))
	return ok && err == nil
}

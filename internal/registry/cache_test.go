package registry

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// What kept answers weigh is no less than the bytes that they take.
func TestKeptAnswersWeighWhatTheyTake(t *testing.T) {
	names := make([]string, 1000)
	for i := range names {
		names[i] = strings.Repeat("n", 255)
	}
	referrers := &oci.Referrers{Manifests: []oci.Descriptor{
		{Digest: oci.SHA256.Sum(nil), Annotations: map[string]string{"a": strings.Repeat("x", 1<<20)}}, {},
	}}
	for name, c := range map[string]struct {
		weight int
		answer any
	}{
		"list":      {weightOfList(&oci.List{Names: names}), names},
		"referrers": {weightOfReferrers(referrers), referrers.Manifests},
	} {
		encoded, err := json.Marshal(c.answer)
		if err != nil {
			t.Fatal(err)
		}
		if c.weight < len(encoded)+len(encoded)/2 || c.weight > 4*len(encoded) {
			t.Errorf("%s weighs %d, encoded it has %d bytes and is kept twice", name, c.weight, len(encoded))
		}
	}
}

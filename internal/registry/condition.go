package registry

import (
	"slices"

	"github.com/argosy-registry/argosy/internal/oci"
)

// holds evaluates a condition against the current digest, empty when there is
// none. Error: PreconditionFailed.
func holds(c oci.Condition, current oci.Digest) error {
	ok := true
	if c.MatchAny {
		ok = current != ""
	}
	if len(c.Match) > 0 {
		ok = ok && slices.Contains(c.Match, current)
	}
	if c.Absent {
		ok = ok && current == ""
	}
	if len(c.NoneMatch) > 0 {
		ok = ok && !slices.Contains(c.NoneMatch, current)
	}
	if ok {
		return nil
	}
	if current == "" {
		return oci.PreconditionFailed.With(nil, "the condition does not hold: nothing is there")
	}
	return oci.PreconditionFailed.With(map[string]string{"current": string(current)}, "the condition does not hold: %s is there", current)
}

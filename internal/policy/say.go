package policy

import (
	"fmt"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
)

// Sentence is a decision for the person who pushed: what happens, which rule says
// so, and the way out.
func (d Decision) Sentence(c *artifact.Catalog, a Artifact) string {
	t := typeOf(c, a.Type)
	why := d.Because
	if d.Rule != "" {
		why = d.Rule + ", " + why
	}
	text := fmt.Sprintf("%s: %s [%s]", a.Repository, d.happens(t, a), why)
	for _, more := range []string{d.Reason, d.WayOut(a)} {
		if more != "" {
			text = strings.TrimSuffix(text, ".") + ". " + more
		}
	}
	return text
}

// WayOut is how an artifact of no known type can be taken; empty for any other.
func (d Decision) WayOut(a Artifact) string {
	if a.Type != artifact.Unknown || d.Verdict == Allow {
		return ""
	}
	return fmt.Sprintf("To have the type known, its author writes an entry for %s (argosy types new NAME), and the registry's owner adds it (argosy types add NAME.yaml)", a.MediaType)
}

func (d Decision) happens(t *artifact.Type, a Artifact) string {
	what := fmt.Sprintf("artifacts of type %s (%s)", t.ID, t.Title)
	if t.ID == artifact.Unknown {
		what = fmt.Sprintf("artifacts of a type that no catalog entry knows (%s)", a.MediaType)
	}
	switch d.Verdict {
	case Deny:
		return what + " are not taken here"
	case Quarantine:
		return what + " are kept in quarantine: nobody can pull it before an operator releases it (argosy quarantine release)"
	case Warn:
		return what + " are not meant for this repository"
	default:
		return what + " are taken"
	}
}

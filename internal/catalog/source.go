package catalog

import (
	"fmt"

	"github.com/argosy-registry/argosy/artifact"
)

// Source is an entry in force as it was written; one that only adds actions to a type
// has no icon. Error: there is no such entry.
func (l *Live) Source(id string) (f artifact.File, err error) {
	found := false
	for _, one := range l.Current().Files() { // the nearest comes last
		if one.ID == id && !one.Over {
			f, found = one, true
		}
	}
	if !found {
		return f, fmt.Errorf("there is no entry %q", id)
	}
	return f, nil
}

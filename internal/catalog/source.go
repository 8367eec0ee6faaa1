package catalog

import (
	"fmt"
	"io/fs"

	"github.com/argosy-registry/argosy/artifact"
)

// Source is the text of an entry in force, and its icon; one that extends a type has
// none. Error: there is no such entry.
func (l *Live) Source(id string) (origin artifact.Origin, entry, icon []byte, err error) {
	l.mu.Lock()
	own, err := l.active.unpack()
	l.mu.Unlock()
	if err != nil {
		return 0, nil, nil, err
	}
	if entry, ok := own[id+".yaml"]; ok {
		return artifact.OriginLocal, entry, own[id+".svg"], nil
	}
	t, ok := l.Current().Type(id)
	if !ok {
		return 0, nil, nil, fmt.Errorf("there is no entry %q", id)
	}
	for _, s := range l.o.Builtin {
		if s.Origin != t.Origin {
			continue
		}
		if entry, err = fs.ReadFile(s.FS, id+".yaml"); err == nil {
			icon, err = fs.ReadFile(s.FS, id+".svg")
		}
	}
	return t.Origin, entry, icon, err
}

package catalog

import (
	"fmt"
	"io/fs"

	"github.com/argosy-registry/argosy/artifact"
)

// Source is the text of a type's entry in force, and its icon. Error: there is no
// such type.
func (l *Live) Source(id string) (origin artifact.Origin, entry, icon []byte, err error) {
	t, ok := l.Current().Type(id)
	if !ok {
		return 0, nil, nil, fmt.Errorf("there is no type %q", id)
	}
	fsys, err := l.files(t.Origin)
	if err != nil {
		return 0, nil, nil, err
	}
	if entry, err = fs.ReadFile(fsys, id+".yaml"); err != nil {
		return 0, nil, nil, err
	}
	icon, err = fs.ReadFile(fsys, id+".svg")
	return t.Origin, entry, icon, err
}

// files are those of the entries of an origin.
func (l *Live) files(o artifact.Origin) (fs.FS, error) {
	for _, s := range l.o.Builtin {
		if s.Origin == o {
			return s.FS, nil
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.active.open()
}

package artifact

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// titled reports whether every layer names a file of its own, below the folder
// that it is downloaded to: tools refuse the others.
func (e *evidence) titled() bool {
	var seen map[string]bool
	for i := range e.layers {
		title := path.Clean(e.layers[i].title)
		if title == "." || !fs.ValidPath(title) || seen[title] || !creatable(title) {
			return false
		}
		if seen == nil {
			seen = make(map[string]bool, len(e.layers))
		}
		seen[title] = true
	}
	for title := range seen {
		for dir := path.Dir(title); dir != "."; dir = path.Dir(dir) {
			if seen[dir] {
				return false
			}
		}
	}
	return len(e.layers) > 0
}

// creatable reports whether file systems take the name.
func creatable(name string) bool {
	return !strings.Contains(name, "\x00") && !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return len(part) > 255 })
}

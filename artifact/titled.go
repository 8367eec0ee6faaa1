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
	titles := make([]string, 0, 8)
	for i := range e.layers {
		title := path.Clean(e.layers[i].title)
		if title == "." || !fs.ValidPath(title) || !creatable(title) {
			return false
		}
		titles = append(titles, title)
	}
	slices.Sort(titles)
	for i, title := range titles {
		if i > 0 && title == titles[i-1] {
			return false
		}
		for dir := folder(title); dir != ""; dir = folder(dir) {
			if _, file := slices.BinarySearch(titles, dir); file {
				return false
			}
		}
	}
	return len(titles) > 0
}

// folder is the folder that a clean path is in; empty for none.
func folder(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }

// creatable reports whether file systems take the name.
func creatable(name string) bool {
	if strings.Contains(name, "\x00") {
		return false
	}
	return len(name) <= 255 || !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return len(part) > 255 })
}

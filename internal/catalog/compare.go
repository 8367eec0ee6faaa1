package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
)

// Difference is what is different between two sets of entries, by ids in order.
type Difference struct {
	Added   []string `json:"added,omitempty"`
	Changed []string `json:"changed,omitempty"` // the entry or its icon
	Removed []string `json:"removed,omitempty"`
}

// None says whether there is none.
func (d Difference) None() bool { return len(d.Added)+len(d.Changed)+len(d.Removed) == 0 }

// Compare says what is different between two sets of files of entries and icons.
func Compare(before, now map[string][]byte) (d Difference) {
	for _, id := range ids(now) {
		if _, ok := before[id+".yaml"]; !ok {
			d.Added = append(d.Added, id)
		} else if !same(before, now, id) {
			d.Changed = append(d.Changed, id)
		}
	}
	for _, id := range ids(before) {
		if _, ok := now[id+".yaml"]; !ok {
			d.Removed = append(d.Removed, id)
		}
	}
	return d
}

// CompareCatalogs says what is different between the entries of two catalogs, those
// aside that a nearer one takes the place of.
func CompareCatalogs(before, now *artifact.Catalog) Difference {
	return Compare(inForce(before), inForce(now))
}

func inForce(c *artifact.Catalog) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range c.Files() {
		if !f.Over {
			files[f.ID+".yaml"] = f.Entry
			if f.Icon != nil {
				files[f.ID+artifact.IconExt(f.Icon)] = f.Icon
			}
		}
	}
	return files
}

// same says whether an entry and its icon are the same in two sets.
func same(a, b map[string][]byte, id string) bool {
	for _, ext := range append([]string{".yaml"}, artifact.IconExts...) {
		if !bytes.Equal(a[id+ext], b[id+ext]) {
			return false
		}
	}
	return true
}

// ids are the ids of entries among files, in order.
func ids(files map[string][]byte) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if id, ok := strings.CutSuffix(name, ".yaml"); ok {
			all = append(all, id)
		}
	}
	return all
}

// some are the first words of a list, for a line of a log.
func some(words []string) string {
	const most = 20
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}

package arch

import (
	"slices"
	"strings"
)

// Cycles returns the circles among areas: each as the areas in the order in which
// they import one another, the first named again at the end. An area is the folder
// right below internal, or right below the module; the compiler forbids circles
// between packages, but not that two areas know each other through sub-packages.
func Cycles(packages []Package) [][]string {
	edges := map[string][]string{}
	for _, p := range packages {
		from := area("./" + p.Path)
		for _, name := range p.Imports {
			if to := area(name); to != "" && to != from && !slices.Contains(edges[from], to) {
				edges[from] = append(edges[from], to)
			}
		}
	}
	w := walk{edges: edges, state: map[string]int{}}
	for _, p := range packages {
		w.visit(area("./" + p.Path))
	}
	return w.found
}

// area names the part of the module that a path begins with; empty for others' packages.
func area(name string) string {
	rest, ours := strings.CutPrefix(name, "./")
	if !ours {
		return ""
	}
	parts := strings.Split(rest, "/")
	if len(parts) > 1 && (parts[0] == "internal" || parts[0] == "cmd") {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// walk goes depth first; state is 0 for not seen, 1 for on the path, 2 for done.
type walk struct {
	edges map[string][]string
	state map[string]int
	path  []string
	found [][]string
}

func (w *walk) visit(at string) {
	switch w.state[at] {
	case 1:
		start := slices.Index(w.path, at)
		w.found = append(w.found, append(slices.Clone(w.path[start:]), at))
		return
	case 2:
		return
	}
	w.state[at] = 1
	w.path = append(w.path, at)
	for _, next := range w.edges[at] {
		w.visit(next)
	}
	w.path = w.path[:len(w.path)-1]
	w.state[at] = 2
}

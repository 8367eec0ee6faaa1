package lint

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// titles checks the file names that layers carry.
func (d *document) titles(l *list) {
	first := map[string]string{}
	for i := range d.layers {
		x := &d.layers[i]
		title, titled := x.Annotations[titleKey]
		if !titled {
			continue
		}
		at := below(below(x.place, "annotations"), titleKey)
		if why := unsafe(title); why != "" {
			l.add(ruleByID("title-unsafe"), at, "The title %s %s.", quote(title), why)
		}
		if before, twice := first[title]; twice {
			l.add(ruleByID("title-twice"), at, "The title %s is also that of %s.", quote(title), before)
		} else {
			first[title] = x.place
		}
	}
}

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// unsafe says why a title is no name to write a file by; empty when it is one.
func unsafe(title string) string {
	steps := strings.Split(title, "/")
	switch {
	case strings.TrimSpace(title) == "" || title == ".":
		return "names no file"
	case strings.HasPrefix(title, "/") || drive.MatchString(title):
		return "is an absolute path"
	case slices.Contains(steps, ".."):
		return "leads out of the folder"
	case strings.Contains(title, `\`):
		return "has a backslash, which parts folders on some systems"
	case strings.ContainsFunc(title, unicode.IsControl):
		return "has control characters"
	}
	return ""
}

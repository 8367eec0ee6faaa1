package e2e

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/argosy-registry/argosy/types"
)

// entry is what the tests read of a type's file: its actions, before they are
// filled in.
type entry struct {
	ID       string        `yaml:"id"`
	Actions  []entryAction `yaml:"actions"`
	Variants []struct {
		ID      string        `yaml:"id"`
		Actions []entryAction `yaml:"actions"`
	} `yaml:"variants"`
}

type entryAction struct {
	ID       string `yaml:"id"`
	Kind     string `yaml:"kind"`
	Command  string `yaml:"command"`
	When     any    `yaml:"when"`
	Verified bool   `yaml:"verified"`

	of      string // type, and variant when it is one's own
	pattern *regexp.Regexp
}

// name tells actions apart: several of a type may have one id.
func (a *entryAction) name() string {
	return fmt.Sprintf("%s, %s when %v: %s", a.of, a.ID, a.When, a.Command)
}

// only reports whether the action is offered in one way of reaching a registry.
func (a *entryAction) only(way string) bool {
	return slices.Contains(strings.Fields(strings.Trim(fmt.Sprint(a.When), "[]")), way)
}

// entryActions are all actions of the built-in entries, by type or type/variant.
func entryActions(t *testing.T) map[string][]*entryAction {
	t.Helper()
	names, err := fs.Glob(types.FS, "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no entries: %v", err)
	}
	all := map[string][]*entryAction{}
	add := func(of string, actions []entryAction) {
		for i := range actions {
			a := &actions[i]
			a.of, a.pattern = of, filledIn(a.Command)
			all[of] = append(all[of], a)
		}
	}
	for _, name := range names {
		text, err := fs.ReadFile(types.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		var e entry
		if err := yaml.Unmarshal(text, &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		add(e.ID, e.Actions)
		for _, v := range e.Variants {
			add(e.ID+"/"+v.ID, v.Actions)
		}
	}
	return all
}

// variable is one of a command's template.
var variable = regexp.MustCompile(`\{[^}]*\}`)

// filledIn matches a template once its variables have values; a word that is
// nothing but a flag may be left out.
func filledIn(command string) *regexp.Regexp {
	var p strings.Builder
	for i, word := range strings.Fields(command) {
		begin := " "
		if i == 0 {
			begin = "^"
		}
		var w strings.Builder
		for j, text := range variable.Split(word, -1) {
			if j > 0 {
				w.WriteString(`[^ <>]+`) // a value never looks like a blank
			}
			w.WriteString(regexp.QuoteMeta(text))
		}
		if strings.HasPrefix(word, "{plainHTTP:") || strings.HasPrefix(word, "{tls:") {
			fmt.Fprintf(&p, "(%s%s)?", begin, w.String())
		} else {
			p.WriteString(begin + "'?" + w.String() + "'?") // quoted, when a shell would act on it
		}
	}
	return regexp.MustCompile(p.String() + "$")
}

// originOf finds the template that an offered action was filled in from.
func originOf(all map[string][]*entryAction, k kind, a action) *entryAction {
	from := all[k.ID+"/"+k.Variant]
	if len(from) == 0 {
		from = all[k.ID]
	}
	for _, e := range from {
		if e.ID == a.ID && e.pattern.MatchString(a.Command) {
			return e
		}
	}
	return nil
}

package artifact

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

type actionEntry struct {
	ID       string `yaml:"id"`
	Label    string `yaml:"label"`
	Kind     string `yaml:"kind"`
	Command  string `yaml:"command"`
	Link     string `yaml:"link"`
	When     words  `yaml:"when"`
	Verified bool   `yaml:"verified"`
}

// actionTemplate is an action before it is filled in.
type actionTemplate struct {
	Action
	words [][]part // of a command
	link  []part
	when  []string
	text  string // the command as the entry has it
}

// part is a piece of a word: text as it is, or a variable.
type part struct {
	text     string
	variable string
	argument string // what follows the variable's colon
}

// operators may stand alone between the words of a command.
var operators = []string{"&&", "|"}

// literal is what a template may hold beside variables: nothing that a shell
// would act on.
var (
	literal   = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_*?\[\]-]*$`)
	blank     = regexp.MustCompile(`^<[a-z0-9-]+>$`)
	program   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	linkStart = regexp.MustCompile(`^https://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/|$)`)
	linkText  = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_?&#~!$*;-]*$`)
	variables = []string{"registry", "repository", "name", "label", "tag", "digest", "ref", "version", "subject", "layer", "file", "fact", "plainHTTP", "tls"}
	whens     = []string{"tagged", "untagged", "version", "standard", "titled", "plainHTTP", "tls", "secure"}
)

// actions compiles the actions at a place of an entry.
func (l *loader) actions(f *file, k *kind, entries []actionEntry, at string) []*actionTemplate {
	var all []*actionTemplate
	for i, e := range entries {
		a, err := compileAction(e, k)
		if err != nil {
			l.failf(f, fmt.Sprintf("%s[%d]", at, i), "action %q: %v", e.ID, err)
			continue
		}
		all = append(all, a)
	}
	return all
}

func compileAction(e actionEntry, k *kind) (*actionTemplate, error) {
	a := &actionTemplate{
		Action: Action{ID: e.ID, Label: e.Label, Kind: e.Kind, Verified: e.Verified},
		when:   e.When, text: e.Command,
	}
	if a.Kind == "" {
		a.Kind = "use"
	}
	if !idForm.MatchString(e.ID) || e.Label == "" || a.Kind != "use" && a.Kind != "publish" {
		return nil, errors.New("want an id, a label, and as kind use or publish")
	}
	for _, w := range e.When {
		_, role, ofRole := strings.Cut(w, ":")
		if !slices.Contains(whens, w) && !(ofRole && k.hasRole(role) && (w == "role:"+role || w == "named:"+role)) {
			return nil, fmt.Errorf("when %q: want %s, or role:ROLE or named:ROLE with a role of the entry's layers", w, strings.Join(whens, ", "))
		}
	}
	var err error
	switch {
	case (e.Command == "") == (e.Link == ""):
		err = errors.New("want a command or a link, one of them")
	case e.Link != "":
		a.link, err = compileLink(e.Link, k)
	default:
		a.words, err = compileCommand(e.Command, k)
	}
	if e.Verified && !a.runnable() {
		err = errors.Join(err, errors.New("verified is for commands that a test can run as they are: no links, no <blanks>"))
	}
	return a, err
}

// runnable reports whether the action is a command in which a person has nothing
// to fill in.
func (a *actionTemplate) runnable() bool {
	return len(a.words) > 0 && !slices.ContainsFunc(a.words, func(w []part) bool {
		return len(w) == 1 && blank.MatchString(w[0].text)
	})
}

func compileLink(link string, k *kind) ([]part, error) {
	if !linkStart.MatchString(link) {
		return nil, fmt.Errorf("link %q: want https and a fixed host", link)
	}
	parts, err := compileParts(link, k)
	for _, p := range parts {
		if !linkText.MatchString(p.text) {
			return nil, fmt.Errorf("link %q: %q holds what no URL does", link, p.text)
		}
	}
	return parts, err
}

// compileCommand splits a command into words. Each program in it is named as it
// is: a value never decides what runs, and a shell takes no word for its own.
func compileCommand(command string, k *kind) (all [][]part, err error) {
	begins := true
	for word := range strings.FieldsSeq(command) {
		isOperator := slices.Contains(operators, word)
		if begins && !program.MatchString(word) {
			return nil, fmt.Errorf("the command begins with %q, where the name of a program is wanted", word)
		}
		parts, err := compileWord(word, k)
		if err != nil {
			return nil, err
		}
		all, begins = append(all, parts), isOperator
	}
	if begins {
		return nil, errors.New("the command ends where the name of a program is wanted")
	}
	return all, nil
}

func compileWord(word string, k *kind) ([]part, error) {
	if slices.Contains(operators, word) || blank.MatchString(word) {
		return []part{{text: word}}, nil
	}
	parts, err := compileParts(word, k)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if !literal.MatchString(p.text) {
			return nil, fmt.Errorf("the word %q holds what a shell acts on: only plain words, {variables}, <blanks>, && and | are taken", word)
		}
	}
	return parts, nil
}

// compileParts splits text at its variables.
func compileParts(text string, k *kind) ([]part, error) {
	var parts []part
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !ok {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("a { is not closed in %q", text)
		}
		name, argument, _ := strings.Cut(inside, ":")
		if !slices.Contains(variables, name) {
			return nil, fmt.Errorf("{%s} is no variable: want one of %s", inside, strings.Join(variables, ", "))
		}
		if err := k.vetArgument(name, argument); err != nil {
			return nil, fmt.Errorf("{%s}: %w", inside, err)
		}
		parts = append(parts, part{variable: name, argument: argument})
		text = after
	}
	return parts, nil
}

// vetArgument checks what follows a variable's colon. Facts are taken from an
// allow-list, which is the facts that the entry itself states.
func (t *kind) vetArgument(variable, argument string) error {
	switch variable {
	case "layer", "file":
		if !t.hasRole(argument) {
			return errors.New("the entry has no layer of that role")
		}
	case "fact":
		if !slices.ContainsFunc(t.factRules, func(r factRule) bool { return r.name == argument }) {
			return errors.New("the entry itself states no such fact")
		}
	case "plainHTTP", "tls":
		if argument == "" || !literal.MatchString(argument) {
			return errors.New("a plain word is wanted after the colon, such as {plainHTTP:--plain-http}")
		}
	default:
		if argument != "" {
			return errors.New("the variable takes nothing after a colon")
		}
	}
	return nil
}

func (t *kind) hasRole(role string) bool {
	return slices.ContainsFunc(t.Layers, func(r LayerRole) bool { return r.Role == role })
}

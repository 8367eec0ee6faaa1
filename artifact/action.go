package artifact

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Action is something that a person can do with an artifact: a command for a
// shell, or a page to open.
type Action struct {
	ID      string   `json:"id"`
	Label   string   `json:"label"`
	Kind    string   `json:"kind"` // use or publish
	Command string   `json:"command,omitempty"`
	Argv    []string `json:"argv,omitempty"` // the command as words, when it is one program without blanks to fill in
	URL     string   `json:"url,omitempty"`
}

// Target is the artifact that actions are filled in for.
type Target struct {
	Registry   string // host, with a port unless it is the usual one
	Repository string
	Tag        string // empty: by digest
	Digest     string
	PlainHTTP  bool // the registry is reached without TLS
}

type actionEntry struct {
	ID      string `yaml:"id"`
	Label   string `yaml:"label"`
	Kind    string `yaml:"kind"`
	Command string `yaml:"command"`
	Link    string `yaml:"link"`
	When    words  `yaml:"when"`
}

// actionTemplate is an action before it is filled in.
type actionTemplate struct {
	Action
	words [][]part // of a command
	link  []part
	when  []string
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
	linkStart = regexp.MustCompile(`^https://[a-z0-9.-]+(/|$)`)
	variables = []string{"registry", "repository", "name", "tag", "digest", "ref", "version", "subject", "layer", "file", "plainHTTP", "tls"}
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
	a := &actionTemplate{Action: Action{ID: e.ID, Label: e.Label, Kind: e.Kind}, when: e.When}
	if a.Kind == "" {
		a.Kind = "use"
	}
	if !idForm.MatchString(e.ID) || e.Label == "" || a.Kind != "use" && a.Kind != "publish" {
		return nil, fmt.Errorf("want an id, a label, and as kind use or publish")
	}
	if (e.Command == "") == (e.Link == "") {
		return nil, fmt.Errorf("want a command or a link, one of them")
	}
	for _, w := range e.When {
		if !slices.Contains([]string{"tagged", "untagged", "version", "titled", "plainHTTP", "tls"}, w) && !strings.HasPrefix(w, "role:") {
			return nil, fmt.Errorf("when %q: want tagged, untagged, version, titled, plainHTTP, tls or role:ROLE", w)
		}
	}
	var err error
	if e.Link != "" {
		if !linkStart.MatchString(e.Link) {
			return nil, fmt.Errorf("link %q: want https and a fixed host", e.Link)
		}
		a.link, err = compileParts(e.Link, k)
		return a, err
	}
	for word := range strings.FieldsSeq(e.Command) {
		parts, err := compileWord(word, k)
		if err != nil {
			return nil, err
		}
		a.words = append(a.words, parts)
	}
	return a, nil
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
		if (name == "layer" || name == "file") && !slices.ContainsFunc(k.Layers, func(r LayerRole) bool { return r.Role == argument }) {
			return nil, fmt.Errorf("{%s}: the entry has no layer of that role", inside)
		}
		if !literal.MatchString(argument) {
			return nil, fmt.Errorf("{%s}: only plain words are taken", inside)
		}
		parts = append(parts, part{variable: name, argument: argument})
		text = after
	}
	return parts, nil
}

// Actions fills in the actions of a manifest, those of its variant first. One
// whose variables have no sound value is left out; of several with one id the
// first that can be filled in counts.
func (c *Catalog) Actions(id Identification, to Target) []Action {
	k := c.types[id.Type]
	if k == nil {
		k = c.types[Unknown]
	}
	templates := k.actions
	for i := range k.Variants {
		if v := &k.Variants[i]; v.ID == id.Variant && len(v.actions) > 0 {
			templates = slices.Concat(v.actions, k.actions)
		}
	}
	fill := filler{id, to}
	var all []Action
	for _, t := range templates {
		if slices.ContainsFunc(all, func(a Action) bool { return a.ID == t.ID }) {
			continue
		}
		if a, ok := fill.action(t); ok {
			all = append(all, a)
		}
	}
	return all
}

// filler fills templates in for one artifact.
type filler struct {
	id Identification
	to Target
}

// Forms of values that go into commands.
var (
	hostForm    = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
	nameForm    = regexp.MustCompile(`^[a-z0-9]+([._/-]+[a-z0-9]+)*$`)
	tagForm     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	digestForm  = regexp.MustCompile(`^[a-z0-9]+([+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$`)
	fileForm    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9 ._+-]{0,127}$`)
	versionForm = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)*([+-][A-Za-z0-9.+-]+)?$`)
)

func (f *filler) action(t *actionTemplate) (Action, bool) {
	for _, w := range t.when {
		if !f.so(w) {
			return Action{}, false
		}
	}
	a := t.Action
	if t.link != nil {
		link, ok := f.fill(t.link, url.QueryEscape)
		a.URL = link
		return a, ok
	}
	plain := true
	var shown []string
	for _, parts := range t.words {
		word, ok := f.fill(parts, func(s string) string { return s })
		if !ok {
			return Action{}, false
		}
		switch {
		case word == "":
			continue // a flag that does not apply
		case len(parts) == 1 && (slices.Contains(operators, word) || blank.MatchString(word)):
			plain = false
			shown = append(shown, word)
		default:
			a.Argv = append(a.Argv, word)
			shown = append(shown, Quote(word))
		}
	}
	if !plain {
		a.Argv = nil
	}
	a.Command = strings.Join(shown, " ")
	return a, true
}

// so reports whether a word of when holds.
func (f *filler) so(when string) bool {
	switch when {
	case "tagged":
		return f.to.Tag != ""
	case "untagged":
		return f.to.Tag == ""
	case "version":
		return versionForm.MatchString(version(f.to.Tag))
	case "titled":
		return f.id.Titled
	case "plainHTTP":
		return f.to.PlainHTTP
	case "tls":
		return !f.to.PlainHTTP
	}
	_, ok := f.layer(strings.TrimPrefix(when, "role:"))
	return ok
}

// fill joins the parts of a word; false when a variable has no sound value.
func (f *filler) fill(parts []part, escape func(string) string) (string, bool) {
	var b strings.Builder
	for _, p := range parts {
		if p.variable == "" {
			b.WriteString(p.text)
			continue
		}
		value, ok := f.value(p)
		if !ok {
			return "", false
		}
		b.WriteString(escape(value))
	}
	return b.String(), true
}

func (f *filler) value(p part) (string, bool) {
	switch p.variable {
	case "registry":
		return sound(f.to.Registry, hostForm)
	case "repository":
		return sound(f.to.Repository, nameForm)
	case "name":
		return sound(f.to.Repository[strings.LastIndexByte(f.to.Repository, '/')+1:], nameForm)
	case "tag":
		return sound(f.to.Tag, tagForm)
	case "version":
		_, ok := sound(f.to.Tag, tagForm)
		return version(f.to.Tag), ok
	case "digest":
		return sound(f.to.Digest, digestForm)
	case "ref":
		return f.ref()
	case "subject":
		return sound(f.id.Subject, digestForm)
	case "plainHTTP":
		return when(f.to.PlainHTTP, p.argument), true
	case "tls":
		return when(!f.to.PlainHTTP, p.argument), true
	}
	l, ok := f.layer(p.argument)
	if !ok {
		return "", false
	}
	if p.variable == "file" {
		return sound(l.File, fileForm)
	}
	return sound(l.Digest, digestForm)
}

// ref is registry, repository and tag, or digest.
func (f *filler) ref() (string, bool) {
	host, ok := sound(f.to.Registry, hostForm)
	repo, ok2 := sound(f.to.Repository, nameForm)
	if !ok || !ok2 {
		return "", false
	}
	if f.to.Tag != "" {
		tag, ok := sound(f.to.Tag, tagForm)
		return host + "/" + repo + ":" + tag, ok
	}
	digest, ok := sound(f.to.Digest, digestForm)
	return host + "/" + repo + "@" + digest, ok
}

func (f *filler) layer(role string) (Layer, bool) {
	for _, l := range f.id.Layers {
		if l.Role == role {
			return l, true
		}
	}
	return Layer{}, false
}

func sound(value string, form *regexp.Regexp) (string, bool) {
	return value, len(value) <= 512 && form.MatchString(value)
}

func when(so bool, text string) string {
	if so {
		return text
	}
	return ""
}

// version is a tag as a version: tags cannot hold the plus sign, so tools write
// an underscore for it.
func version(tag string) string { return strings.ReplaceAll(tag, "_", "+") }

// Quote writes a word so that a POSIX shell reads it as it is.
func Quote(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r))
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

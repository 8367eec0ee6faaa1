package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/argosy-registry/argosy/artifact"
)

// FileName is what a policy's file is called.
const FileName = "policy.yaml"

// Limits of a policy: beyond what anybody writes by hand.
const (
	maxText  = 1 << 20
	maxRules = 1000
)

// words are one word or a list of them.
type words []string

// UnmarshalYAML takes a scalar or a list of scalars.
func (w *words) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*w = words{one}
		return nil
	}
	var many []string
	if err := unmarshal(&many); err != nil {
		return fmt.Errorf("want a word or a list of words: %w", err)
	}
	*w = many
	return nil
}

// policyFile is a policy as it is written.
type policyFile struct {
	Admission []ruleEntry `yaml:"admission"`
}

type ruleEntry struct {
	Repositories words  `yaml:"repositories"`
	Allow        words  `yaml:"allow"`
	Warn         words  `yaml:"warn"`
	Quarantine   words  `yaml:"quarantine"`
	Deny         words  `yaml:"deny"`
	Lock         string `yaml:"lock"`
	Lint         string `yaml:"lint"`
	Reason       string `yaml:"reason"`
}

// Parse reads a policy. Errors name line and column; all are reported.
func Parse(text []byte) (*Policy, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("%s has %d bytes: at most %d are read", FileName, len(text), maxText)
	}
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("%s:%s", FileName, yaml.FormatError(err, false, false))
	}
	if len(doc.Docs) > 1 {
		return nil, fmt.Errorf("%s holds %d documents: want one, without --- between its lines", FileName, len(doc.Docs))
	}
	var f policyFile
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil && !empty(doc) {
		return nil, place(err)
	}
	if len(f.Admission) > maxRules {
		return nil, fmt.Errorf("%s has %d rules: at most %d are read", FileName, len(f.Admission), maxRules)
	}
	b := &builder{doc: doc}
	for i, e := range f.Admission {
		b.rule(i, e)
	}
	return &Policy{b.rules}, errors.Join(b.errs...)
}

// empty says that a file holds nothing but comments.
func empty(doc *ast.File) bool {
	for _, d := range doc.Docs {
		switch d.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.NullNode:
		default:
			return false
		}
	}
	return true
}

// place puts file, line and column before an error of the YAML library.
func place(err error) error {
	var y yaml.Error
	if errors.As(err, &y) && y.GetToken() != nil {
		at := y.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", FileName, at.Line, at.Column, y.GetMessage())
	}
	return fmt.Errorf("%s: %w", FileName, err)
}

// builder is a policy in the making.
type builder struct {
	doc   *ast.File
	rules []*rule
	errs  []error
}

// at is file, line and column of a place such as $.admission[0].allow.
func (b *builder) at(path string) (line, column int) {
	if p, err := yaml.PathString(path); err == nil {
		if node, err := p.FilterFile(b.doc); err == nil && node != nil {
			at := node.GetToken().Position
			if m, ok := node.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
				at = m.Values[0].Key.GetToken().Position
			}
			if m, ok := node.(*ast.MappingValueNode); ok {
				at = m.Key.GetToken().Position
			}
			return at.Line, at.Column
		}
	}
	return 1, 1
}

func (b *builder) failf(path, format string, args ...any) {
	line, column := b.at(path)
	b.errs = append(b.errs, fmt.Errorf("%s:%d:%d: %s", FileName, line, column, fmt.Sprintf(format, args...)))
}

func (b *builder) rule(i int, e ruleEntry) {
	path := fmt.Sprintf("$.admission[%d]", i)
	line, _ := b.at(path)
	r := &rule{at: fmt.Sprintf("%s:%d", FileName, line), reason: e.Reason}
	if e.Repositories == nil {
		e.Repositories = words{"**"}
	}
	for _, text := range e.Repositories {
		g, err := newGlob(text)
		if err != nil {
			b.failf(path+".repositories", "%s", err)
			continue
		}
		r.repositories = append(r.repositories, g)
	}
	if len(e.Repositories) == 0 {
		b.failf(path, "repositories is an empty list: leave it out for all of them")
	}
	b.lock(r, path, e.Lock)
	switch e.Lint {
	case "", "off":
	case "warn":
		r.lint = true
	default:
		b.failf(path+".lint", "lint is %q: want warn or off", e.Lint)
	}
	for _, list := range []struct {
		verdict Verdict
		words   words
	}{{Deny, e.Deny}, {Quarantine, e.Quarantine}, {Warn, e.Warn}, {Allow, e.Allow}} {
		b.selectors(r, path+"."+list.verdict.String(), list.verdict, list.words)
	}
	if e.Allow != nil && len(e.Allow) == 0 {
		b.failf(path, `allow is an empty list: write deny: "*" for a repository that takes nothing`)
	}
	if len(r.selectors) == 0 && e.Lock == "" && e.Lint == "" {
		b.failf(path, "the rule says nothing: want allow, warn, quarantine, deny, lock or lint")
	}
	r.allowed = e.Allow
	b.rules = append(b.rules, r)
}

func (b *builder) lock(r *rule, path, word string) {
	switch word {
	case "", "off":
	case "warn":
		r.lock = Warn
	case "deny":
		r.lock = Deny
	default:
		b.failf(path+".lock", "lock is %q: want warn, deny or off", word)
	}
}

func (b *builder) selectors(r *rule, path string, v Verdict, list words) {
	line, column := b.at(path)
	for _, text := range list {
		s, err := newSelector(v, text, fmt.Sprintf("%s:%d:%d", FileName, line, column))
		if err != nil {
			b.failf(path, "%s", err)
			continue
		}
		if i := slices.IndexFunc(r.selectors, func(o selector) bool { return o.kind == s.kind && o.word == s.word }); i >= 0 {
			b.failf(path, "%s is named under %s and under %s: which one is meant?", text, r.selectors[i].verdict, v)
			continue
		}
		r.selectors = append(r.selectors, s)
	}
}

// Check holds a policy against a catalog: a selector that names no type of it is
// most likely misspelt, and would let pass what it should not.
func (p *Policy) Check(c *artifact.Catalog) error {
	var errs []error
	for _, r := range p.rules {
		for i := range r.selectors {
			s := &r.selectors[i]
			if !s.general() && !slices.ContainsFunc(c.Types(), func(t *artifact.Type) bool { return !t.Trait && s.names(t) }) {
				errs = append(errs, fmt.Errorf("%s: %s: no type of the catalog has the id, group or category %q: argosy types ls lists them", s.at, s.verdict, s.text))
			}
		}
	}
	return errors.Join(errs...)
}

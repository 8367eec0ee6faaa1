package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

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
	tokens := lexer.Tokenize(string(text))
	doc, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, fmt.Errorf("%s:%s", FileName, yaml.FormatError(err, false, false))
	}
	bodies := written(doc)
	switch n := max(len(bodies), headers(tokens)); {
	case n > 1:
		return nil, fmt.Errorf("%s holds %d documents: want one, without --- between its lines", FileName, n)
	case len(bodies) == 0: // a file that was cut off must not open the registry
		return nil, fmt.Errorf("%s says nothing: write \"admission: []\" to have no rules", FileName)
	}
	var f policyFile
	if err := yaml.NodeToValue(bodies[0], &f, yaml.Strict()); err != nil {
		return nil, place(err)
	}
	b := &builder{doc: doc}
	b.valueless(bodies[0])
	if len(f.Admission) > maxRules {
		return nil, fmt.Errorf("%s has %d rules: at most %d are read", FileName, len(f.Admission), maxRules)
	}
	for i, e := range f.Admission {
		b.rule(i, e)
	}
	return &Policy{b.rules}, errors.Join(b.errs...)
}

// written are the documents of a file that hold more than comments.
func written(doc *ast.File) (bodies []ast.Node) {
	for _, d := range doc.Docs {
		switch d.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.NullNode:
		default:
			bodies = append(bodies, d.Body)
		}
	}
	return bodies
}

// headers counts the lines of dashes that begin documents: the parser drops one that
// stands before an empty document, and what is behind it.
func headers(tokens token.Tokens) (n int) {
	for _, t := range tokens {
		if t.Type == token.DocumentHeaderType {
			n++
		}
	}
	return n
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

// valueless finds keys and list entries that were left without a value, which would
// silently count as left out.
func (b *builder) valueless(at ast.Node) {
	switch n := at.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			b.valueless(v)
		}
	case *ast.MappingValueNode:
		key := n.Key.GetToken()
		if list, ok := n.Value.(*ast.SequenceNode); n.Value.Type() == ast.NullType || ok && len(list.Values) == 0 && key.Value != "admission" {
			b.errs = append(b.errs, fmt.Errorf("%s:%d:%d: %s has no value: say what is meant, or leave the key out", FileName, key.Position.Line, key.Position.Column, key.Value))
		}
		b.valueless(n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			b.valueless(v)
		}
	}
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
	if len(r.selectors) == 0 && e.Lock == "" && e.Lint == "" {
		b.failf(path, "the rule says nothing: want allow, warn, quarantine, deny, lock or lint")
	}
	r.allowed = e.Allow
	for _, before := range b.rules {
		if slices.ContainsFunc(before.repositories, func(g glob) bool { return len(g) == 1 && g[0] == "**" }) {
			b.failf(path, "the rule is never looked at: %s stands before it and is for all repositories", before.at)
			break
		}
	}
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
			if r.selectors[i].verdict == v {
				b.failf(path, "%s is named twice under %s", text, v)
			} else {
				b.failf(path, "%s is named under %s and under %s: which one is meant?", text, r.selectors[i].verdict, v)
			}
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

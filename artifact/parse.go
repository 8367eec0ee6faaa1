package artifact

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of an entry's file: bytes, and levels of nesting. A file within them
// takes little more memory than its size.
const (
	maxFile    = 256 << 10
	maxNesting = 24
)

// parse reads one entry's file strictly; nil after an error.
func (l *loader) parse(name string, text []byte, origin Origin) *file {
	f := &file{name: name, origin: origin}
	if len(text) > maxFile {
		l.failf(f, "$", "the file has more than %d bytes", maxFile)
		return nil
	}
	tokens := lexer.Tokenize(string(text))
	if at, problem := refused(tokens); problem != "" {
		l.errs = append(l.errs, fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, problem))
		return nil
	}
	doc, err := parser.Parse(tokens, 0)
	if err == nil && len(doc.Docs) > 0 && doc.Docs[0].Body != nil {
		f.doc = doc
		err = yaml.NodeToValue(doc.Docs[0].Body, &f.entry, yaml.Strict())
	}
	if err == nil {
		return f
	}
	var fault yaml.Error
	if errors.As(err, &fault) && fault.GetToken() != nil {
		at := fault.GetToken().Position
		l.errs = append(l.errs, fmt.Errorf("%s:%d:%d: %s", name, at.Line, at.Column, fault.GetMessage()))
	} else {
		l.errs = append(l.errs, fmt.Errorf("%s:1:1: %w", name, err))
	}
	return nil
}

// refused finds what YAML has and an entry never needs: what could make a small
// file large (aliases), deep, or more than one.
func refused(tokens token.Tokens) (at *token.Position, problem string) {
	depth, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			dashes, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.MappingKeyType, token.DirectiveType:
			return t.Position, "an entry is plain YAML, without anchors, aliases, tags and directives"
		case token.DocumentHeaderType, token.DocumentEndType:
			if line > 1 {
				return t.Position, "a file holds one entry, not several documents"
			}
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth > maxNesting || dashes > maxNesting || t.Position.Column > 40*maxNesting && t.Type == token.SequenceEntryType {
			return t.Position, fmt.Sprintf("nested too deeply: at most %d levels", maxNesting)
		}
	}
	return nil, ""
}

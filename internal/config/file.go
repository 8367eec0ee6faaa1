package config

import (
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readFile reads a YAML file: one mapping of keys to values, and one list of mappings. An unknown key, a
// key twice and a value of another kind are errors with line and column.
func (c *Config) readFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return fmt.Errorf("config %s: %s", path, yaml.FormatError(err, false, true))
	}
	seen := map[string]bool{}
	for _, doc := range file.Docs {
		values, ok := members(doc.Body)
		if !ok {
			return fmt.Errorf("config %s: want lines of key: value", path)
		}
		for _, v := range values {
			key := v.Key.GetToken()
			if seen[key.Value] {
				return fmt.Errorf("config %s:%d:%d: the key %q stands twice", path, key.Position.Line, key.Position.Column, key.Value)
			}
			seen[key.Value] = true
			if err := c.setNode(path, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// members are the keys and values of a document; an empty one, or one of
// comments only, has none.
func members(body ast.Node) ([]*ast.MappingValueNode, bool) {
	switch body := body.(type) {
	case nil, *ast.CommentGroupNode, *ast.NullNode:
		return nil, true
	case *ast.MappingNode:
		return body.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{body}, true
	}
	return nil, false
}

func (c *Config) setNode(path string, v *ast.MappingValueNode) error {
	at := v.Key.GetToken().Position
	where := fmt.Sprintf("config %s:%d:%d", path, at.Line, at.Column)
	name := v.Key.GetToken().Value
	if name == keyCatalogs {
		return c.readCatalogs(path, v)
	}
	for _, k := range Keys {
		if k.Name != name {
			continue
		}
		value, ok := scalar(v.Value)
		if !ok {
			return fmt.Errorf("%s: %s holds a list or a mapping: want one value", where, name)
		}
		return k.set(c, value, where)
	}
	return fmt.Errorf("%s: unknown key %q: the keys are %s", where, name, strings.Join(names(), ", "))
}

// scalar is a node's text; a list of words counts as words with commas between.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", true
	case *ast.SequenceNode:
		words := make([]string, len(n.Values))
		for i, v := range n.Values {
			w, ok := scalar(v)
			if !ok {
				return "", false
			}
			words[i] = w
		}
		return strings.Join(words, ","), true
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true // as written: 010 is not 8
	}
	return "", false
}

func names() []string {
	all := []string{keyCatalogs}
	for _, k := range Keys {
		all = append(all, k.Name)
	}
	sort.Strings(all)
	return all
}

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

// readFile reads a YAML file: one mapping of keys to values. An unknown key, a
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
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		mapping, ok := doc.Body.(*ast.MappingNode)
		if !ok {
			if one, single := doc.Body.(*ast.MappingValueNode); single {
				mapping, ok = &ast.MappingNode{Values: []*ast.MappingValueNode{one}}, true
			}
		}
		if !ok {
			return fmt.Errorf("config %s: want lines of key: value", path)
		}
		seen := map[string]bool{}
		for _, v := range mapping.Values {
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

func (c *Config) setNode(path string, v *ast.MappingValueNode) error {
	at := v.Key.GetToken().Position
	where := fmt.Sprintf("config %s:%d:%d", path, at.Line, at.Column)
	name := v.Key.GetToken().Value
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
	case ast.ScalarNode:
		return fmt.Sprint(n.GetValue()), true
	}
	return "", false
}

func names() []string {
	all := make([]string, len(Keys))
	for i, k := range Keys {
		all[i] = k.Name
	}
	sort.Strings(all)
	return all
}

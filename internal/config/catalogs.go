package config

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Catalog is a catalog of types that the registry follows.
type Catalog struct {
	Ref       string        // HOST/REPOSITORY:TAG or HOST/REPOSITORY@DIGEST, or the path of a bundle
	Only      []string      // ids of types, or patterns of ids; empty: all
	Verify    string        // PEM file of the public key that must have signed it; empty: none
	Every     time.Duration // how often it is looked at
	Override  bool          // it may change what the program's own entries say
	PlainHTTP bool          // ask over HTTP
	CAFile    string        // PEM file of authorities that are trusted beside the system's
}

// IsFile says whether the catalog is a bundle here: a reference that is a path.
func (c Catalog) IsFile() bool { return IsPath(c.Ref) }

// IsPath says whether a reference is the path of a bundle, which begins with a slash or
// a dot or ends in .tar. What follows a host is none.
func IsPath(ref string) bool {
	return strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, ".") || filepath.Ext(ref) == ".tar" && !strings.Contains(ref, ":")
}

const (
	keyCatalogs  = "catalogs"
	defaultEvery = time.Hour
	leastEvery   = time.Second
)

// catalogKeys read what may stand in one of the catalogs.
var catalogKeys = map[string]func(*Catalog, ast.Node) error{
	"ref":        func(c *Catalog, n ast.Node) error { return text(n, &c.Ref) },
	"verify":     func(c *Catalog, n ast.Node) error { return text(n, &c.Verify) },
	"ca-file":    func(c *Catalog, n ast.Node) error { return text(n, &c.CAFile) },
	"only":       func(c *Catalog, n ast.Node) error { return patterns(n, &c.Only) },
	"every":      func(c *Catalog, n ast.Node) error { return every(n, &c.Every) },
	"override":   func(c *Catalog, n ast.Node) error { return yes(n, &c.Override) },
	"plain-http": func(c *Catalog, n ast.Node) error { return yes(n, &c.PlainHTTP) },
}

// readCatalogs reads the list of catalogs. Errors name line and column.
func (c *Config) readCatalogs(file string, v *ast.MappingValueNode) error {
	list, ok := v.Value.(*ast.SequenceNode)
	if !ok {
		if _, none := v.Value.(*ast.NullNode); none {
			return nil
		}
		return fmt.Errorf("%s: catalogs: want a list, each entry with a ref and what else is said of it", place(file, v.Key))
	}
	for _, n := range list.Values {
		one, err := readCatalog(file, n)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(c.Catalogs, func(other Catalog) bool { return other.Ref == one.Ref }) {
			return fmt.Errorf("%s: catalogs: %q stands twice", place(file, n), one.Ref)
		}
		c.Catalogs = append(c.Catalogs, one)
	}
	return nil
}

func readCatalog(file string, n ast.Node) (c Catalog, err error) {
	values, ok := members(n)
	if !ok || len(values) == 0 {
		return c, fmt.Errorf("%s: catalogs: want a mapping such as - ref: HOST/REPOSITORY@DIGEST", place(file, n))
	}
	c.Every = defaultEvery
	at := map[string]ast.Node{}
	for _, v := range values {
		key := v.Key.GetToken().Value
		read, ok := catalogKeys[key]
		if !ok {
			return c, fmt.Errorf("%s: catalogs: unknown key %q: the keys are ca-file, every, only, override, plain-http, ref, verify", place(file, v.Key), key)
		}
		at[key] = v.Value
		if err := read(&c, v.Value); err != nil {
			return c, fmt.Errorf("%s: catalogs: %s: %w", place(file, v.Key), key, err)
		}
	}
	if at["ref"] == nil {
		return c, fmt.Errorf("%s: catalogs: ref is wanted: which catalog is followed?", place(file, values[0].Key))
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("%s: catalogs: ref: %w", place(file, at["ref"]), err)
	}
	return c, nil
}

// check refuses what names nothing, and a tag that nobody vouches for.
func (c *Catalog) check() error {
	if c.IsFile() {
		return nil
	}
	a, err := oci.ParseAddress(c.Ref)
	if err != nil {
		return err
	}
	c.Ref = strings.TrimPrefix(c.Ref, "oci://")
	switch {
	case a.Digest != "":
		return nil
	case a.Tag == "":
		return fmt.Errorf("%q names neither a tag nor a digest", c.Ref)
	case c.Verify == "":
		return fmt.Errorf("%q is a tag, and a tag can be moved to anything: name with verify the public key that signs it, or follow a digest, %s/%s@sha256:…",
			c.Ref, a.Host, a.Name)
	}
	return nil
}

// place is where a node stands, for people.
func place(file string, n ast.Node) string {
	at := n.GetToken().Position
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		at = m.Values[0].Key.GetToken().Position // the token of a mapping is its first colon
	} else if m, ok := n.(*ast.MappingValueNode); ok {
		at = m.Key.GetToken().Position
	}
	return fmt.Sprintf("config %s:%d:%d", file, at.Line, at.Column)
}

func text(n ast.Node, into *string) error {
	value, ok := scalar(n)
	if _, list := n.(*ast.SequenceNode); !ok || list || value == "" {
		return fmt.Errorf("want one value")
	}
	*into = value
	return nil
}

func yes(n ast.Node, into *bool) error {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return fmt.Errorf("want true or false")
	}
	*into = b.Value
	return nil
}

func every(n ast.Node, into *time.Duration) error {
	var value string
	if err := text(n, &value); err != nil {
		return err
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < leastEvery {
		return fmt.Errorf("%q: want a duration of %s or more, such as 15m or 1h", value, leastEvery)
	}
	*into = d
	return nil
}

// patterns reads a word or a list of words, each an id or a pattern of ids.
func patterns(n ast.Node, into *[]string) error {
	nodes := []ast.Node{n}
	if list, ok := n.(*ast.SequenceNode); ok {
		nodes = list.Values
	}
	for _, n := range nodes {
		var word string
		if err := text(n, &word); err != nil {
			return fmt.Errorf("want ids of types, such as [rocket, acme-*]")
		}
		if _, err := path.Match(word, ""); err != nil {
			return fmt.Errorf("%q: %w", word, err)
		}
		*into = append(*into, word)
	}
	if len(*into) == 0 {
		return fmt.Errorf("an empty list takes nothing: leave it out to take all")
	}
	return nil
}

// Package arch holds the project's import table: which package may know which.
// It reads the import clauses of the Go files itself, because the answer of a
// child 'go list' would be cached by 'go test' without regard to those files.
//
// It knows package paths and import clauses, and nothing of what the packages do.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of the project's module.
const Module = "github.com/argosy-registry/argosy"

// Package is one folder of Go files.
type Package struct {
	Path        string   // folder relative to the module, with slashes; "." for the root
	Name        string   // as its files call it; "main" for a command
	Doc         string   // the package comment; empty without one
	Imports     []string // what the files that ship import, sorted
	TestImports []string // what only _test.go files import, sorted
}

// Load reads every package of the module whose go.mod is in root. Folders that
// the go command ignores (testdata, and names beginning with . or _) and folders
// with a go.mod of their own are left out.
func Load(root string) ([]Package, error) {
	found := map[string]*Package{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && ignored(name):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(rel)
		if found[dir] == nil {
			found[dir] = &Package{Path: dir}
		}
		return found[dir].read(name)
	})
	if err != nil {
		return nil, err
	}
	packages := make([]Package, 0, len(found))
	for _, p := range found {
		slices.Sort(p.Imports)
		slices.Sort(p.TestImports)
		p.Imports = slices.Compact(p.Imports)
		p.TestImports = slices.Compact(p.TestImports)
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return packages, nil
}

// ignored says whether the folder is outside the module for the go command.
func ignored(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_' {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// read adds one file's imports, and its package comment when it has one.
func (p *Package) read(name string) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return err
	}
	into := &p.Imports
	if strings.HasSuffix(name, "_test.go") {
		into = &p.TestImports
	} else {
		p.Name = file.Name.Name
		if file.Doc != nil {
			p.Doc = file.Doc.Text()
		}
	}
	*into = append(*into, imports(file)...)
	return nil
}

// imports lists the file's imports; those of the module as paths relative to it.
func imports(file *ast.File) []string {
	var list []string
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has checked the literal
		}
		list = append(list, local(name))
	}
	return list
}

// local cuts the module's own path from an import path, leaving "./" before it,
// so that internal/oci of the module cannot be taken for somebody else's.
func local(name string) string {
	if rest, ok := strings.CutPrefix(name, Module); ok {
		return "." + path.Clean("/"+rest)
	}
	return name
}

// Rule limits the imports of the packages that Of matches. A pattern is a path,
// or a path and "/..." for it and all below; paths of the module begin with "./".
type Rule struct {
	Of     string
	Only   []string // of the module's packages it may import these and none else; nil for no such limit
	Never  []string // these it may not import, be they ours or not
	Reason string   // a sentence for the person who meets it
}

// Monopoly says that an import belongs to some packages and no others.
type Monopoly struct {
	Import string   // a pattern
	By     []string // patterns of the packages that may
	Tests  bool     // whether the tests of any package may too
}

// Check returns one line for each import that a rule or a monopoly forbids. The
// rules hold for what ships; tests may look further, monopolies aside.
func Check(packages []Package, rules []Rule, monopolies []Monopoly) []string {
	var broken []string
	for _, p := range packages {
		for _, r := range rules {
			if matches(r.Of, "./"+p.Path) {
				broken = append(broken, r.check(p)...)
			}
		}
		for _, m := range monopolies {
			broken = append(broken, m.check(p)...)
		}
	}
	return broken
}

func (r Rule) check(p Package) []string {
	var broken []string
	for _, name := range p.Imports {
		ours := strings.HasPrefix(name, "./")
		own := matches(r.Of, name)
		switch {
		case matchesAny(r.Never, name):
			broken = append(broken, fmt.Sprintf("%s imports %s: %s", p.Path, name, r.Reason))
		case r.Only != nil && ours && !own && !matchesAny(r.Only, name):
			broken = append(broken, fmt.Sprintf("%s imports %s, and of ours may only import %v: %s", p.Path, name, r.Only, r.Reason))
		}
	}
	return broken
}

func (m Monopoly) check(p Package) []string {
	if matchesAny(m.By, "./"+p.Path) {
		return nil
	}
	list := p.Imports
	if !m.Tests {
		list = slices.Concat(p.Imports, p.TestImports)
	}
	var broken []string
	for _, name := range list {
		if matches(m.Import, name) {
			broken = append(broken, fmt.Sprintf("%s imports %s, which is for %v alone", p.Path, name, m.By))
		}
	}
	return broken
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// matches says whether name is what the pattern names, or lies below it.
func matches(pattern, name string) bool {
	stem, below := strings.CutSuffix(pattern, "/...")
	return name == stem || below && strings.HasPrefix(name, stem+"/")
}

package artifact

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Types are data: no Go code that ships holds a media type, or an annotation key,
// that an entry of the catalog matches by. The formats of OCI and Docker
// themselves, which the catalog calls generic, are everybody's, and what this program
// writes itself is its own.
func TestNoCodeNamesAType(t *testing.T) {
	words := matchWords(t)
	if len(words) < 40 {
		t.Fatalf("the catalog has %d words to look for: %q", len(words), words)
	}
	programs := programNames(t)
	if len(programs) < 20 || !programs["helm"] {
		t.Fatalf("the catalog has %d programs to look for", len(programs))
	}
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bench" || strings.HasSuffix(name, "test")):
			return filepath.SkipDir // bench makes artifacts to measure with
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		files++
		for _, said := range literals(t, path) {
			for _, w := range strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" \t\n;|&()`'", r) }) {
				if w = strings.TrimRight(w, "/:,."); programs[w] {
					t.Errorf("%s says %q: what %s is used for belongs into an entry", path, said, w)
				}
			}
			for _, w := range words {
				if strings.Contains(strings.ToLower(said), w) {
					t.Errorf("%s says %q: what is special about a type belongs into its entry", path, said)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Fatalf("only %d files of Go code found: is this the module's own folder?", files)
	}
}

// matchWords are the values by which entries are known.
func matchWords(t *testing.T) []string {
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	add := func(list ...string) {
		for _, w := range list {
			w = strings.TrimRight(w, "*./")
			if len(w) > 8 && !c.generic[w] && !strings.HasPrefix(w, strings.TrimRight(imageKeys, ".")) && !isFormat(w) {
				words = append(words, w)
			}
		}
	}
	pattern := func(p *pattern) {
		if p != nil {
			add(p.exact...)
			add(p.globs...)
		}
	}
	rules := slices.Concat(c.always, c.traitRules)
	for _, found := range c.byAnchor {
		for _, r := range found {
			rules = append(rules, r...)
		}
	}
	for _, r := range rules {
		for i := range r.when {
			k := &r.when[i]
			switch k.of {
			case ofMediaType, ofArtifactType, ofConfig, ofLayersAny, ofLayersAll, ofLayersNone, ofLayersExactly:
				pattern(&k.want)
			case ofAnnotation, ofLayerAnnotation:
				add(k.key)
			}
			if k.entry != nil {
				pattern(k.entry.mediaType)
				pattern(k.entry.artifactType)
			}
		}
	}
	for i := range c.entryRules {
		pattern(c.entryRules[i].match.mediaType)
		pattern(c.entryRules[i].match.artifactType)
		for _, a := range c.entryRules[i].match.annotations {
			add(a.key)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// programNames are the programs that actions run, but for words of the language.
func programNames(t *testing.T) map[string]bool {
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, k := range c.types {
		actions := slices.Clone(k.actions)
		for _, v := range k.Variants {
			actions = append(actions, v.actions...)
		}
		for _, a := range actions {
			begins := true
			for _, w := range strings.Fields(a.text) {
				if begins && !slices.Contains([]string{"policy", "cat", "kit", "argosy"}, w) {
					names[w] = true
				}
				begins = slices.Contains(operators, w)
			}
		}
	}
	return names
}

// isFormat reports whether a word is of the formats, as the code may name them:
// their manifests, also the withdrawn one, their layers, and the form in which this
// program sends entries of its catalog.
func isFormat(word string) bool {
	return slices.ContainsFunc([]string{
		"application/vnd.oci.image.", "application/vnd.oci.artifact.manifest.", "application/vnd.docker.image.rootfs", "application/vnd.argosy.",
	}, func(prefix string) bool { return strings.HasPrefix(word, prefix) })
}

// literals are the strings in a file's code.
func literals(t *testing.T, path string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				all = append(all, s)
			}
		}
		return true
	})
	return all
}

package artifact_test

import (
	"slices"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

func builtin(t testing.TB) *artifact.Catalog {
	t.Helper()
	c, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every entry shows what it is about, and is right.
func TestExamples(t *testing.T) {
	c := builtin(t)
	for _, typ := range c.Types() {
		examples := c.Examples(typ.ID)
		if len(examples) == 0 && typ.ID != artifact.Unknown && typ.ID != artifact.Invalid {
			t.Errorf("%s has no example", typ.ID)
		}
		for _, x := range examples {
			t.Run(typ.ID+"/"+x.Name, func(t *testing.T) {
				in := artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest}
				if len(x.Config) > 0 {
					in.Config = x.Config
				}
				id := c.Identify(in)
				if typ.Trait {
					if !slices.Contains(id.Traits, typ.ID) || id.Type == typ.ID {
						t.Errorf("is %s with traits %q, want the trait %s", id.Type, id.Traits, typ.ID)
					}
					return
				}
				if id.Type != typ.ID || id.Variant != x.Variant {
					t.Errorf("identified as %s %q, want %s %q\n%s", id.Type, id.Variant, typ.ID, x.Variant, c.Explain(in))
				}
			})
		}
		if icon, ok := c.Icon(typ.ID); !ok || len(icon) == 0 {
			t.Errorf("%s has no icon", typ.ID)
		}
	}
}

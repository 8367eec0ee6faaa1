package artifact_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/types"
)

// FuzzLoad holds that an entry and its icon are taken whole or refused with an
// error that says where, and that what is taken can be used.
func FuzzLoad(f *testing.F) {
	for _, name := range []string{"helm-chart", "cnab-bundle", "oci-image", "sigstore-bundle"} {
		text, err := fs.ReadFile(types.FS, name+".yaml")
		if err != nil {
			f.Fatal(err)
		}
		icon, err := fs.ReadFile(types.FS, name+".svg")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), string(icon))
	}
	f.Add(rocket, goodIcon)
	f.Add(wide, goodIcon)
	f.Add(rocket+"scan: &a [*a]\n", svg(`<g fill="url(#a)"/>`))
	f.Fuzz(func(t *testing.T, entry, icon string) {
		local := fstest.MapFS{"rocket.yaml": {Data: []byte(entry)}, "rocket.svg": {Data: []byte(icon)}}
		c, err := artifact.Load(artifact.Source{FS: reserved{types.FS}}, artifact.Source{FS: local, Origin: artifact.OriginLocal})
		if err != nil {
			if c != nil {
				t.Error("a catalog beside an error")
			}
			return
		}
		for _, typ := range c.Types() {
			for _, x := range c.Examples(typ.ID) {
				id := c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config})
				fit(t, id)
				c.Actions(id, artifact.Target{Registry: "localhost:5000", Repository: "a/b", Tag: "v1", Digest: someDigest})
			}
		}
	})
}

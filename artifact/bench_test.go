package artifact

import "testing"

// BenchmarkIdentifyParsed measures identification from what was already read of a
// manifest; BenchmarkIdentifyReading the reading, which the size of a manifest
// decides.
func BenchmarkIdentifyParsed(b *testing.B) {
	c, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for name, in := range benchInputs(b, c) {
		e := c.read(in)
		b.Run(name+"/decide", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.decide(e)
			}
		})
		b.Run(name+"/whole", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.describe(e, c.decide(e))
			}
		})
	}
}

func BenchmarkIdentifyReading(b *testing.B) {
	c, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for name, in := range benchInputs(b, c) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(in.Manifest)))
			for b.Loop() {
				c.read(in)
			}
		})
	}
}

// benchInputs are manifests of which another thing tells the type each: an image
// of which nothing does, a config type, an artifactType, a predicate, layers, an
// a label in the config, an index's entries.
func benchInputs(b *testing.B, c *Catalog) map[string]Input {
	all := map[string]Input{}
	for _, id := range []string{"oci-image", "helm-chart", "opentofu-module", "sigstore-bundle", "ollama-model", "bootc-image", "oci-image-index"} {
		examples := c.Examples(id)
		if len(examples) == 0 {
			b.Fatalf("%s has no example", id)
		}
		all[id] = Input{MediaType: examples[0].MediaType, Manifest: examples[0].Manifest, Config: examples[0].Config}
	}
	return all
}

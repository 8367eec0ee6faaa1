package artifact

import (
	"fmt"
	"testing"
)

// BenchmarkIdentifyParsed measures identification from what was already read of a
// manifest, for every example of the catalog; BenchmarkIdentifyReading the reading,
// which the size of a manifest decides.
func BenchmarkIdentifyParsed(b *testing.B) {
	benchExamples(b, func(b *testing.B, c *Catalog, in Input) {
		e := c.read(in)
		if e == nil {
			b.Skip("no manifest")
		}
		for b.Loop() {
			c.describe(e, c.decide(e))
		}
	})
}

func BenchmarkIdentifyReading(b *testing.B) {
	benchExamples(b, func(b *testing.B, c *Catalog, in Input) {
		b.SetBytes(int64(len(in.Manifest)))
		for b.Loop() {
			c.read(in)
		}
	})
}

func benchExamples(b *testing.B, run func(*testing.B, *Catalog, Input)) {
	c, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range c.Types() {
		for i, x := range c.Examples(t.ID) {
			b.Run(fmt.Sprintf("%s/%d", t.ID, i+1), func(b *testing.B) {
				b.ReportAllocs()
				run(b, c, Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config})
			})
		}
	}
}

// Identifying what was read allocates what it answers, and nothing that grows with
// the number of rules.
func TestIdentifyAllocatesLittle(t *testing.T) {
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range c.Types() {
		for i, x := range c.Examples(typ.ID) {
			e := c.read(Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config})
			if e == nil {
				continue
			}
			if n := testing.AllocsPerRun(10, func() { c.decide(e) }); n > 0 {
				t.Errorf("%s, example %d: %v allocations to decide, want none", typ.ID, i+1, n)
			}
			if n := testing.AllocsPerRun(10, func() { c.describe(e, c.decide(e)) }); n > 4 {
				t.Errorf("%s, example %d: %v allocations in all, want 4 at most", typ.ID, i+1, n)
			}
		}
	}
}

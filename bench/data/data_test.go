package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMaker(t *testing.T) {
	seen := map[string]bool{}
	for _, size := range []int64{16, 17, Small, repeat, repeat + 16, repeat + 17, 2*repeat + 5} {
		m := NewMaker(size, 1)
		for _, b := range m.Take(3) {
			content := bytes.Join(b.Parts, nil)
			sum := sha256.Sum256(content)
			if got := "sha256:" + hex.EncodeToString(sum[:]); got != b.Digest {
				t.Errorf("size %d: digest %s, content has %s", size, b.Digest, got)
			}
			if int64(len(content)) != size || b.Size != size {
				t.Errorf("size %d: %d bytes, says %d", size, len(content), b.Size)
			}
			if seen[b.Digest] {
				t.Errorf("size %d: the same body twice", size)
			}
			seen[b.Digest] = true
		}
		if again := NewMaker(size, 1).Next(); !seen[again.Digest] {
			t.Errorf("size %d: another body from the same seed", size)
		}
		if other := NewMaker(size, 2).Next(); seen[other.Digest] {
			t.Errorf("size %d: the same body from another seed", size)
		}
	}
}

func TestSlice(t *testing.T) {
	b := Body{Parts: [][]byte{[]byte("abc"), []byte("d"), []byte("efgh")}, Size: 8}
	for _, tc := range []struct {
		off, n int64
		want   string
	}{{0, 8, "abcdefgh"}, {0, 2, "ab"}, {2, 3, "cde"}, {3, 1, "d"}, {4, 9, "efgh"}, {8, 4, ""}} {
		if got := string(bytes.Join(b.Slice(tc.off, tc.n), nil)); got != tc.want {
			t.Errorf("Slice(%d, %d) = %q, want %q", tc.off, tc.n, got, tc.want)
		}
	}
}

var small = Scale{Tags: 900, Repositories: 30, Referrers: 20, Large: 1000, Larges: 1}

func sets() []Set {
	return []Set{NewImages().Set(), NewBlobs(small).Set(), Tags(small), Catalog(small), NewReferrers(small).Set(), Store(2_500)}
}

// TestSets holds that every set can be pushed: each manifest is valid JSON,
// has its digest, and names only blobs of its repository that the set holds.
func TestSets(t *testing.T) {
	want := map[string][3]int{ // blobs, distinct manifests, tags
		"image": {144, 64, 64}, "blobs": {273, 0, 0}, "tags": {2, 100, 900},
		"catalog": {60, 1, 30}, "referrers": {2, 21, 1}, "store": {6, 2500, 2500},
	}
	for _, s := range sets() {
		blobs, manifests, tags := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for b := range s.Blobs {
			blobs[b.Repository+"@"+b.Digest] = true
		}
		for m := range s.Manifests {
			var parsed imageManifest
			if err := json.Unmarshal(m.Content, &parsed); err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			for _, d := range append(parsed.Layers, parsed.Config) {
				if !blobs[m.Repository+"@"+d.Digest] {
					t.Fatalf("%s: %s names the blob %s, which is not there", s.Name, m.Reference(), d.Digest)
				}
			}
			if NewBody(m.Content).Digest != m.Digest || parsed.MediaType != m.MediaType {
				t.Errorf("%s: %s has not the digest or type of its bytes", s.Name, m.Reference())
			}
			manifests[m.Digest] = true
			if m.Tag != "" {
				tags[m.Repository+":"+m.Tag] = true
			}
		}
		if diff := cmp.Diff(want[s.Name], [3]int{len(blobs), len(manifests), len(tags)}); diff != "" {
			t.Errorf("%s:\n%s", s.Name, diff)
		}
	}
}

func TestImageManifestSize(t *testing.T) {
	for _, m := range NewImages().Manifests {
		if n := len(m.Content); n < 1600 || n > 2000 {
			t.Fatalf("%d bytes, the published figures are of about 1,800", n)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	root := t.TempDir()
	for _, s := range sets() {
		if err := WriteFiles(root, s); err != nil {
			t.Fatal(err)
		}
	}
	var list struct {
		Name string
		Tags []string
	}
	read(t, &list, root, "v2", TagRepository, "tags", "list")
	if list.Name != TagRepository || len(list.Tags) != 900 || !slices.IsSorted(list.Tags) {
		t.Errorf("%s: %d tags", list.Name, len(list.Tags))
	}
	var catalog struct{ Repositories []string }
	read(t, &catalog, root, "v2", "_catalog")
	if len(catalog.Repositories) != 30 {
		t.Errorf("%d repositories", len(catalog.Repositories))
	}
	r := NewReferrers(small)
	var index struct{ Manifests []descriptor }
	read(t, &index, root, "v2", ReferrersRepository, "referrers", r.Subject.Digest)
	if len(index.Manifests) != 20 || index.Manifests[3].Digest != r.Attachments[3].Digest {
		t.Errorf("%d referrers", len(index.Manifests))
	}
	blob := NewBlobs(small).Large[0]
	content, err := os.ReadFile(filepath.Join(root, "v2", BlobRepository, "blobs", blob.Digest))
	if err != nil || !bytes.Equal(content, bytes.Join(blob.Parts, nil)) {
		t.Errorf("the blob reads back as %d bytes, %v", len(content), err)
	}
}

func read(t *testing.T, into any, path ...string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

package ocitest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/argosy-registry/argosy/internal/oci"
)

var manifestCases = []Case{
	{"manifest/exact-bytes", manifestExactBytes},
	{"manifest/media-types", manifestMediaTypes},
	{"manifest/media-type-parameters", manifestParameters},
	{"manifest/unknown-types", manifestUnknownTypes},
	{"manifest/data-is-not-added", manifestNoData},
	{"manifest/unknown", manifestUnknown},
	{"manifest/per-repository", manifestPerRepository},
	{"manifest/pushed-again", manifestPushedAgain},
	{"manifest/by-digest", manifestByDigest},
	{"manifest/digest-mismatch", manifestDigestMismatch},
	{"manifest/sha512", manifestSHA512},
	{"manifest/large", manifestLarge},
	{"manifest/type", manifestType},
}

func manifestExactBytes(f *Fixture) {
	m := f.image(repo, "exact")
	m["unknown"] = map[string]any{"nested": []any{1, nil, "x"}}
	b := string(m.bytes())
	for i, content := range []string{
		b,
		"\r\n\t " + b + " \n\n",
		strings.ReplaceAll(b, `":`, `" :  `),
		strings.Replace(b, `"label":"exact"`, `"label":"\u0065xact","HTML":"<&>","LABEL":"2"`, 1),
		strings.Replace(b, `"label":"exact"`, `"large":"`+pattern(200_000)+`"`, 1),
	} {
		tag := oci.Tag(fmt.Sprint("v", i))
		p, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: []byte(content), Tags: []oci.Tag{tag}, Grant: oci.Everything})
		f.no(err)
		d := oci.SHA256.Sum([]byte(content))
		if p.Descriptor.Digest != d || p.Descriptor.Size != int64(len(content)) {
			f.Errorf("push answers %+v, want %s of %d bytes", p.Descriptor, d, len(content))
		}
		f.holds(repo, string(tag), d, []byte(content))
		f.holds(repo, string(d), d, []byte(content))
	}
}

func manifestMediaTypes(f *Fixture) {
	layer := f.blob(repo, "bytes of the layer")
	config := f.blob(repo, "{}")
	config.MediaType = "application/vnd.docker.container.image.v1+json"
	for i, m := range []manifest{
		{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": config, "layers": []oci.Descriptor{layer}},
		{"schemaVersion": 2, "mediaType": oci.MediaTypeDockerManifest, "config": config, "layers": []oci.Descriptor{layer}},
		{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": []oci.Descriptor{}},
		{"schemaVersion": 2, "mediaType": oci.MediaTypeDockerList, "manifests": []oci.Descriptor{}},
		{"mediaType": oci.MediaTypeArtifactManifest, "artifactType": "application/vnd.example", "blobs": []oci.Descriptor{layer}},
	} {
		tag := fmt.Sprint("v", i)
		d := f.push(repo, m, oci.Tag(tag))
		f.holds(repo, tag, d.Digest, m.bytes())
		if got := f.get(repo, tag).Descriptor.MediaType; got != m["mediaType"] {
			f.Errorf("pushed as %s, read as %s", m["mediaType"], got)
		}
	}
}

func manifestParameters(f *Fixture) {
	m := f.image(repo, "parameters")
	_, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest + "; charset=utf-8", Content: m.bytes(), Tags: []oci.Tag{"v1"}, Grant: oci.Everything})
	f.no(err)
	if got := f.get(repo, "v1").Descriptor.MediaType; oci.BaseMediaType(got) != oci.MediaTypeImageManifest {
		f.Errorf("read as %q", got)
	}
}

func manifestUnknownTypes(f *Fixture) {
	config := f.blob(repo, "config of no known kind")
	config.MediaType = "application/vnd.example.nobody.knows.v7+toml"
	layer := f.blob(repo, "layer of no known kind")
	layer.MediaType = "text/x-unheard-of"
	for i, artifactType := range []string{"application/vnd.example.unknown.v1", "not a media type", ""} {
		m := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "artifactType": artifactType, "config": config, "layers": []oci.Descriptor{layer}}
		tag := fmt.Sprint("v", i)
		f.holds(repo, tag, f.push(repo, m, oci.Tag(tag)).Digest, m.bytes())
	}
}

func manifestNoData(f *Fixture) {
	m := f.image(repo, "no data")
	f.push(repo, m, "v1")
	if got := f.get(repo, "v1"); strings.Contains(string(got.Content), `"data"`) || got.Descriptor.Data != nil {
		f.Error("data was added to a descriptor")
	}
}

func manifestUnknown(f *Fixture) {
	none := string(oci.SHA256.Sum([]byte("none")))
	for _, ref := range []string{"latest", none} {
		f.gone("not/there", ref)
	}
	f.push(repo, f.image(repo, "there"), "v1")
	for _, ref := range []string{"v2", none, "V1"} {
		r, err := oci.ParseReference(ref)
		f.no(err)
		_, err = f.R.Manifest(f.ctx, repo, r)
		f.fails(err, oci.ManifestUnknown)
	}
	f.gone(repo, "blake3:"+strings.Repeat("0", 64))
	// A blob is no manifest, and a manifest no blob.
	f.gone(repo, string(f.blob(repo, "just a blob").Digest))
}

func manifestPerRepository(f *Fixture) {
	m := f.image(repo, "here")
	d := f.push(repo, m, "v1").Digest
	f.image(two, "here")
	f.gone(two, "v1")
	f.gone(two, string(d))
	f.push(two, m, "v2")
	f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
	f.gone(repo, string(d))
	f.holds(two, "v2", d, m.bytes())
}

func manifestPushedAgain(f *Fixture) {
	m := f.image(repo, "again")
	d := f.push(repo, m, "v1")
	for range 3 {
		if again := f.push(repo, m, "v1"); again.Digest != d.Digest {
			f.Errorf("pushed again as %s, want %s", again.Digest, d.Digest)
		}
	}
	f.push(repo, m, "v2")
	if got, want := f.tagNames(repo), []string{"v1", "v2"}; !slices.Equal(got, want) {
		f.Errorf("tags are %q, want %q", got, want)
	}
	f.no(f.R.DeleteManifest(f.ctx, repo, d.Digest, oci.Everything))
	f.gone(repo, "v1")
	f.push(repo, m, "v1")
	f.holds(repo, "v1", d.Digest, m.bytes())
	f.gone(repo, "v2")
}

func manifestByDigest(f *Fixture) {
	m := f.image(repo, "untagged")
	d := f.push(repo, m).Digest
	f.holds(repo, string(d), d, m.bytes())
	if got := f.tagNames(repo); len(got) != 0 {
		f.Errorf("tags are %q, want none", got)
	}
}

func manifestDigestMismatch(f *Fixture) {
	m := f.image(repo, "mismatch")
	for _, d := range []oci.Digest{oci.SHA256.Sum([]byte("other")), oci.SHA512.Sum([]byte("other")), oci.SHA256.Sum(append(m.bytes(), "  "...))} {
		_, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Digest: d, Tags: []oci.Tag{"v1"}, Grant: oci.Everything})
		f.fails(err, oci.DigestInvalid)
		f.gone(repo, string(d))
		f.gone(repo, "v1")
	}
	unsupported := oci.Digest("blake3:" + strings.Repeat("0", 64))
	_, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Digest: unsupported, Grant: oci.Everything})
	f.fails(err, oci.DigestInvalid)
}

func manifestSHA512(f *Fixture) {
	m := f.image(repo, "sha512")
	d := oci.SHA512.Sum(m.bytes())
	p, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Digest: d, Tags: []oci.Tag{"a", "b"}, Grant: oci.Everything})
	f.no(err)
	if p.Descriptor.Digest != d {
		f.Errorf("pushed as %s, want %s", p.Descriptor.Digest, d)
	}
	for _, ref := range []string{"a", "b", string(d)} {
		f.holds(repo, ref, d, m.bytes())
	}
	f.gone(repo, string(oci.SHA256.Sum(m.bytes())))
	f.no(f.R.DeleteManifest(f.ctx, repo, d, oci.Everything))
	for _, ref := range []string{"a", "b", string(d)} {
		f.gone(repo, ref)
	}
	// The same bytes under both algorithms are two manifests.
	f.push(repo, m, "short")
	_, err = f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Digest: d, Grant: oci.Everything})
	f.no(err)
	f.holds(repo, "short", oci.SHA256.Sum(m.bytes()), m.bytes())
}

func manifestLarge(f *Fixture) {
	m := f.image(repo, "large")
	annotations := map[string]string{}
	for i := range 390 {
		annotations[fmt.Sprint("large.", i)] = strings.Repeat("x", 10_000)
	}
	m["annotations"] = annotations
	d := f.push(repo, m, "v1").Digest
	f.holds(repo, "v1", d, m.bytes())
	annotations["more"] = strings.Repeat("x", 400_000)
	_, err := f.tryPush(repo, m, "v2")
	f.fails(err, oci.ManifestTooLarge)
	f.gone(repo, "v2")
}

func manifestType(f *Fixture) {
	p, err := f.tryPush(repo, f.image(repo, "typed"), "v1")
	f.no(err)
	if got := f.get(repo, "v1").Type; got != p.Type || got == "" {
		f.Errorf("pushed with type %q, read with type %q", p.Type, got)
	}
}

var tagCases = []Case{
	{"tag/move", tagMove},
	{"tag/move-is-atomic", tagMoveIsAtomic},
	{"tag/delete-leaves-the-manifest", tagDelete},
	{"tag/many-in-one-push", tagMany},
	{"tag/failed-move-leaves-the-old", tagFailedMove},
	{"tag/odd-ones", tagOdd},
}

func tagMove(f *Fixture) {
	a, b := f.image(repo, "a"), f.image(repo, "b")
	da, db := f.push(repo, a, "latest").Digest, f.push(repo, b, "other").Digest
	f.holds(repo, "latest", da, a.bytes())
	f.push(repo, b, "latest")
	f.holds(repo, "latest", db, b.bytes())
	f.holds(repo, string(da), da, a.bytes())
	f.push(repo, a, "latest")
	f.holds(repo, "latest", da, a.bytes())
}

// While a tag moves, every reader gets one of the manifests, whole.
func tagMoveIsAtomic(f *Fixture) {
	manifests := []manifest{f.image(repo, "a"), f.image(repo, "b"), f.image(repo, "c")}
	known := map[oci.Digest]bool{}
	for _, m := range manifests {
		known[f.push(repo, m, "latest").Digest] = true
	}
	var moving atomic.Bool
	moving.Store(true)
	errs := each(5, func(i int) error {
		if i == 0 {
			defer moving.Store(false)
			for n := range 60 {
				if _, err := f.tryPush(repo, manifests[n%3], "latest"); err != nil {
					return err
				}
			}
			return nil
		}
		for moving.Load() {
			m, err := f.R.Manifest(f.ctx, repo, oci.Reference{Tag: "latest"})
			if err != nil {
				return fmt.Errorf("read while the tag moves: %w", err)
			}
			if d := oci.SHA256.Sum(m.Content); d != m.Descriptor.Digest || !known[d] {
				return fmt.Errorf("read %s, said to be %s", d, m.Descriptor.Digest)
			}
		}
		return nil
	})
	for _, err := range errs {
		f.no(err)
	}
}

func tagDelete(f *Fixture) {
	m := f.image(repo, "tagged")
	d := f.push(repo, m, "v1").Digest
	f.push(repo, m, "v2")
	f.no(f.R.DeleteTag(f.ctx, repo, "v1", oci.Everything))
	f.gone(repo, "v1")
	f.holds(repo, "v2", d, m.bytes())
	f.no(f.R.DeleteTag(f.ctx, repo, "v2", oci.Everything))
	f.gone(repo, "v2")
	f.holds(repo, string(d), d, m.bytes())
	if got := f.tagNames(repo); len(got) != 0 {
		f.Errorf("tags are %q, want none", got)
	}
	f.fails(f.R.DeleteTag(f.ctx, repo, "v1", oci.Everything), oci.ManifestUnknown)
}

func tagMany(f *Fixture) {
	m := f.image(repo, "many")
	var tags []oci.Tag
	for i := range 12 {
		tags = append(tags, oci.Tag(fmt.Sprintf("t%02d", 11-i)))
	}
	for _, d := range []oci.Digest{oci.SHA256.Sum(m.bytes()), oci.SHA512.Sum(m.bytes())} {
		p, err := f.R.Push(f.ctx, repo, oci.Push{MediaType: oci.MediaTypeImageManifest, Content: m.bytes(), Digest: d, Tags: tags, Grant: oci.Everything})
		f.no(err)
		if len(p.Tags) != len(tags) {
			f.Errorf("%d tags were set, want %d: %q", len(p.Tags), len(tags), p.Tags)
		}
		for _, t := range tags {
			f.holds(repo, string(t), d, m.bytes())
		}
	}
	if got := f.tagNames(repo); len(got) != 12 {
		f.Errorf("tags are %q", got)
	}
}

func tagFailedMove(f *Fixture) {
	a := f.image(repo, "old")
	d := f.push(repo, a, "latest").Digest
	missing := manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": f.empty(repo), "layers": []oci.Descriptor{{MediaType: "x/y", Digest: oci.SHA256.Sum([]byte("missing")), Size: 7}}}
	_, err := f.tryPush(repo, missing, "fresh", "latest")
	f.fails(err, oci.ManifestBlobUnknown)
	f.holds(repo, "latest", d, a.bytes())
	f.gone(repo, "fresh")
}

func tagOdd(f *Fixture) {
	m := f.image(repo, "odd")
	for _, tag := range []string{"_x", "__", "list", "uploads", "manifests", "0", strings.Repeat("T", 128), "a.b-c_d", "sha256-" + strings.Repeat("0", 64) + ".sig"} {
		d := f.push(repo, m, oci.Tag(tag)).Digest
		f.holds(repo, tag, d, m.bytes())
		f.no(f.R.DeleteTag(f.ctx, repo, oci.Tag(tag), oci.Everything))
		f.gone(repo, tag)
	}
}

package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// ruled is a registry whose policy can be changed.
type ruled struct {
	*registry.Registry
	t      *testing.T
	db     *store.DB
	policy atomic.Pointer[policy.Policy]
}

func newRuled(t *testing.T, db *store.DB, text string, change ...func(*registry.Options)) *ruled {
	t.Helper()
	r := &ruled{t: t, db: db}
	o := registrytest.Options(t, db, mem.New(0))
	o.Policy = r.policy.Load
	for _, c := range change {
		c(&o)
	}
	r.set(text)
	r.Registry = registrytest.New(t, o)
	return r
}

// set brings a policy into force.
func (r *ruled) set(text string) {
	r.t.Helper()
	p := &policy.Policy{}
	if text != "" {
		var err error
		if p, err = policy.Parse([]byte(text)); err != nil {
			r.t.Fatal(err)
		}
	}
	r.policy.Store(p)
}

// shape is a manifest as a client writes it.
type shape struct {
	config  string // media type of the config
	layer   string // media type of the layer
	content string // of the layer
	more    map[string]any
}

func (s shape) blobs() map[string][]byte {
	return map[string][]byte{"config": []byte(`{"of": "` + s.content + `"}`), "layer": []byte(s.content)}
}

func (s shape) manifest() []byte {
	b := s.blobs()
	of := func(mediaType string, content []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": oci.SHA256.Sum(content), "size": len(content)}
	}
	m := map[string]any{
		"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
		"config": of(s.config, b["config"]), "layers": []any{of(s.layer, b["layer"])},
	}
	for k, v := range s.more {
		m[k] = v
	}
	return encoded(m)
}

func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// The shapes that the tests push.
func imageShape(content string) shape {
	return shape{config: "application/vnd.oci.image.config.v1+json", layer: "application/vnd.oci.image.layer.v1.tar", content: content}
}

var (
	chartShape   = shape{config: "application/vnd.cncf.helm.config.v1+json", layer: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", content: "chart"}
	unknownShape = shape{config: "application/vnd.acme.rocket.config.v1+json", layer: "application/vnd.acme.rocket.v1", content: "rocket"}
)

// pushShape pushes a manifest, under tags or by its digest.
func (r *ruled) pushShape(name oci.Name, s shape, tags ...oci.Tag) (oci.Pushed, error) {
	r.t.Helper()
	for _, b := range s.blobs() {
		mustPushBlob(r.t, r, name, b)
	}
	return r.put(name, s.manifest(), tags...)
}

func (r *ruled) put(name oci.Name, manifest []byte, tags ...oci.Tag) (oci.Pushed, error) {
	p := oci.Push{Content: manifest, Tags: tags, Grant: oci.Everything}
	if len(tags) == 0 {
		p.Digest = oci.SHA256.Sum(manifest)
	}
	return r.Push(ctx, name, p)
}

// checkVerdict holds a push and what is left of it against a verdict.
func (r *ruled) checkVerdict(name oci.Name, manifest []byte, tags []oci.Tag, want policy.Verdict, got oci.Pushed, err error) {
	r.t.Helper()
	d := oci.SHA256.Sum(manifest)
	_, read := r.Manifest(ctx, name, oci.Reference{Digest: d})
	list, listErr := r.Tags(ctx, name, oci.Page{N: 100})
	listed := 0
	if listErr == nil {
		listed = len(list.Names)
	}
	switch want {
	case policy.Allow, policy.Warn:
		if err != nil || read != nil || listed < len(tags) {
			r.t.Errorf("%v: pushed %v, read %v, %d tags", want, err, read, listed)
		}
		if warned := len(got.Warnings) > 0; warned != (want == policy.Warn) {
			r.t.Errorf("%v: warnings %q", want, got.Warnings)
		}
	case policy.Quarantine:
		if err != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "quarantine") {
			r.t.Errorf("quarantine: pushed %v, warnings %q", err, got.Warnings)
		}
		if !errors.Is(read, oci.Denied) || !strings.Contains(read.Error(), "in quarantine") || listed > 0 {
			r.t.Errorf("quarantine: read %v, %d tags", read, listed)
		}
		for _, t := range tags {
			if _, err := r.Manifest(ctx, name, oci.Reference{Tag: t}); !errors.Is(err, oci.Denied) || !strings.Contains(err.Error(), "in quarantine") {
				r.t.Errorf("quarantine: read by tag: %v", err)
			}
			if _, err := r.Resolve(ctx, name, oci.Reference{Tag: t}); !errors.Is(err, oci.ManifestUnknown) {
				r.t.Errorf("quarantine: asked for: %v", err)
			}
		}
	case policy.Deny:
		if e := oci.AsError(err); e == nil || e.Code != oci.Denied || e.Code.Status() != 403 || e.Detail == nil || !strings.Contains(e.Message, "policy.yaml:") {
			r.t.Errorf("deny: pushed %v", err)
		}
		if !errors.Is(read, oci.ManifestUnknown) && !errors.Is(read, oci.NameUnknown) || listed > 0 {
			r.t.Errorf("deny: read %v, %d tags", read, listed)
		}
		if counts, err := r.db.TypeCounts(store.Visible{All: true}); err != nil || len(counts) > 0 {
			r.t.Errorf("deny: counted %v, %v", counts, err)
		}
	}
}

// Whatever the form of the push, the verdict is the selector's.
func TestFormsOfPush(t *testing.T) {
	sparse := func(o *registry.Options) { o.SparseImages = true }
	forms := map[string]func(r *ruled, s shape, want policy.Verdict){
		"by tag": func(r *ruled, s shape, want policy.Verdict) {
			got, err := r.pushShape("a/b", s, "v1")
			r.checkVerdict("a/b", s.manifest(), []oci.Tag{"v1"}, want, got, err)
		},
		"by digest": func(r *ruled, s shape, want policy.Verdict) {
			got, err := r.pushShape("a/b", s)
			r.checkVerdict("a/b", s.manifest(), nil, want, got, err)
		},
		"by digest with tags": func(r *ruled, s shape, want policy.Verdict) {
			for _, b := range s.blobs() {
				mustPushBlob(r.t, r, "a/b", b)
			}
			m := s.manifest()
			got, err := r.Push(ctx, "a/b", oci.Push{Content: m, Digest: oci.SHA256.Sum(m), Tags: []oci.Tag{"v1", "v2"}, Grant: oci.Everything})
			r.checkVerdict("a/b", m, []oci.Tag{"v1", "v2"}, want, got, err)
		},
		"of mounted blobs": func(r *ruled, s shape, want policy.Verdict) {
			for _, b := range s.blobs() {
				d := mustPushBlob(r.t, r, "free/x", b)
				if _, err := r.Mount(ctx, "a/b", d, "free/x", oci.Everything); err != nil {
					r.t.Fatal(err)
				}
			}
			got, err := r.put("a/b", s.manifest(), "v1")
			r.checkVerdict("a/b", s.manifest(), []oci.Tag{"v1"}, want, got, err)
		},
		"sparse": func(r *ruled, s shape, want policy.Verdict) {
			got, err := r.put("a/b", s.manifest(), "v1")
			r.checkVerdict("a/b", s.manifest(), []oci.Tag{"v1"}, want, got, err)
		},
		"child before its index": func(r *ruled, s shape, want policy.Verdict) {
			got, err := r.pushShape("a/b", s)
			r.checkVerdict("a/b", s.manifest(), nil, want, got, err)
			rules := r.policy.Swap(&policy.Policy{}) // it is about the child
			if _, err := r.put("a/b", indexOf(s.manifest())); err != nil {
				r.t.Fatal(err)
			}
			r.policy.Store(rules)
			r.checkVerdict("a/b", s.manifest(), nil, want, got, err)
		},
		"again, after a refusal": func(r *ruled, s shape, want policy.Verdict) {
			for range 2 {
				got, err := r.pushShape("a/b", s, "v1")
				r.checkVerdict("a/b", s.manifest(), []oci.Tag{"v1"}, want, got, err)
				if want == policy.Warn {
					return // it is there by now, and nothing is new
				}
			}
		},
		"child after its index": func(r *ruled, s shape, want policy.Verdict) {
			rules := r.policy.Swap(&policy.Policy{}) // it is about the child
			if _, err := r.put("a/b", indexOf(s.manifest())); err != nil {
				r.t.Fatal(err)
			}
			r.policy.Store(rules)
			got, err := r.pushShape("a/b", s)
			r.checkVerdict("a/b", s.manifest(), nil, want, got, err)
		},
	}
	for _, x := range []struct {
		rule  string
		shape shape
		want  policy.Verdict
	}{
		{"deny: wasm", chartShape, policy.Allow},
		{"allow: [helm-chart]", chartShape, policy.Allow},
		{"allow: [image]", imageShape("x"), policy.Allow},
		{"allow: [image]", chartShape, policy.Deny},
		{"allow: [image]", unknownShape, policy.Deny},
		{"deny: package", chartShape, policy.Deny},
		{"deny: unknown", unknownShape, policy.Deny},
		{"deny: unknown", chartShape, policy.Allow},
		{"deny: known", chartShape, policy.Deny},
		{"warn: '*'", chartShape, policy.Warn},
		{"warn: group:image", imageShape("x"), policy.Warn},
		{"quarantine: unknown", unknownShape, policy.Quarantine},
		{"quarantine: known", imageShape("x"), policy.Quarantine},
		{"quarantine: [helm-chart], allow: '*'", chartShape, policy.Quarantine},
	} {
		for form, push := range forms {
			t.Run(x.rule+" "+x.shape.content+" "+form, func(t *testing.T) {
				rules := "admission: [{repositories: free/*, allow: '*'}, {repositories: a/*, " + x.rule + "}]"
				r := newRuled(t, storetest.SQLite(t), rules, sparse)
				push(r, x.shape, x.want)
			})
		}
	}
}

// indexOf is an index of manifests.
func indexOf(children ...[]byte) []byte {
	var list []any
	for _, c := range children {
		list = append(list, map[string]any{"mediaType": oci.MediaTypeImageManifest, "digest": oci.SHA256.Sum(c), "size": len(c), "platform": map[string]string{"os": "linux", "architecture": "amd64"}})
	}
	return encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": list})
}

// What clients push beside images passes where only images are taken, in every order.
func TestCompanionsPassImagesOnly(t *testing.T) {
	amd, arm := imageShape("amd64"), imageShape("arm64")
	attestation := shape{config: "application/vnd.oci.image.config.v1+json", layer: "application/vnd.in-toto+json", content: "statement", more: map[string]any{}}
	subject := func(of []byte) map[string]any {
		return map[string]any{"mediaType": oci.MediaTypeImageManifest, "digest": oci.SHA256.Sum(of), "size": len(of)}
	}
	signature := shape{config: "application/vnd.oci.image.config.v1+json", layer: "application/vnd.dev.cosign.simplesigning.v1+json", content: "signed"}
	bundle := shape{config: "application/vnd.oci.empty.v1+json", layer: "application/vnd.dev.sigstore.bundle.v0.3+json", content: "bundle",
		more: map[string]any{"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json", "subject": subject(amd.manifest())}}
	metadata := shape{config: "application/vnd.cnab.config.v1+json", layer: "application/vnd.oci.image.layer.v1.tar", content: "bundle.json"}
	entry := func(m []byte, annotations map[string]string, platform string) map[string]any {
		e := map[string]any{"mediaType": oci.MediaTypeImageManifest, "digest": oci.SHA256.Sum(m), "size": len(m), "annotations": annotations}
		if platform != "" {
			e["platform"] = map[string]string{"os": platform, "architecture": platform}
		}
		return e
	}
	buildx := encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": []any{
		entry(amd.manifest(), nil, "linux"), entry(arm.manifest(), nil, "linux"),
		entry(attestation.manifest(), map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": string(oci.SHA256.Sum(amd.manifest()))}, "unknown"),
	}})
	cnab := encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex,
		"annotations": map[string]string{"io.cnab.runtime_version": "v1.0.0", "org.opencontainers.artifactType": "application/vnd.cnab.manifest.v1"},
		"manifests": []any{
			entry(metadata.manifest(), map[string]string{"io.cnab.manifest.type": "config"}, ""),
			entry(amd.manifest(), map[string]string{"io.cnab.manifest.type": "invocation"}, ""),
			entry(arm.manifest(), map[string]string{"io.cnab.manifest.type": "component", "io.cnab.component.name": "web"}, ""),
		}})
	fallback := strings.Replace(string(oci.SHA256.Sum(amd.manifest())), ":", "-", 1)

	type step struct {
		manifest []byte
		tag      oci.Tag
	}
	all := []shape{amd, arm, attestation, signature, bundle, metadata}
	for name, steps := range map[string][]step{
		"buildx":              {{amd.manifest(), ""}, {arm.manifest(), ""}, {attestation.manifest(), ""}, {buildx, "v1"}},
		"buildx, index first": {{buildx, "v1"}, {attestation.manifest(), ""}, {arm.manifest(), ""}, {amd.manifest(), ""}},
		"signature by tag":    {{amd.manifest(), "v1"}, {signature.manifest(), oci.Tag(fallback + ".sig")}},
		"bundle by subject":   {{bundle.manifest(), ""}, {amd.manifest(), "v1"}},
		"CNAB":                {{metadata.manifest(), ""}, {amd.manifest(), ""}, {arm.manifest(), ""}, {cnab, "v1"}},
		"CNAB, index first":   {{cnab, "v1"}, {arm.manifest(), ""}, {metadata.manifest(), ""}, {amd.manifest(), ""}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRuled(t, storetest.SQLite(t), "admission: [{allow: [image]}]")
			for _, s := range all {
				for _, b := range s.blobs() {
					mustPushBlob(t, r, "a/b", b)
				}
			}
			for i, s := range steps {
				var tags []oci.Tag
				if s.tag != "" {
					tags = append(tags, s.tag)
				}
				if p, err := r.put("a/b", s.manifest, tags...); err != nil || len(p.Warnings) > 0 {
					t.Errorf("step %d, %s: %v %q", i+1, p.Type, err, p.Warnings)
				}
			}
			if _, err := r.pushShape("a/b", chartShape, "chart"); !errors.Is(err, oci.Denied) {
				t.Errorf("a chart: %v", err)
			}
			r.set("admission: [{allow: [image], deny: [attestation, signature, cnab-bundle, cnab-config]}]")
			for _, s := range steps { // what is stored stays, and can be pushed again
				if _, err := r.put("a/b", s.manifest, "again"); err != nil {
					t.Errorf("again: %v", err)
				}
			}
		})
	}
}

// A change of the policy neither hides nor refuses what is stored.
func TestPolicyChangesLeaveWhatIsStored(t *testing.T) {
	r := newRuled(t, storetest.SQLite(t), "")
	if _, err := r.pushShape("a/b", chartShape, "v1"); err != nil {
		t.Fatal(err)
	}
	for _, rules := range []string{"deny: '*'", "quarantine: '*'", "allow: image", "lock: deny"} {
		r.set("admission: [{" + rules + "}]")
		for _, tag := range []oci.Tag{"v1", oci.Tag("new-" + rules[:4])} {
			if p, err := r.put("a/b", chartShape.manifest(), tag); err != nil || len(p.Warnings) > 0 {
				t.Errorf("%s: %s: %v, %q", rules, tag, err, p.Warnings)
			}
			if _, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: tag}); err != nil {
				t.Errorf("%s: %v", rules, err)
			}
		}
	}
	r.set("admission: [{deny: '*'}]")
	if _, err := r.pushShape("other", chartShape, "v1"); !errors.Is(err, oci.Denied) {
		t.Errorf("in another repository it is new: %v", err)
	}
}

// A tag keeps the type of what it names, by the catalog in force now.
func TestLockOfTags(t *testing.T) {
	var current atomic.Pointer[artifact.Catalog]
	builtin, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	current.Store(builtin)
	r := newRuled(t, storetest.SQLite(t), "admission: [{repositories: soft, lock: warn}, {lock: deny}]",
		func(o *registry.Options) { o.Catalog = current.Load })
	list := indexOf(imageShape("1").manifest())
	must := func(_ oci.Pushed, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(r.pushShape("a/b", imageShape("1"), "v1"))
	must(r.pushShape("a/b", imageShape("2"), "v1"))
	must(r.put("a/b", list, "v1")) // an index of images is an image to a person
	must(r.pushShape("a/b", chartShape, "chart"))
	_, err = r.pushShape("a/b", chartShape, "v2", "v1")
	if e := oci.AsError(err); e == nil || e.Code != oci.Denied || !strings.Contains(e.Message, "a/b:v1 changes its type") {
		t.Errorf("a chart over an image: %v", err)
	}
	if _, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: "v2"}); !errors.Is(err, oci.ManifestUnknown) {
		t.Errorf("half of the push was done: %v", err)
	}
	must(r.pushShape("soft", imageShape("1"), "v1"))
	if p, err := r.pushShape("soft", chartShape, "v1"); err != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "changes its type") {
		t.Errorf("softly: %v, %q", err, p.Warnings)
	}
	if err := r.DeleteTag(ctx, "a/b", "v1", oci.Everything); err != nil {
		t.Fatal(err)
	}
	must(r.put("a/b", chartShape.manifest(), "v1"))

	// The type becomes known between two pushes: no drift, before and after the pass.
	must(r.pushShape("a/b", unknownShape, "rocket"))
	rocket := unknownShape
	rocket.content = "another"
	known := withEntry(t, "rocket", "id: rocket\ntitle: Rocket\nshort: rocket\ncategory: package\nmatch: [{config: application/vnd.acme.rocket.config.v1+json}]\nactions: [{id: show, label: Show, command: \"oras manifest fetch {ref}\"}]\n")
	current.Store(known)
	must(r.pushShape("a/b", rocket, "rocket"))
	if err := r.Reidentify(ctx); err != nil {
		t.Fatal(err)
	}
	rocket.content = "one more"
	must(r.pushShape("a/b", rocket, "rocket"))

	// A list of referrers under a digest's tag is no name that keeps a type.
	tag := oci.Tag(strings.Replace(string(oci.SHA256.Sum(list)), ":", "-", 1))
	must(r.put("a/b", encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": []any{}}), tag))
	must(r.put("a/b", encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": []any{
		map[string]any{"mediaType": oci.MediaTypeImageManifest, "artifactType": "application/spdx+json", "digest": oci.SHA256.Sum([]byte("x")), "size": 1},
	}}), tag))
}

// The same bytes do not come in as something else by another Content-Type.
func TestAnotherContentType(t *testing.T) {
	empty := []byte(`{"schemaVersion":2,"manifests":[]}`)
	push := func(r *ruled, mediaType string, tags ...oci.Tag) (oci.Pushed, error) {
		return r.Push(ctx, "a/b", oci.Push{MediaType: mediaType, Content: empty, Tags: tags, Grant: oci.Everything})
	}
	for rules, want := range map[string]policy.Verdict{
		"allow: oci-image-index":           policy.Deny,
		"quarantine: docker-manifest-list": policy.Deny,
		"warn: docker-manifest-list":       policy.Warn,
		"deny: wasm":                       policy.Allow,
	} {
		r := newRuled(t, storetest.SQLite(t), "admission: [{"+rules+"}]")
		if p, err := push(r, oci.MediaTypeImageIndex, "v1", "v2"); err != nil || len(p.Warnings) > 0 {
			t.Fatal(p.Warnings, err)
		}
		if m, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: "v2"}); err != nil || m.Descriptor.MediaType != oci.MediaTypeImageIndex {
			t.Fatal(m, err)
		}
		p, err := push(r, oci.MediaTypeDockerList, "v1")
		if errors.Is(err, oci.Denied) != (want == policy.Deny) || (len(p.Warnings) > 0) != (want == policy.Warn) {
			t.Errorf("%s: %v %q, want %s", rules, err, p.Warnings, want)
		}
		kept := oci.MediaTypeImageIndex
		if want != policy.Deny {
			kept = oci.MediaTypeDockerList
		}
		for _, tag := range []oci.Tag{"v1", "v2"} {
			if m, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: tag}); err != nil || m.Descriptor.MediaType != kept {
				t.Errorf("%s: %s is %v, want %s", rules, tag, m.Descriptor, kept)
			}
		}
	}
}

// A manifest whose config comes late and tells another type goes into quarantine
// where its push would have been refused.
func TestALateConfig(t *testing.T) {
	bootc := []byte(`{"architecture": "amd64", "os": "linux", "config": {"Labels": {"containers.bootc": "1"}}, "rootfs": {"type": "layers", "diff_ids": []}}`)
	layer := []byte("layer")
	of := func(mediaType string, content []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": oci.SHA256.Sum(content), "size": len(content)}
	}
	m := encoded(map[string]any{"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
		"config": of("application/vnd.oci.image.config.v1+json", bootc), "layers": []any{of("application/vnd.oci.image.layer.v1.tar", layer)}})
	for rules, apart := range map[string]bool{"deny: bootc-image": true, "quarantine: bootc-image": true, "warn: bootc-image": false} {
		r := newRuled(t, storetest.SQLite(t), "admission: [{"+rules+"}]", func(o *registry.Options) { o.SparseImages = true })
		if p, err := r.put("a/b", m, "v1"); err != nil || p.Type != "oci-image" {
			t.Fatal(p.Type, err)
		}
		mustPushBlob(t, r, "a/b", bootc)
		_, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: "v1"})
		if (err != nil) != apart {
			t.Errorf("%s: read %v", rules, err)
		}
		tags, err := r.Tags(ctx, "a/b", oci.Page{N: 10})
		if err != nil || (len(tags.Names) == 0) != apart {
			t.Errorf("%s: tags %v, %v", rules, tags, err)
		}
	}
}

// A tag that can be pulled is not taken away by what goes into quarantine, and an
// index is released with what it names.
func TestQuarantineAndTags(t *testing.T) {
	r := newRuled(t, storetest.SQLite(t), "admission: [{repositories: all, quarantine: '*'}, {quarantine: unknown}]")
	if _, err := r.pushShape("a/b", imageShape("1"), "v1"); err != nil {
		t.Fatal(err)
	}
	_, err := r.pushShape("a/b", unknownShape, "v2", "v0", "v1")
	if !errors.Is(err, oci.Denied) || !strings.Contains(err.Error(), "a/b:v1 names something that can be pulled") {
		t.Errorf("a good tag was taken: %v", err)
	}
	if m, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: "v1"}); err != nil || m.Type != "oci-image" {
		t.Errorf("v1: %v", err)
	}
	if _, err := r.pushShape("a/b", unknownShape, "v2"); err != nil {
		t.Error(err)
	}
	if _, err := r.put("a/b", imageShape("1").manifest(), "v2"); err != nil {
		t.Errorf("a tag in quarantine cannot be moved on: %v", err)
	}

	one, two := imageShape("one"), imageShape("two")
	list := indexOf(one.manifest(), two.manifest())
	for _, s := range []shape{one, two} {
		if _, err := r.pushShape("all", s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.put("all", list, "v1"); err != nil {
		t.Fatal(err)
	}
	released, err := r.Release(ctx, "all", oci.Reference{Tag: "v1"})
	if err != nil || len(released) != 3 {
		t.Errorf("released %v, %v", released, err)
	}
	for _, m := range [][]byte{list, one.manifest(), two.manifest()} {
		if _, err := r.Manifest(ctx, "all", oci.Reference{Digest: oci.SHA256.Sum(m)}); err != nil {
			t.Error(err)
		}
	}
}

// Who writes megabytes into a media type fills neither answers nor tables.
func TestLongMediaTypes(t *testing.T) {
	long := shape{config: "application/vnd.oci.empty.v1+json", layer: "x/y", content: "long", more: map[string]any{"artifactType": "application/" + strings.Repeat("x", 1<<20)}}
	r := newRuled(t, storetest.SQLite(t), "admission: [{repositories: closed, allow: image}, {quarantine: unknown}]")
	p, err := r.pushShape("a/b", long, "v1")
	if err != nil || len(p.Warnings) != 1 || len(p.Warnings[0]) > 2000 {
		t.Errorf("%v, a warning of %d bytes", err, len(strings.Join(p.Warnings, "")))
	}
	_, err = r.pushShape("closed", long, "v1")
	if e := oci.AsError(err); e == nil || len(e.Message)+len(encoded(e.Detail)) > 8000 {
		t.Errorf("an answer of %d bytes", len(err.Error()))
	}
}

// In quarantine an artifact is nowhere, and after its release everywhere.
func TestQuarantine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRuled(t, db, "admission: [{quarantine: [unknown, helm-chart, sbom]}]")
		if _, err := r.pushShape("a/b", imageShape("1"), "image"); err != nil {
			t.Fatal(err)
		}
		of := imageShape("1").manifest()
		sbom := shape{config: "application/vnd.oci.empty.v1+json", layer: "application/spdx+json", content: "sbom", more: map[string]any{
			"artifactType": "application/spdx+json",
			"subject":      map[string]any{"mediaType": oci.MediaTypeImageManifest, "digest": oci.SHA256.Sum(of), "size": len(of)},
		}}
		for _, s := range []shape{chartShape, unknownShape, sbom} {
			p, err := r.pushShape("a/b", s, oci.Tag(s.content))
			if err != nil || len(p.Warnings) != 1 {
				t.Fatalf("%s: %v %q", s.content, err, p.Warnings)
			}
		}
		seen := func() string {
			t.Helper()
			tags, err := r.Tags(ctx, "a/b", oci.Page{N: 100})
			if err != nil {
				t.Fatal(err)
			}
			referrers, err := r.Referrers(ctx, "a/b", oci.SHA256.Sum(of), oci.ReferrersQuery{})
			if err != nil {
				t.Fatal(err)
			}
			items, err := r.db.Items(store.Visible{All: true}, store.ItemQuery{N: 10})
			if err != nil {
				t.Fatal(err)
			}
			counts, err := r.db.TypeCounts(store.Visible{All: true})
			if err != nil {
				t.Fatal(err)
			}
			unknown, err := r.db.UnknownTypes(store.Visible{All: true}, artifact.Unknown, 10)
			if err != nil {
				t.Fatal(err)
			}
			repositories, err := r.db.RepositoryItems(store.Visible{All: true}, "", "", 10)
			if err != nil || len(repositories) != 1 {
				t.Fatal(repositories, err)
			}
			return fmt.Sprint(tags.Names, len(referrers.Manifests), len(items), counts, len(unknown), repositories[0].Tags)
		}
		if got, want := seen(), "[image] 0 1 [{oci-image 1}] 0 1"; got != want {
			t.Errorf("in quarantine: %s, want %s", got, want)
		}
		if i, err := r.db.Item(store.Visible{All: true}, "a/b", oci.Reference{Tag: "chart"}); i != nil || err != nil {
			t.Errorf("an item in quarantine: %v %v", i, err)
		}
		// It stays there when it is pushed again, also where the policy has gone.
		r.set("")
		if p, err := r.put("a/b", chartShape.manifest(), "chart", "chart2"); err != nil {
			t.Errorf("pushed again: %v %q", err, p.Warnings)
		}
		if _, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: "chart2"}); !errors.Is(err, oci.Denied) {
			t.Errorf("a new tag brought it out: %v", err)
		}
		rows, err := r.db.Quarantine(0, 10)
		if err != nil || len(rows) != 3 || rows[0].Repository != "a/b" || rows[0].Type != "helm-chart" || rows[0].Reason == "" || rows[0].Since == 0 {
			t.Fatalf("in quarantine are %+v, %v", rows, err)
		}
		if _, err := r.Release(ctx, "a/b", oci.Reference{Tag: "chart"}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Release(ctx, "a/b", oci.Reference{Digest: oci.SHA256.Sum(sbom.manifest())}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Release(ctx, "a/b", oci.Reference{Tag: "chart"}); !errors.Is(err, oci.Unsupported) {
			t.Errorf("released twice: %v", err)
		}
		if _, err := r.Release(ctx, "a/b", oci.Reference{Tag: "none"}); !errors.Is(err, oci.ManifestUnknown) {
			t.Errorf("released what is not here: %v", err)
		}
		if _, err := r.Discard(ctx, "a/b", oci.Reference{Tag: "image"}); !errors.Is(err, oci.Unsupported) {
			t.Errorf("discarded what is in none: %v", err)
		}
		if _, err := r.Discard(ctx, "a/b", oci.Reference{Tag: "rocket"}); err != nil {
			t.Error(err)
		}
		if got, want := seen(), "[chart chart2 image sbom] 1 3 [{helm-chart 2} {oci-image 1}] 0 4"; got != want {
			t.Errorf("released: %s, want %s", got, want)
		}
		for _, tag := range []oci.Tag{"chart", "chart2", "sbom"} {
			if _, err := r.Manifest(ctx, "a/b", oci.Reference{Tag: tag}); err != nil {
				t.Errorf("released, and %s is not read: %v", tag, err)
			}
		}
	})
}

func TestReplay(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	r := newRuled(t, storetest.SQLite(t), "", func(o *registry.Options) { o.Now = func() time.Time { return now } })
	for _, s := range []shape{imageShape("old"), chartShape, imageShape("new"), unknownShape} {
		if _, err := r.pushShape("a/b", s, oci.Tag(s.content)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(24 * time.Hour)
	}
	p, err := policy.Parse([]byte("admission: [{allow: image, quarantine: unknown}]"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = r.Replay(ctx, p, time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), func(j registry.Judged) {
		got = append(got, fmt.Sprint(j.Artifact.Type, " ", j.Decision.Verdict, " ", j.Pushed.Day()))
	})
	if want := "[helm-chart deny 2 oci-image allow 3 unknown quarantine 4]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("replayed %v, %v, want %s", got, err, want)
	}
}

// Where the owner says so, pushers are told what is wrong with their manifests.
func TestLintAtPush(t *testing.T) {
	r := newRuled(t, storetest.SQLite(t), "admission: [{repositories: quiet, lint: off}, {lint: warn}]")
	chart := shape{config: chartShape.config, layer: chartShape.layer, content: "chart"}
	for name, want := range map[oci.Name]string{"quiet": "", "a/b": "config-schema"} {
		p, err := r.pushShape(name, chart, "v1") // its config is no Chart.yaml
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.Warnings, "\n"); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: warnings %q, want %q", name, p.Warnings, want)
		}
	}
	again, err := r.put("a/b", chart.manifest(), "v2")
	if err != nil || len(again.Warnings) == 0 {
		t.Errorf("pushed again: %q, %v", again.Warnings, err)
	}
	config, layer := []byte(`{"apiVersion": "v2", "name": "shop", "version": "1.0.0"}`), []byte("packed")
	for _, b := range [][]byte{config, layer} {
		mustPushBlob(t, r, "a/b", b)
	}
	of := func(mediaType string, content []byte) map[string]any {
		return map[string]any{"mediaType": mediaType, "digest": oci.SHA256.Sum(content), "size": len(content)}
	}
	p, err := r.put("a/b", encoded(map[string]any{
		"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest, "config": of(chart.config, config), "layers": []any{of(chart.layer, layer)},
	}), "v3")
	if err != nil || len(p.Warnings) > 0 {
		t.Errorf("a good chart: %q, %v", p.Warnings, err)
	}
	if p, err := r.pushShape("a/b", shape{config: "application/vnd.oci.empty.v1+json", layer: "x", content: "bad", more: map[string]any{
		"annotations": map[string]string{"a b": "", "org.opencontainers.image.created": "x", "org.opencontainers.image.url": ":", "org.opencontainers.image.nonsense": "1"},
	}}, "v4"); err != nil || len(p.Warnings) == 0 || len(p.Warnings) > 6 {
		t.Errorf("%v, %d warnings: %q", err, len(p.Warnings), p.Warnings)
	}
}

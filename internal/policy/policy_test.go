package policy_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/policy"
)

func builtin(t testing.TB) *artifact.Catalog {
	t.Helper()
	c, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t testing.TB, text string) *policy.Policy {
	t.Helper()
	if text == "" {
		return &policy.Policy{}
	}
	p, err := policy.Parse([]byte(text))
	if err == nil {
		err = p.Check(builtin(t))
	}
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return p
}

// of is an artifact of a type in a repository.
func of(t testing.TB, repository, typ string) policy.Artifact {
	t.Helper()
	k, ok := builtin(t).Type(typ)
	if !ok {
		t.Fatalf("no type %s", typ)
	}
	return policy.Artifact{Repository: repository, Type: typ, Companion: k.Companion, MediaType: "application/vnd.example+json"}
}

func TestVerdicts(t *testing.T) {
	const imagesOnly = "admission: [{allow: [image]}]"
	for _, x := range []struct{ policy, typ, want string }{
		{"", "helm-chart", "allow"},
		{"admission: []", "unknown", "allow"},

		// An allow list takes nothing else, but for what comes along.
		{imagesOnly, "oci-image", "allow"},
		{imagesOnly, "oci-image-index", "allow"},
		{imagesOnly, "docker-image", "allow"},
		{imagesOnly, "docker-manifest-list", "allow"},
		{imagesOnly, "helm-chart", "deny"},
		{imagesOnly, "wasm", "deny"},
		{imagesOnly, "unknown", "deny"},
		{imagesOnly, "invalid", "deny"},
		{imagesOnly, "buildkit-attestation", "allow"},
		{imagesOnly, "cosign-signature", "allow"},
		{imagesOnly, "cosign-attestation", "allow"},
		{imagesOnly, "sigstore-bundle", "allow"},
		{imagesOnly, "notation-signature", "allow"},
		{imagesOnly, "sbom-spdx", "allow"},
		{imagesOnly, "cnab-bundle", "allow"},
		{imagesOnly, "cnab-config", "allow"},
		{imagesOnly, "cnab-component", "deny"},
		{imagesOnly, "referrers-index", "allow"},
		{imagesOnly, "buildkit-cache", "deny"},
		{"admission: [{allow: [oci-image]}]", "cnab-bundle", "allow"},
		{"admission: [{allow: [oci-image]}]", "docker-image", "deny"},
		{"admission: [{allow: [cnab-bundle]}]", "cnab-config", "allow"},
		{"admission: [{allow: [cnab-bundle]}]", "cnab-component", "allow"},
		{"admission: [{allow: [cnab-bundle]}]", "oci-image", "deny"},
		{"admission: [{allow: [helm-chart]}]", "cnab-bundle", "deny"},
		{"admission: [{allow: helm-chart}]", "cosign-signature", "allow"},

		// Companions, and what comes along, stay out where they are named.
		{"admission: [{allow: [image], deny: [cosign-signature]}]", "cosign-signature", "deny"},
		{"admission: [{allow: [image], deny: [signature]}]", "notation-signature", "deny"},
		{"admission: [{allow: [image], deny: [signature]}]", "sbom-spdx", "allow"},
		{"admission: [{allow: [image], deny: [cnab-bundle]}]", "cnab-bundle", "deny"},
		{"admission: [{allow: [image], deny: [\"*\"]}]", "cosign-signature", "allow"},
		{"admission: [{allow: [image], deny: [\"*\"]}]", "helm-chart", "deny"},
		{"admission: [{deny: known}]", "cosign-signature", "allow"},
		{"admission: [{quarantine: [sbom]}]", "sbom-spdx", "quarantine"},

		// What names a type most exactly decides, wherever it stands.
		{"admission: [{deny: [container], allow: [image]}]", "oci-image", "allow"},
		{"admission: [{deny: [container], allow: [image, '*']}]", "nydus-image", "deny"},
		{"admission: [{deny: [image], allow: [oci-image]}]", "oci-image", "allow"},
		{"admission: [{deny: [image], allow: [oci-image]}]", "docker-image", "deny"},
		{"admission: [{allow: ['*'], warn: [known], quarantine: [package], deny: [helm-chart]}]", "helm-chart", "deny"},
		{"admission: [{allow: ['*'], warn: [known], quarantine: [package], deny: [helm-chart]}]", "oci-image", "warn"},
		{"admission: [{allow: ['*'], warn: [known], quarantine: [package], deny: [helm-chart]}]", "unknown", "allow"},
		{"admission: [{quarantine: [unknown]}]", "unknown", "quarantine"},
		{"admission: [{quarantine: [unknown]}]", "invalid", "quarantine"},
		{"admission: [{quarantine: [unknown]}]", "wasm", "allow"},
		{"admission: [{deny: ['*']}]", "oci-image", "deny"},
		{"admission: [{deny: ['*']}]", "cosign-signature", "deny"},
		{"admission: [{deny: ['*']}]", "referrers-index", "deny"},
		{"admission: [{quarantine: ['*']}]", "sbom-spdx", "quarantine"},
		{"admission: [{deny: unknown}]", "cosign-signature", "allow"},
		{"admission: [{allow: [container], deny: [image]}]", "cnab-bundle", "deny"},
		{"admission: [{allow: [container], deny: [image]}]", "cnab-config", "deny"},
		{"admission: [{allow: [known]}]", "unknown", "deny"},
		{"admission: [{allow: [known]}]", "wasm", "allow"},

		// One word that is an id and a category.
		{"admission: [{deny: [wasm]}]", "wasm", "deny"},
		{"admission: [{deny: [wasm]}]", "spin-app", "deny"},
		{"admission: [{deny: ['type:wasm']}]", "spin-app", "allow"},
		{"admission: [{deny: ['category:wasm'], allow: ['type:wasm', '*']}]", "wasm", "allow"},
		{"admission: [{deny: ['category:wasm'], allow: ['type:wasm', '*']}]", "spin-app", "deny"},
		{"admission: [{deny: ['group:image']}]", "oci-image", "deny"},

		// The first rule for the repository decides, also when it says nothing of the type.
		{"admission: [{repositories: other/*, deny: '*'}, {deny: helm-chart}]", "helm-chart", "deny"},
		{"admission: [{repositories: team/*, deny: wasm}, {deny: helm-chart}]", "helm-chart", "allow"},
		{"admission: [{repositories: [x, 'team/**'], allow: image}, {allow: '*'}]", "helm-chart", "deny"},
	} {
		p := parse(t, x.policy)
		d := p.Admit(builtin(t), of(t, "team/app", x.typ))
		if d.Verdict.String() != x.want {
			t.Errorf("%s\n%s: %s (%s), want %s", x.policy, x.typ, d.Verdict, d.Because, x.want)
		}
		if d.Because == "" || d.Type != x.typ {
			t.Errorf("%s\n%s: the decision says %+v", x.policy, x.typ, d)
		}
	}
}

func TestRepositories(t *testing.T) {
	for _, x := range []struct {
		glob string
		yes  string
		no   string
	}{
		{"team/*", "team/a team/a-b", "team team/a/b teams/a"},
		{"team/**", "team team/a team/a/b", "teams/a a/team"},
		{"**", "a a/b a/b/c", ""},
		{"**/charts", "charts a/charts a/b/charts", "charts/a a/charts/b"},
		{"a/**/z", "a/z a/b/z a/b/c/z", "a z a/b b/z"},
		{"**/**/z", "z a/z", "a"},
		{"*", "a", "a/b"},
		{"dev-*/app", "dev-1/app dev-/app", "dev/app dev-1/app/x"},
		{"library/nginx", "library/nginx", "library/nginx2 nginx"},
		{"a/*/*", "a/b/c", "a/b a/b/c/d"},
	} {
		p := parse(t, "admission: [{repositories: '"+x.glob+"', deny: '*'}]")
		for want, names := range map[policy.Verdict]string{policy.Deny: x.yes, policy.Allow: x.no} {
			for name := range strings.FieldsSeq(names) {
				if d := p.Admit(builtin(t), of(t, name, "wasm")); d.Verdict != want {
					t.Errorf("%s: %s is %s, want %s", x.glob, name, d.Verdict, want)
				}
			}
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"admission: {}", "policy.yaml:1:12"},
		{"admision: []", `policy.yaml:1:1: unknown field "admision"`},
		{"admission:\n  - alow: image\n", `policy.yaml:2:5: unknown field "alow"`},
		{"admission:\n  - allow: imagee\n", "policy.yaml:2:"},
		{"admission:\n  - allow: image\n  - repositories: a\n", "policy.yaml:3:5: the rule says nothing"},
		{"", `write "admission: []"`},
		{"# all is commented out\n", `write "admission: []"`},
		{"---\n---\nadmission:\n  - deny: wasm\n", "holds 2 documents"},
		{"admission:", "policy.yaml:1:1: admission has no value"},
		{"admission: [{allow: []}]", "policy.yaml:1:14: allow has no value"},
		{"admission:\n  - allow:\n    deny: wasm\n", "policy.yaml:2:5: allow has no value"},
		{"admission:\n  - repositories:\n    deny: wasm\n", "policy.yaml:2:5: repositories has no value"},
		{"admission: [{repositories: ~, deny: wasm}]", "repositories has no value"},
		{"admission: [{deny: [], lock: warn}]", "deny has no value"},
		{"admission: [{deny: [~]}]", "policy.yaml:1:"},
		{"admission: [{deny: image}, {repositories: a/*, deny: wasm}]", "the rule is never looked at: policy.yaml:1 stands before it"},
		{"admission: [{deny: [image, image]}]", "image is named twice under deny"},
		{"admission: [{allow: 'image v1'}]", `"image v1" is no type's id`},
		{"admission: [{allow: 'types:wasm'}]", "want type:ID, group:NAME or category:NAME"},
		{"admission: [{allow: 'type:'}]", `"type:" is no type's id`},
		{"admission: [{deny: estargz-image}]", `no type of the catalog has the id, group or category "estargz-image"`},
		{"admission: [{deny: 'type:image'}]", `"type:image"`},
		{"admission: [{allow: image, deny: image}]", "image is named under deny and under allow"},
		{"admission: [{lock: yes}]", "want warn, deny or off"},
		{"admission: [{lock: maybe}]", `lock is "maybe"`},
		{"admission: [{lint: deny}]", `lint is "deny": want warn or off`},
		{"admission: [{repositories: [], deny: '*'}]", "repositories has no value"},
		{"admission: [{repositories: 'Team/*', deny: '*'}]", `no repository's name has "T" in it`},
		{"admission: [{repositories: '/a', deny: '*'}]", "empty part"},
		{"admission: [{repositories: 'a//b', deny: '*'}]", "empty part"},
		{"admission: [{repositories: 'a**', deny: '*'}]", "stands for whole parts"},
		{"admission: [{repositories: '[a]', deny: '*'}]", "no repository's name"},
		{"admission: [{deny: {a: b}}]", "policy.yaml:1:"},
		{"admission:\n\t- deny: x", "policy.yaml:"},
		{"a: &a [x,x]\nb: &b [*a,*a]\nadmission: *b", "policy.yaml:"},
		{"admission: []\n---\nadmission: [{deny: '*'}]\n", "holds 2 documents"},
		{strings.Repeat("#", 2<<20), "at most 1048576 are read"},
		{"admission: [" + strings.Repeat("{deny: '*'},", 1001) + "]", "at most 1000 are read"},
	} {
		p, err := policy.Parse([]byte(x.text))
		if err == nil {
			err = p.Check(builtin(t))
		}
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%.80s\nsays %v, want %s", x.text, err, x.want)
		}
	}
}

// All that is wrong is said at once.
func TestAllErrors(t *testing.T) {
	_, err := policy.Parse([]byte("admission:\n  - {lock: x, deny: 'A B'}\n  - {repositories: A, allow: '*'}\n"))
	for _, want := range []string{"policy.yaml:2:", `lock is "x"`, `"A B"`, "policy.yaml:3:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s: %v", want, err)
		}
	}
}

func TestLock(t *testing.T) {
	c := builtin(t)
	p := parse(t, "admission: [{repositories: free, lock: 'off', deny: wasm}, {repositories: soft, lock: warn}, {lock: deny, reason: Tags keep their type.}]")
	raw := func(a policy.Artifact, mediaType string) policy.Artifact { a.MediaType = mediaType; return a }
	for _, x := range []struct {
		was, is policy.Artifact
		want    policy.Verdict
	}{
		{of(t, "a", "oci-image"), of(t, "a", "helm-chart"), policy.Deny},
		{of(t, "a", "oci-image"), of(t, "a", "oci-image"), policy.Allow},
		{of(t, "a", "oci-image"), of(t, "a", "oci-image-index"), policy.Allow},
		{of(t, "a", "docker-image"), of(t, "a", "oci-image-index"), policy.Allow},
		{of(t, "a", "oci-image"), of(t, "a", "unknown"), policy.Deny},
		{of(t, "a", "unknown"), of(t, "a", "unknown"), policy.Allow},
		{raw(of(t, "a", "unknown"), "application/a"), raw(of(t, "a", "unknown"), "application/b"), policy.Deny},
		{of(t, "soft", "wasm"), of(t, "soft", "helm-chart"), policy.Warn},
		{of(t, "free", "wasm"), of(t, "free", "helm-chart"), policy.Allow},
	} {
		d := p.Lock(c, x.was, x.is)
		if d.Verdict != x.want {
			t.Errorf("%s in %s becomes %s: %s, want %s", x.was.Type, x.is.Repository, x.is.Type, d.Verdict, x.want)
		}
		if d.Verdict == policy.Deny && (d.Reason != "Tags keep their type." || d.Rule == "") {
			t.Errorf("the decision says %+v", d)
		}
	}
	if p := parse(t, "admission: [{repositories: a/*, lint: warn}, {lint: off}]"); !p.Lints("a/b") || p.Lints("b") || p.Lints("a") {
		t.Error("what is linted")
	}
	if p.Locks("free") || !p.Locks("soft") || !p.Locks("a") {
		t.Error("what is locked")
	}
}

func TestSentences(t *testing.T) {
	c := builtin(t)
	p := parse(t, "admission:\n  - repositories: images\n    allow: image\n    reason: Ask us.\n  - quarantine: unknown\n    warn: wasm\n")
	for _, x := range []struct {
		artifact policy.Artifact
		want     []string
	}{
		{of(t, "images", "helm-chart"), []string{"images: ", "helm-chart (Helm chart)", "not taken here", "policy.yaml:2", "only image is taken", "Ask us."}},
		{of(t, "images", "unknown"), []string{"application/vnd.example+json", "argosy types new", "argosy types add", "Ask us. To have"}},
		{of(t, "x", "unknown"), []string{"in quarantine", "policy.yaml:5", "argosy quarantine release"}},
		{of(t, "x", "wasm"), []string{"not meant for this repository", "policy.yaml:5"}},
	} {
		text := p.Admit(c, x.artifact).Sentence(c, x.artifact)
		for _, want := range x.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
		if strings.Contains(text, "..") || strings.ContainsAny(text, "\n\"") && x.artifact.Type == "helm-chart" {
			t.Errorf("%q does not read well", text)
		}
	}
}

func TestExplain(t *testing.T) {
	p := parse(t, "admission:\n  - repositories: other\n    deny: '*'\n  - repositories: a\n    deny: [container]\n    allow: [image, '*']\n  - lock: warn\n")
	all := p.Explain(builtin(t), of(t, "a", "oci-image"))
	if len(all) != 3 {
		t.Fatalf("%d rules are explained", len(all))
	}
	for i, want := range []string{"is not for a", "decides: allow: image names oci-image by its group; deny: container names it less exactly; allow: * names it less exactly", "stands after policy.yaml:4"} {
		if !strings.Contains(all[i].Outcome, want) {
			t.Errorf("rule %d: %q, want %q", i, all[i].Outcome, want)
		}
	}
}

func TestVerdictsAreWords(t *testing.T) {
	for _, v := range []policy.Verdict{policy.Allow, policy.Warn, policy.Quarantine, policy.Deny} {
		text, err := json.Marshal(v)
		var back policy.Verdict
		if err != nil || json.Unmarshal(text, &back) != nil || back != v {
			t.Errorf("%v is written %s", v, text)
		}
	}
	var v policy.Verdict
	if json.Unmarshal([]byte(`"perhaps"`), &v) == nil {
		t.Error("perhaps is a verdict")
	}
}

// A followed entry that calls its artifacts companions is taken only where it is named.
func TestFollowedCompanions(t *testing.T) {
	entry := "id: rocket\ntitle: Rocket\nshort: rocket\ncategory: package\ncompanion: true\nadmittedWith: ['*']\nmatch: [{artifactType: application/vnd.acme.rocket}]\nactions: [{id: show, label: Show, command: \"show {ref}\"}]\n"
	files := fstest.MapFS{"rocket.yaml": {Data: []byte(entry)}, "rocket.svg": {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>`)}}
	for origin, want := range map[artifact.Origin]policy.Verdict{artifact.OriginFollowed: policy.Deny, artifact.OriginLocal: policy.Allow} {
		c, err := artifact.Load(artifact.BuiltinSource(), artifact.Source{FS: files, Origin: origin})
		if err != nil {
			t.Fatal(err)
		}
		a := policy.Artifact{Repository: "a", Type: "rocket", Companion: true}
		if d := parse(t, "admission: [{allow: image}]").Admit(c, a); d.Verdict != want {
			t.Errorf("%s: %s (%s), want %s", origin, d.Verdict, d.Because, want)
		}
		p, err := policy.Parse([]byte("admission: [{allow: [image, rocket]}]"))
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Admit(c, a); d.Verdict != policy.Allow {
			t.Errorf("%s, named: %s", origin, d.Verdict)
		}
	}
}

// The policies that the documentation shows can be read.
func TestPoliciesInTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/admission.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("it shows none")
	}
	for _, b := range blocks {
		b, _, _ = strings.Cut(b, "```")
		parse(t, b)
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("admission: [{repositories: a/**, allow: image, lock: warn}]")
	f.Add("admission:\n  - deny: ['*', known]\n    reason: x\n")
	f.Add("admission: [{allow: 'type:wasm', quarantine: unknown}]")
	c := builtin(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policy.Parse([]byte(text))
		if err != nil {
			return
		}
		_ = p.Check(c)
		for _, typ := range []string{"oci-image", "unknown", "cosign-signature", "cnab-config", "no-such-type"} {
			a := policy.Artifact{Repository: "a/b", Type: typ}
			d := p.Admit(c, a)
			if d.Sentence(c, a) == "" || d.Because == "" {
				t.Errorf("nothing is said of %s", typ)
			}
			p.Explain(c, a)
			p.Lock(c, a, policy.Artifact{Repository: "a/b", Type: "helm-chart"})
		}
	})
}

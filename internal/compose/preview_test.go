package compose_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/share/sharetest"
)

// files are an entry's and its icon's.
func files(id, artifactType string) map[string][]byte {
	return map[string][]byte{id + ".yaml": []byte(sharetest.Entry(id, artifactType)), id + ".svg": []byte(sharetest.Icon)}
}

// What entries would change is told before they are in force, and nothing is changed.
func TestPreview(t *testing.T) {
	c := settings(t, nil)
	url := serve(t, c)
	var ops *operator.Client
	ctx := context.Background()
	for ops == nil { // the socket comes after the listener
		if client, err := operator.Dial(ctx, c.Data); err == nil {
			ops = client
		}
	}
	push := func(repo, tag, artifactType string, n int) {
		body := fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"artifactType":%q,"manifests":[],"annotations":{"n":"%d"}}`, oci.MediaTypeImageIndex, artifactType, n)
		if tag == "" {
			tag = string(oci.SHA256.Sum(body))
		}
		if status, _ := do(t, "PUT", url+"/v2/"+repo+"/manifests/"+tag, body, "Content-Type", oci.MediaTypeImageIndex); status != 201 {
			t.Fatalf("a push is answered %d", status)
		}
	}
	for n := range 250 { // more than one slice
		push("site/rockets", fmt.Sprintf("v%d", n), "application/vnd.acme.rocket", n)
	}
	push("site/ships", "", "application/vnd.acme.ship", 0)
	preview := func(p operator.Proposal) operator.Preview {
		t.Helper()
		v, err := ops.Preview(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	none := []string{}
	want := operator.Preview{Added: []string{"rocket"}, Changed: none, Removed: none, Types: []operator.TypeChange{
		{From: "unknown", To: "rocket", Count: 250, Examples: []string{"site/rockets:v0", "site/rockets:v1"}},
	}}
	rocket := files("rocket", "application/vnd.acme.rocket")
	for _, ref := range []string{"", "central.example/types:1"} {
		for range 2 { // it changes nothing
			if diff := cmp.Diff(want, preview(operator.Proposal{Files: rocket, Ref: ref, Examples: 2})); diff != "" {
				t.Errorf("with reference %q: %s", ref, diff)
			}
		}
	}
	if _, err := ops.Preview(ctx, operator.Proposal{Files: files("helm-chart", "application/vnd.acme.rocket"), Ref: "central.example/types:1"}); err == nil || !strings.Contains(err.Error(), "takes over") {
		t.Errorf("a takeover: %v", err)
	}
	over := preview(operator.Proposal{Files: files("helm-chart", "application/vnd.acme.rocket"), Ref: "central.example/types:1", Override: true})
	if cmp.Diff([]string{"helm-chart"}, over.Changed) != "" || len(over.Added) > 0 {
		t.Errorf("trusted with it: %+v", over)
	}
	if _, err := ops.Preview(ctx, operator.Proposal{Files: map[string][]byte{"a.yaml": []byte("id: b\n")}}); err == nil || !strings.Contains(err.Error(), "a.yaml:1") {
		t.Errorf("a broken entry: %v", err)
	}
	if err := ops.Add(ctx, rocket); err != nil {
		t.Fatal(err)
	}
	changed := preview(operator.Proposal{Files: files("rocket", "application/vnd.acme.ship"), Examples: 1})
	want = operator.Preview{Added: none, Changed: []string{"rocket"}, Removed: none, Types: []operator.TypeChange{
		{From: "rocket", To: "unknown", Count: 250, Examples: []string{"site/rockets:v0"}},
		{From: "unknown", To: "rocket", Count: 1, Examples: changed.Types[len(changed.Types)-1].Examples},
	}}
	if diff := cmp.Diff(want, changed); diff != "" || !strings.HasPrefix(want.Types[1].Examples[0], "site/ships@sha256:") {
		t.Errorf("%s %q", diff, want.Types[1].Examples)
	}
	if left, err := filepath.Glob(filepath.Join(c.Data, "types", "*")); err != nil || len(left) != 2 {
		t.Errorf("the folder holds %q", left)
	}
}

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

const shipIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M2 2h20v20z"/></svg>`

// artHost serves what a mapping file points at, and the file itself.
func artHost(t *testing.T) (host string, mapping string) {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	files := map[string]string{
		"/art/ship.svg": shipIcon, "/art/boat.svg": "<html>a page</html>", "/art/boat.png": picture.String(),
		"/schema/ship.json": `{"type":"object","required":["sails"]}`,
	}
	mapping = strings.ReplaceAll(`{
  "schemaVersion": 1,
  "mediaTypes": [
    {
      "mediaType": "application/vnd.acme.ship.config.v1+json",
      "title": "Acme Ship",
      "description": "Sails.",
      "icon.svg": "HOST/acme/art/-/blob/main/ship.svg",
      "icon.png": "HOST/none.png",
      "moreInfo": "https://acme.example/ship",
      "tools": [{"title": "Sailor", "installer": "https://acme.example/sailor"}],
      "schemaValidation": "HOST/schema/ship.json"
    },
    {
      "mediaType": "application/vnd.acme.boat",
      "title": "Acme Boat",
      "icon.svg": "HOST/art/boat.svg",
      "icon.png": "HOST/art/boat.png",
      "tools": [{"title": "Rower", "installer": "http://acme.example/rower"}],
      "harbour": {"deep": true}
    }
  ]
}
`, "HOST", s.URL)
	files["/acme/art/-/raw/main/ship.svg"] = shipIcon
	files["/mediaTypeMappings.json"] = mapping
	for path, text := range files {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) })
	}
	return s.URL, mapping
}

// pushOf pushes a manifest whose config is of a media type, and one with it as its
// artifactType.
func (l *live) pushOf(t *testing.T, repo, mediaType string) {
	t.Helper()
	l.push(t, repo)
	const empty = `"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`
	for tag, manifest := range map[string]string{
		"config":       fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,%s,"layers":[]}`, oci.MediaTypeImageManifest, mediaType, empty),
		"artifacttype": fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"artifactType":%q,"config":{"mediaType":"application/vnd.oci.empty.v1+json",%s,"layers":[]}`, oci.MediaTypeImageManifest, mediaType, empty),
	} {
		r, err := http.NewRequest("PUT", "http://"+l.host+"/v2/"+repo+"/manifests/"+tag, strings.NewReader(manifest))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", oci.MediaTypeImageManifest)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("PUT %s:%s: %s", repo, tag, res.Status)
		}
	}
}

// get is what the server answers at a path.
func (l *live) get(t *testing.T, path string) (string, http.Header) {
	t.Helper()
	res, err := http.Get("http://" + l.host + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v\n%s", path, res.Status, err, body)
	}
	return string(body), res.Header
}

func wantJSON(t *testing.T, want, got string) {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(want), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &y); err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	if diff := cmp.Diff(x, y); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A mapping file with invented media types: what was pushed before and after shows
// title, icon and tools on every face, and nothing is lost on the way back.
func TestImportAMapping(t *testing.T) {
	host, mapping := artHost(t)
	l := newLive(t)
	l.pushOf(t, "before/ship", "application/vnd.acme.ship.config.v1+json")
	l.pushOf(t, "before/boat", "application/vnd.acme.boat")
	file := host + "/mediaTypeMappings.json"
	if code, _, errs := run("types", "import", file, "--data", l.data); code != 1 || !strings.Contains(errs, "--allow-private") {
		t.Errorf("from a private address: exit code %d, %s", code, errs)
	}
	if out := ask(t, "types", "import", file, "--data", l.data, "--allow-private", "--dry-run"); !strings.Contains(out, "would be added: acme-ship-v1: Acme Ship, application/vnd.acme.ship.config.v1+json\n") {
		t.Errorf("dry run: %s", out)
	}
	if out := ask(t, "types", "ls", "--data", l.data); strings.Contains(out, "acme-ship") {
		t.Errorf("the dry run has added: %s", out)
	}
	code, out, errs := run("types", "import", file, "--data", l.data, "--allow-private")
	if code != 0 || !strings.Contains(out, "in force: acme-boat: Acme Boat") {
		t.Fatalf("exit code %d, %s%s", code, out, errs)
	}
	for _, want := range []string{"mediaTypes[1].harbour", "acme.example/rower", "boat.svg is not taken: it is a web page"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no warning of %q: %s", want, errs)
		}
	}
	l.pushOf(t, "after/ship", "application/vnd.acme.ship.config.v1+json")
	l.pushOf(t, "after/boat", "application/vnd.acme.boat")
	for _, repo := range []string{"before", "after"} {
		for _, tag := range []string{"config", "artifacttype"} {
			until(t, "Acme Ship", "ls", l.host+"/"+repo+"/ship", "--type", "acme-ship-v1")
			l.wantFace(t, repo+"/ship", tag, "Acme Ship", "Sailor", "image/svg+xml")
			l.wantFace(t, repo+"/boat", tag, "Acme Boat", "Rower", "image/png")
		}
	}
	typ, _ := l.get(t, "/v2/_argosy/types/acme-ship-v1")
	for _, want := range []string{`"name":"Acme Ship"`, `"installer":"https://acme.example/sailor"`, `"home":"https://acme.example/ship"`, `"source":"` + file + `"`} {
		if !strings.Contains(typ, want) {
			t.Errorf("%s is not in %s", want, typ)
		}
	}
	for _, from := range [][]string{{"--data", l.data}, {"--from", l.host}} {
		code, out, errs := run(append([]string{"types", "export", "--format", "mapping-2019"}, from...)...)
		if code != 0 || errs != "" {
			t.Errorf("export %s: exit code %d, %s", from, code, errs)
		}
		wantJSON(t, mapping, out)
	}
}

// wantFace holds the JSON answers, the page and the command line against what an
// artifact should be shown as.
func (l *live) wantFace(t *testing.T, repo, tag, title, tool, iconType string) {
	t.Helper()
	text, _ := l.get(t, "/v2/"+repo+"/_argosy/artifacts/"+tag)
	var item browse.Item
	if err := json.Unmarshal([]byte(text), &item); err != nil {
		t.Fatal(err)
	}
	if item.Type.Name != title || len(item.Type.Tools) != 1 || item.Type.Tools[0].Title != tool || len(item.Actions) == 0 {
		t.Errorf("%s:%s is %+v with %d actions", repo, tag, item.Type, len(item.Actions))
	}
	icon, header := l.get(t, item.Type.Icon)
	if header.Get("Content-Type") != iconType || !strings.HasPrefix(header.Get("Content-Security-Policy"), "sandbox;") || title == "Acme Ship" && icon != shipIcon {
		t.Errorf("%s:%s: the icon is %s: %.80q", repo, tag, header.Get("Content-Type"), icon)
	}
	page, _ := l.get(t, "/")
	_, row, _ := strings.Cut(page, "/</span><wbr>"+repo+"<wbr><b>:"+tag+"</b>")
	row, _, _ = strings.Cut(row, "</tr>")
	for _, want := range []string{title + "</a>", tool, item.Type.Icon} {
		if !strings.Contains(row, want) {
			t.Errorf("%s:%s: %q is not in the row of the page: %s", repo, tag, want, row)
		}
	}
	found := false
	for line := range strings.Lines(ask(t, "ls", l.host)) {
		found = found || strings.Contains(line, repo+":"+tag) && strings.Contains(line, title) && strings.Contains(line, tool)
	}
	if !found {
		t.Errorf("%s:%s is not listed as %s with %s:\n%s", repo, tag, title, tool, ask(t, "ls", l.host))
	}
}

// A media type that is known stays what it is, and is called as the file says.
func TestImportAMappingOfAKnownType(t *testing.T) {
	l := newLive(t)
	const mediaType = "application/vnd.cncf.helm.config.v1+json"
	l.pushOf(t, "charts/web", mediaType)
	file := filepath.Join(t.TempDir(), "m.json")
	text := `{"schemaVersion":1,"mediaTypes":[{"mediaType":"` + mediaType + `","title":"Acme Chart","icon.svg":"https://acme.example/chart.svg","tools":[{"title":"Steer","installer":"https://acme.example/steer"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := ask(t, "types", "import", file, "--data", l.data, "--offline"); !strings.Contains(out, ", extends helm-chart, ") {
		t.Errorf("import: %s", out)
	}
	until(t, "Acme Chart", "ls", l.host+"/charts/web", "--type", "helm-chart")
	l.wantFace(t, "charts/web", "config", "Acme Chart", "Steer", "image/svg+xml")
	for _, args := range [][]string{{"types", "ls", l.host}, {"types", "ls", "--data", l.data}} {
		if out := ask(t, args...); !strings.Contains(out, "Acme Chart, of helm-chart") {
			t.Errorf("argosy %s: %s", strings.Join(args, " "), out)
		}
	}
	if out := ask(t, "types", "explain", l.host+"/charts/web:config"); !strings.Contains(out, "type: helm-chart (Acme Chart)") || !strings.Contains(out, "shown as: cncf-helm-v1, rule 1") {
		t.Errorf("explain: %s", out)
	}
	wantJSON(t, text, ask(t, "types", "export", "--data", l.data, "--format", "mapping-2019"))
	ask(t, "types", "rm", "cncf-helm-v1", "--data", l.data)
	until(t, "Helm chart", "ls", l.host+"/charts/web", "--type", "helm-chart")
}

// One bad mapping refuses the file, with all that is wrong and where.
func TestImportIsAllOrNothing(t *testing.T) {
	l := &live{data: filepath.Join(t.TempDir(), "data")}
	l.start(t)()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const good = `{"mediaType":"application/vnd.acme.good","title":"Good"}`
	for name, c := range map[string]struct{ text, says string }{
		"bad.json":    {`{"schemaVersion":1,"mediaTypes":[` + good + `,{"mediaType":"x","title":"X"},{"mediaType":"application/x","title":"Y","moreInfo":"javascript:alert(1)"}]}`, "bad.json:1:104: mediaTypes[1].mediaType"},
		"images.json": {`{"schemaVersion":1,"mediaTypes":[` + good + `,{"mediaType":"application/octet-stream","title":"X"}]}`, "mediaTypes[1]: application/octet-stream says nothing"},
		"text.txt":    {"hello", "neither a bundle"},
		"empty.json":  {"", "neither a bundle"},
		"broken.zip":  {"PK\x03\x04 no archive", "bundle cannot be read"},
		"alone.yaml":  {"id: alone\ntitle: Alone\nshort: alone\nmatch: [{artifactType: application/vnd.acme.alone}]\n", "alone.svg"},
	} {
		code, out, errs := run("types", "import", write(name, c.text), "--data", l.data, "--offline")
		if code != 1 || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit code %d, %s%s, want %q", name, code, out, errs, c.says)
		}
	}
	if code, _, errs := run("types", "import", filepath.Join(dir, "bad.json"), "--data", l.data); code != 1 || !strings.Contains(errs, "mediaTypes[2].moreInfo") {
		t.Errorf("not all that is wrong is said: %s", errs)
	}
	if code, _, errs := run("types", "import", "https://acme.example/m.json", "--data", l.data, "--offline"); code != 1 || !strings.Contains(errs, "--offline") {
		t.Errorf("offline from a URL: exit code %d, %s", code, errs)
	}
	if left, err := filepath.Glob(filepath.Join(l.data, "types", "*")); err != nil || len(left) > 0 {
		t.Errorf("the folder holds %q, %v", left, err)
	}
	if code, _, errs := run("types", "export", "--data", l.data); code != 1 || !strings.Contains(errs, "--all") {
		t.Errorf("nothing to export: exit code %d, %s", code, errs)
	}
}

// A bundle goes from one registry to another, stopped or running, as a file or from
// the registry that has it.
func TestBundles(t *testing.T) {
	host, _ := artHost(t)
	l := newLive(t)
	until(t, "oci-image", "types", "ls", "--data", l.data)
	ask(t, "types", "import", host+"/mediaTypeMappings.json", "--data", l.data, "--allow-private")
	dir := t.TempDir()
	ask(t, "types", "new", "rocket", "--dir", dir)
	if out := ask(t, "types", "import", dir, "--data", l.data); !strings.Contains(out, "in force: rocket: Rocket") {
		t.Errorf("a folder: %s", out)
	}
	file := filepath.Join(t.TempDir(), "types.zip")
	ask(t, "types", "export", "--data", l.data, "-o", file)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := &live{data: filepath.Join(t.TempDir(), "data")}
	other.start(t)()
	if out := ask(t, "types", "import", file, "--data", other.data); strings.Count(out, "in force: ") != 3 {
		t.Errorf("a bundle: %s", out)
	}
	if out := ask(t, "types", "export", "--data", other.data); out != string(want) {
		t.Error("what comes out of the other registry is another bundle")
	}
	if out := ask(t, "types", "export", "--from", l.host); out != string(want) {
		t.Error("the registry itself answers another bundle")
	}
	third := newLive(t)
	until(t, "oci-image", "types", "ls", "--data", third.data)
	ask(t, "types", "import", "http://"+l.host+"/v2/_argosy/types/unknown/bundle?origin=local", "--data", third.data, "--allow-private")
	if out := ask(t, "types", "export", "--data", third.data); out != string(want) {
		t.Error("what comes out of the third registry is another bundle")
	}
	if out := ask(t, "types", "export", "rocket", "--data", l.data, "-o", file); out != "" {
		t.Errorf("said %s", out)
	}
	if out := ask(t, "types", "import", file, "--data", l.data); out != "in force: rocket: Rocket, application/vnd.example.rocket.v1, in place of the local entry\n" {
		t.Errorf("once more: %s", out)
	}
	if out := ask(t, "types", "export", "helm-chart", "--format", "mapping-2019"); !strings.Contains(out, "application/vnd.cncf.helm.config.v1+json") {
		t.Errorf("a built-in one: %s", out)
	}
	for _, args := range [][]string{{"balloon"}, {"--format", "xml"}, {"--from", "a/b"}, {"--from", l.host, "--data", l.data}} {
		if code, _, _ := run(append([]string{"types", "export"}, args...)...); code != 1 {
			t.Errorf("export %s: exit code %d", args, code)
		}
	}
}

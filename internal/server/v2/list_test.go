package v2_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
)

// emptyIndex is a manifest that names nothing.
const emptyIndex = `{"schemaVersion":2,"mediaType":"` + indexType + `","manifests":[]}`

var listCases = []wireCase{
	{"list/tags", func(w *wire) {
		w.put(one+"manifests/"+digestOf(emptyIndex), indexType, emptyIndex)
		none := w.do("GET", one+"tags/list", "")
		w.is(none, 200, "Content-Type: application/json", "Link:")
		if none.body != `{"name":"one","tags":[]}` {
			w.Errorf("tags are %s", none.body)
		}
		for _, t := range []string{"b", "a", "B", "1", "_"} {
			w.put(one+"manifests/"+t, indexType, emptyIndex)
		}
		all := w.do("GET", one+"tags/list", "")
		w.is(all, 200, "Content-Type: application/json", "Content-Length: "+strconv.Itoa(len(all.body)), "Link:")
		if all.body != `{"name":"one","tags":["1","B","_","a","b"]}` {
			w.Errorf("tags are %s", all.body)
		}
		head := w.do("HEAD", one+"tags/list", "")
		w.is(head, 200, "Content-Length: "+strconv.Itoa(len(all.body)), "ETag: "+all.Header.Get("ETag"))
		w.is(w.do("GET", one+"tags/list", "", "If-None-Match: "+all.Header.Get("ETag")), 304)
		w.fails(w.do("GET", "/v2/not/there/tags/list", ""), 404, oci.NameUnknown)
	}},
	{"list/tags-pages", func(w *wire) {
		for _, t := range []string{"a", "b", "c", "d", "e"} {
			w.put(one+"manifests/"+t, indexType, emptyIndex)
		}
		for query, want := range map[string][2]string{
			"n=2":                          {`["a","b"]`, `</v2/one/tags/list?n=2&last=b>; rel="next"`},
			"n=2&last=b":                   {`["c","d"]`, `</v2/one/tags/list?n=2&last=d>; rel="next"`},
			"last=d&n=2":                   {`["e"]`, ""},
			"n=5":                          {`["a","b","c","d","e"]`, ""},
			"n=0":                          {`[]`, ""},
			"n=0&last=a":                   {`[]`, ""},
			"n=":                           {`["a","b","c","d","e"]`, ""},
			"last=c":                       {`["d","e"]`, ""},
			"last=bb":                      {`["c","d","e"]`, ""},
			"last=z":                       {`[]`, ""},
			"last=%00%22":                  {`["a","b","c","d","e"]`, ""},
			"n=1000000000":                 {`["a","b","c","d","e"]`, ""},
			"n=99999999999999999999999999": {`["a","b","c","d","e"]`, ""},
		} {
			a := w.do("GET", one+"tags/list?"+query, "")
			w.is(a, 200, "Link: "+want[1])
			if a.body != `{"name":"one","tags":`+want[0]+`}` {
				w.Errorf("%s: tags are %s", query, a.body)
			}
		}
		for _, n := range []string{"-1", "x", "1.5", "0x10", "%20", "1%2B", "-99999999999999999999"} {
			for _, path := range []string{one + "tags/list?n=", "/v2/_catalog?n="} {
				w.fails(w.do("GET", path+n, ""), 400, oci.Unsupported)
			}
		}
	}},
	{"list/catalog", func(w *wire) {
		a := w.do("GET", "/v2/_catalog", "")
		w.is(a, 200, "Content-Type: application/json", "Link:")
		if a.body != `{"repositories":[]}` {
			w.Errorf("catalog is %s", a.body)
		}
		for _, name := range []string{"a/b", "a-b", "z", "0"} {
			w.put("/v2/"+name+"/manifests/v1", indexType, emptyIndex)
		}
		for query, want := range map[string][2]string{
			"":                {`["0","a-b","a/b","z"]`, ""},
			"?n=3":            {`["0","a-b","a/b"]`, `</v2/_catalog?n=3&last=a%2Fb>; rel="next"`},
			"?n=3&last=a%2Fb": {`["z"]`, ""},
			"?n=0":            {`[]`, ""},
		} {
			a := w.do("GET", "/v2/_catalog"+query, "")
			w.is(a, 200, "Link: "+want[1])
			if a.body != `{"repositories":`+want[0]+`}` {
				w.Errorf("%s: catalog is %s", query, a.body)
			}
		}
	}},
	{"list/walk", func(w *wire) {
		var want []string
		for i := range 7 {
			t := fmt.Sprintf("t%d", i)
			want = append(want, t)
			w.put(one+"manifests/"+t, indexType, emptyIndex)
		}
		var got []string
		for at := one + "tags/list?n=3"; at != ""; {
			a := w.do("GET", at, "")
			w.is(a, 200)
			var body struct{ Tags []string }
			if err := json.Unmarshal([]byte(a.body), &body); err != nil {
				w.Fatal(err)
			}
			got = append(got, body.Tags...)
			at = strings.TrimSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
		}
		if !slices.Equal(got, want) {
			w.Errorf("walked %q", got)
		}
	}},
}

// listing is a registry with one list of tags, which goes on.
type listing struct {
	oci.Unimplemented
	names []string
}

func (l listing) Tags(context.Context, oci.Name, oci.Page) (*oci.List, error) {
	return &oci.List{Names: l.names, More: true}, nil
}

// A list without n is capped too, and says where it goes on.
func TestListWithoutNIsPaged(t *testing.T) {
	w := open(t, listing{names: []string{"a", `odd "one"`}})
	a := w.do("GET", one+"tags/list", "")
	w.is(a, 200, `Link: </v2/one/tags/list?last=odd+%22one%22>; rel="next"`)
	if a.body != `{"name":"one","tags":["a","odd \"one\""]}` {
		t.Errorf("tags are %s", a.body)
	}
	// n=0 leads nowhere, whatever the registry says of more.
	w.is(w.do("GET", one+"tags/list?n=0", ""), 200, "Link:")
	w.is(open(t, listing{}).do("GET", one+"tags/list", ""), 200, "Link:")
}

var referrerCases = []wireCase{
	{"referrers/none", func(w *wire) {
		for _, name := range []string{"not/there", "one"} {
			a := w.do("GET", "/v2/"+name+"/referrers/"+digestOf("x"), "")
			w.is(a, 200, "Content-Type: "+indexType, "OCI-Filters-Applied:", "Link:")
			if a.body != `{"schemaVersion":2,"mediaType":"`+indexType+`","manifests":[]}` {
				w.Errorf("referrers are %s", a.body)
			}
			w.blob("one", "the repository is there the second time")
		}
		for _, d := range []string{"latest", "sha256:bad", "sha256:" + strings.Repeat("A", 64)} {
			w.fails(w.do("GET", one+"referrers/"+d, ""), 400, oci.DigestInvalid)
		}
	}},
	{"referrers/filters", func(w *wire) {
		d := digestOf("subject")
		attach := func(artifactType string) string {
			m := `{"schemaVersion":2,"mediaType":"` + indexType + `","manifests":[],"artifactType":"` + artifactType + `","annotations":{"html":"<&>"},"subject":{"mediaType":"a/b","size":1,"digest":"` + d + `"}}`
			w.put(one+"manifests/"+digestOf(m), indexType, m)
			return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d,"annotations":{"html":"<&>"},"artifactType":%q}`, indexType, digestOf(m), len(m), artifactType)
		}
		spdx, other, third := attach("application/spdx+json"), attach("application/vnd.other"), attach("application/vnd.third")
		for query, want := range map[string][]string{
			"":                                      {spdx, other, third},
			"?artifactType=":                        {spdx, other, third},
			"?n=1&unknown=x":                        {spdx, other, third},
			"?artifactType=application/spdx%2Bjson": {spdx},
			"?artifactType=application/spdx+json":   {spdx},
			"?artifactType=application%2Fspdx%2Bjson&artifactType=application/vnd.third": {spdx, third},
			"?artifactType=&artifactType=application/vnd.other":                          {other},
			"?artifactType=application/vnd":                                              {},
		} {
			applied := ""
			if strings.Contains(query, "=application") {
				applied = "artifactType"
			}
			a := w.do("GET", one+"referrers/"+d+query, "")
			w.is(a, 200, "Content-Type: "+indexType, "OCI-Filters-Applied: "+applied, "Link:", "Content-Length: "+strconv.Itoa(len(a.body)))
			got, ok := strings.CutPrefix(strings.TrimSuffix(a.body, "]}"), `{"schemaVersion":2,"mediaType":"`+indexType+`","manifests":[`)
			listed := strings.SplitAfter(got, "},{")
			if !ok || len(got) != len(strings.Join(want, ",")) {
				w.Errorf("%s: %s", query, a.body)
			}
			for _, one := range want {
				if !strings.Contains(got, one) {
					w.Errorf("%s: %q lacks %s", query, listed, one)
				}
			}
		}
	}},
	{"referrers/pages", func(w *wire) {
		d := digestOf("subject")
		want := 0
		for i := range 3 {
			m := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[],"artifactType":"a/b","annotations":{"i":"%d","large":%q},"subject":{"mediaType":"a/b","size":1,"digest":%q}}`, indexType, i, strings.Repeat("x", 1_800_000), d)
			w.put(one+"manifests/"+digestOf(m), indexType, m)
			want++
		}
		for _, query := range []string{"", "?artifactType=a/b"} {
			got, pages := 0, 0
			for at := one + "referrers/" + d + query; at != ""; pages++ {
				a := w.do("GET", at, "")
				w.is(a, 200)
				if len(a.body) > 4<<20 {
					w.Errorf("an answer of %d bytes", len(a.body))
				}
				var index struct{ Manifests []oci.Descriptor }
				if err := json.Unmarshal([]byte(a.body), &index); err != nil {
					w.Fatal(err)
				}
				got += len(index.Manifests)
				at = strings.TrimSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
				if u, err := url.Parse(at); err != nil || at != "" && query != "" && u.Query().Get("artifactType") != "a/b" {
					w.Errorf("Link %q forgets the filter: %v", at, err)
				}
			}
			if got != want || pages != 2 {
				w.Errorf("%d referrers of %d on %d pages", got, want, pages)
			}
		}
	}},
	{"referrers/head-and-etag", func(w *wire) {
		d := digestOf("subject")
		before := w.do("GET", one+"referrers/"+d, "")
		w.is(w.do("HEAD", one+"referrers/"+d, ""), 200, "Content-Length: "+strconv.Itoa(len(before.body)), "Content-Type: "+indexType)
		w.is(w.do("GET", one+"referrers/"+d, "", "If-None-Match: "+before.Header.Get("ETag")), 304)
		m := `{"manifests":[],"subject":{"mediaType":"a/b","size":1,"digest":"` + d + `"}}`
		w.put(one+"manifests/"+digestOf(m), indexType, m)
		after := w.do("GET", one+"referrers/"+d, "", "If-None-Match: "+before.Header.Get("ETag"))
		w.is(after, 200)
		w.is(w.do("DELETE", one+"manifests/"+digestOf(m), ""), 202)
		w.is(w.do("GET", one+"referrers/"+d, ""), 200, "ETag: "+before.Header.Get("ETag"))
	}},
}

var deleteCases = []wireCase{
	{"delete/tag", func(w *wire) {
		m := w.image("one", "delete")
		w.put(one+"manifests/v1", imageType, m)
		w.is(w.do("DELETE", one+"manifests/v1", ""), 202, "Content-Length: 0")
		w.is(w.do("HEAD", one+"manifests/v1", ""), 404)
		w.is(w.do("HEAD", one+"manifests/"+digestOf(m), ""), 200)
		w.fails(w.do("DELETE", one+"manifests/v1", ""), 404, oci.ManifestUnknown)
	}},
	{"delete/manifest", func(w *wire) {
		m := w.image("one", "delete")
		w.put(one+"manifests/v1", imageType, m)
		w.put(one+"manifests/v2", imageType, m)
		w.is(w.do("DELETE", one+"manifests/"+digestOf(m), ""), 202)
		for _, ref := range []string{"v1", "v2", digestOf(m)} {
			w.is(w.do("HEAD", one+"manifests/"+ref, ""), 404)
			w.is(w.do("GET", one+"manifests/"+ref, ""), 404)
		}
		w.fails(w.do("DELETE", one+"manifests/"+digestOf(m), ""), 404, oci.ManifestUnknown)
		w.fails(w.do("DELETE", "/v2/not/there/manifests/"+digestOf(m), ""), 404, oci.NameUnknown)
	}},
	{"delete/blob", func(w *wire) {
		d := w.blob("one", "delete")
		w.is(w.do("DELETE", one+"blobs/"+d, ""), 202)
		w.is(w.do("HEAD", one+"blobs/"+d, ""), 404)
		w.fails(w.do("DELETE", one+"blobs/"+d, ""), 404, oci.BlobUnknown)
	}},
	{"delete/in-use", func(w *wire) {
		m := w.image("one", "held")
		w.put(one+"manifests/v1", imageType, m)
		a := w.do("DELETE", one+"blobs/"+digestOf("layer held"), "")
		w.fails(a, 405, oci.Unsupported)
		w.is(a, 405, "Allow: GET, HEAD")
		if !strings.Contains(a.body, digestOf(m)) {
			w.Errorf("the holder is not named: %s", a.body)
		}
		l := fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, imageType, digestOf(m), len(m))
		w.put(one+"manifests/list", indexType, l)
		a = w.do("DELETE", one+"manifests/"+digestOf(m), "")
		w.fails(a, 405, oci.Unsupported)
		if !strings.Contains(a.body, digestOf(l)) {
			w.Errorf("the holder is not named: %s", a.body)
		}
	}},
}

var extensionCases = []wireCase{
	{"extension/discover", func(w *wire) {
		for path, at := range map[string]string{"/v2/": "/v2/", one: one} {
			a := w.do("GET", path+"_oci/ext/discover", "")
			w.is(a, 200, "Content-Type: application/json")
			var body struct {
				Extensions []struct {
					Name, Description, URL string
					Endpoints              []string
				}
			}
			if err := json.Unmarshal([]byte(a.body), &body); err != nil {
				w.Fatal(err)
			}
			if len(body.Extensions) != 1 || body.Extensions[0].Name != "_oci" || !slices.Equal(body.Extensions[0].Endpoints, []string{at + "_oci/ext/discover"}) || body.Extensions[0].URL == "" {
				w.Errorf("%s: %s", path, a.body)
			}
		}
	}},
	{"extension/unknown", func(w *wire) {
		w.fails(w.do("GET", "/v2/_argosy/artifacts", ""), 404, oci.NameUnknown)
		w.fails(w.do("GET", one+"_oci/other", ""), 404, oci.NameUnknown)
		w.is(w.do("POST", "/v2/_argosy/artifacts", ""), 405, "Allow: GET, HEAD")
	}},
}

// Extensions get their requests, and are listed at the levels they have.
func TestExtensions(t *testing.T) {
	serve := func(w http.ResponseWriter, _ *http.Request, q oci.Request) error {
		if q.Extension == "_argosy/fails" {
			return oci.Denied.With(nil, "no")
		}
		fmt.Fprintf(w, "%s of %q with %v", q.Extension, q.Repository, q.Query)
		return nil
	}
	w := openWith(t, v2.Options{Registry: registrytest.Open(t), Extensions: []v2.Extension{
		{Name: "_argosy", Description: "lists artifacts", URL: "https://example.com", Endpoints: []string{"_argosy/artifacts"}, RepositoryEndpoints: []string{"_argosy/artifacts", "_argosy/x"}, Serve: serve},
		{Name: "_registry", Endpoints: []string{"_registry/only"}, Serve: serve},
		{Name: "_oci", Description: "lists more", Endpoints: []string{"_oci/more"}, RepositoryEndpoints: []string{"_oci/more"}, Serve: serve},
	}})
	for path, want := range map[string]string{
		"/v2/_argosy/artifacts?n=1":    `_argosy/artifacts of "" with map[n:[1]]`,
		"/v2/a/b/_argosy/artifacts/v1": `_argosy/artifacts/v1 of "a/b" with map[]`,
		"/v2/_registry/only":           `_registry/only of "" with map[]`,
		"/v2/a/_oci/more":              `_oci/more of "a" with map[]`,
	} {
		if a := w.do("GET", path, ""); a.StatusCode != 200 || a.body != want {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	w.fails(w.do("GET", "/v2/_argosy/fails", ""), 403, oci.Denied)
	for path, want := range map[string]string{
		"/v2/":   `_oci: "/v2/_oci/ext/discover" "/v2/_oci/more" _argosy: "/v2/_argosy/artifacts" _registry: "/v2/_registry/only"`,
		"/v2/a/": `_oci: "/v2/a/_oci/ext/discover" "/v2/a/_oci/more" _argosy: "/v2/a/_argosy/artifacts" "/v2/a/_argosy/x"`,
	} {
		var body struct {
			Extensions []struct {
				Name      string
				Endpoints []string
			}
		}
		if err := json.Unmarshal([]byte(w.do("GET", path+"_oci/ext/discover", "").body), &body); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range body.Extensions {
			got = append(got, e.Name+":")
			for _, p := range e.Endpoints {
				got = append(got, strconv.Quote(p))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lists %s, want %s", path, got, want)
		}
	}
}

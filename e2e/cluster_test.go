package e2e

import (
	"bytes"
	varint "encoding/binary" // binary is the one under test
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// cluster is as much of a Kubernetes API as a client asks for that installs a
// chart of one object: it keeps what it is given.
type cluster struct {
	mu      sync.Mutex
	objects map[string]map[string]any // by path
	unknown []string                  // requests that it has no answer to
	url     string
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{objects: map[string]map[string]any{}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// kubeconfig has clients talk to the cluster.
func (c *cluster) kubeconfig() []byte {
	return []byte(`apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "` + c.url + `"}}]
users: [{name: test, user: {}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
current-context: test
`)
}

// configMap is the data of an object that was installed.
func (c *cluster) configMap(name string) map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, _ := c.objects[objects+"configmaps/"+name]["data"].(map[string]any)
	return data
}

// objects is where all that is namespaced lies.
const objects = "/api/v1/namespaces/default/"

// objectPath is how the cluster's description calls an object.
const objectPath = "/api/v1/namespaces/{namespace}/configmaps/{name}"

// fixed are the answers that say what the cluster is.
var fixed = map[string]any{
	"/version": map[string]any{"major": "1", "minor": "34", "gitVersion": "v1.34.0"},
	"/api":     map[string]any{"kind": "APIVersions", "versions": []string{"v1"}},
	"/apis":    map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}},
	"/openapi/v3": map[string]any{"paths": map[string]any{
		"api/v1": map[string]any{"serverRelativeURL": "/openapi/v3/api/v1"},
	}},
	// That the cluster checks what it is given itself, so that the client does not.
	"/openapi/v3/api/v1": map[string]any{"openapi": "3.0.0", "info": map[string]any{"title": "test", "version": "1"}, "paths": map[string]any{
		objectPath: map[string]any{"patch": map[string]any{
			"parameters":                      []any{map[string]any{"name": "fieldValidation", "in": "query"}},
			"responses":                       map[string]any{},
			"x-kubernetes-group-version-kind": map[string]any{"group": "", "version": "v1", "kind": "ConfigMap"},
		}},
	}},
	"/api/v1": map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{
		map[string]any{"name": "configmaps", "namespaced": true, "kind": "ConfigMap", "verbs": []string{"create", "get", "patch"}},
		map[string]any{"name": "secrets", "namespaced": true, "kind": "Secret", "verbs": []string{"create", "get", "list", "update"}},
	}},
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := fixed[r.URL.Path]; ok {
		reply(w, http.StatusOK, answer)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, objects)
	kind, name, named := strings.Cut(rest, "/")
	switch {
	case !ok:
		c.refuse(w, r)
	case r.Method == "GET" && named:
		c.get(w, r.URL.Path)
	case r.Method == "GET":
		c.list(w, kind, r.URL.Query().Get("labelSelector"))
	case r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH":
		c.keep(w, r, kind, name)
	default:
		c.refuse(w, r)
	}
}

func (c *cluster) refuse(w http.ResponseWriter, r *http.Request) {
	c.unknown = append(c.unknown, r.Method+" "+r.URL.String())
	reply(w, http.StatusNotFound, failure("NotFound", http.StatusNotFound))
}

func failure(reason string, code int) any {
	return map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func (c *cluster) get(w http.ResponseWriter, path string) {
	if o, ok := c.objects[path]; ok {
		reply(w, http.StatusOK, o)
		return
	}
	reply(w, http.StatusNotFound, failure("NotFound", http.StatusNotFound))
}

// list answers with the objects that have the selector's labels.
func (c *cluster) list(w http.ResponseWriter, kind, selector string) {
	items := []any{}
	for _, path := range sortedKeys(c.objects) {
		meta, _ := c.objects[path]["metadata"].(map[string]any)
		labels, _ := meta["labels"].(map[string]any)
		fits := strings.HasPrefix(path, objects+kind+"/")
		for pair := range strings.SplitSeq(selector, ",") {
			key, value, equal := strings.Cut(pair, "=")
			fits = fits && (!equal || labels[key] == value)
		}
		if fits {
			items = append(items, c.objects[path])
		}
	}
	reply(w, http.StatusOK, map[string]any{"kind": "SecretList", "apiVersion": "v1", "metadata": map[string]any{}, "items": items})
}

// keep stores an object; one that is patched takes on what it is patched with.
func (c *cluster) keep(w http.ResponseWriter, r *http.Request, kind, name string) {
	body, err := io.ReadAll(r.Body)
	o := map[string]any{}
	if wire, ok := bytes.CutPrefix(body, []byte("k8s\x00")); ok {
		o = secret(wire)
	} else if err == nil {
		err = json.Unmarshal(body, &o)
	}
	if err != nil {
		reply(w, http.StatusBadRequest, failure("BadRequest", http.StatusBadRequest))
		return
	}
	meta, _ := o["metadata"].(map[string]any)
	if name == "" {
		name, _ = meta["name"].(string)
	}
	path, status := objects+kind+"/"+name, http.StatusOK
	if old := c.objects[path]; old == nil {
		status = http.StatusCreated
	} else if r.Method == "PATCH" {
		maps.Copy(old, o)
		o = old
	}
	c.objects[path] = o
	reply(w, status, o)
}

// secret reads a Secret in the binary form in which clients send what they know:
// in an envelope, name and labels, and the data.
func secret(wire []byte) map[string]any {
	m := message(message(wire).one(2))
	meta := message(m.one(1))
	labels, data := map[string]any{}, map[string]any{}
	for _, e := range meta[11] {
		labels[string(message(e).one(1))] = string(message(e).one(2))
	}
	for _, e := range m[2] {
		data[string(message(e).one(1))] = message(e).one(2)
	}
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": string(m.one(3)), "data": data,
		"metadata": map[string]any{"name": string(meta.one(1)), "namespace": "default", "labels": labels},
	}
}

// fields are what a protocol buffer holds of strings, bytes and messages, by number.
type fields map[uint64][][]byte

func (f fields) one(n uint64) []byte {
	if len(f[n]) == 0 {
		return nil
	}
	return f[n][0]
}

func message(wire []byte) fields {
	f := fields{}
	for len(wire) > 0 {
		tag, n := varint.Uvarint(wire)
		value, m := varint.Uvarint(wire[max(n, 0):])
		if n <= 0 || m <= 0 {
			return f // not what a client writes
		}
		wire = wire[n+m:]
		if tag&7 == 2 {
			if value > uint64(len(wire)) {
				return f
			}
			f[tag>>3] = append(f[tag>>3], wire[:value])
			wire = wire[value:]
		}
	}
	return f
}

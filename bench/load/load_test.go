package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
)

var scale = data.Scale{Tags: 600, Repositories: 550, Referrers: 20, Large: 1 << 20, Larges: 1}

// registry holds in memory what is pushed to it, as far as the workloads need.
type registry struct {
	sync.Mutex
	content  map[string][]byte   // by path behind /v2/
	tags     map[string][]string // by repository, sorted
	subjects map[string][]string // referrers' digests by path
	uploads  map[string][]byte
	started  int
	spoil    bool // answers to GET have a wrong byte
}

func newRegistry(t *testing.T) (*registry, Target) {
	r := &registry{content: map[string][]byte{}, tags: map[string][]string{}, subjects: map[string][]string{}, uploads: map[string][]byte{}}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	return r, Target{Name: "test", Addr: srv.Listener.Addr().String(), PID: os.Getpid()}
}

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.Lock()
	defer r.Unlock()
	at := strings.TrimPrefix(req.URL.Path, "/v2/")
	switch req.Method {
	case "POST":
		r.post(w, req, at)
	case "PATCH":
		r.uploads[at] = append(r.uploads[at], body...)
		w.Header().Set("Location", req.URL.Path)
		w.WriteHeader(202)
	case "PUT":
		r.put(w, req, at, body)
	case "DELETE":
		status := 404
		if _, ok := r.content[at]; ok {
			status = 202
		}
		delete(r.content, at)
		w.WriteHeader(status)
	default:
		r.get(w, req, at)
	}
}

func (r *registry) post(w http.ResponseWriter, req *http.Request, at string) {
	repository := strings.TrimSuffix(at, "/blobs/uploads/")
	if b, ok := r.content[req.FormValue("from")+"/blobs/"+req.FormValue("mount")]; ok {
		r.content[repository+"/blobs/"+req.FormValue("mount")] = b
		w.WriteHeader(201)
		return
	}
	r.started++
	w.Header().Set("Location", fmt.Sprintf("http://%s/v2/%s%d?state=x", req.Host, at, r.started))
	w.WriteHeader(202)
}

func (r *registry) put(w http.ResponseWriter, req *http.Request, at string, body []byte) {
	repository, ref, manifest := strings.Cut(at, "/manifests/")
	if !manifest {
		repository, _, _ = strings.Cut(at, "/blobs/uploads/")
		body = append(r.uploads[at], body...)
		delete(r.uploads, at)
		if digest := req.FormValue("digest"); digest != sum256(body) {
			w.WriteHeader(400)
			return
		}
		r.content[repository+"/blobs/"+sum256(body)] = body
		w.WriteHeader(201)
		return
	}
	r.content[at], r.content[repository+"/manifests/"+sum256(body)] = body, body
	if i, found := slices.BinarySearch(r.tags[repository], ref); !found && !strings.Contains(ref, ":") {
		r.tags[repository] = slices.Insert(r.tags[repository], i, ref)
	}
	var m struct{ Subject struct{ Digest string } }
	if json.Unmarshal(body, &m) == nil && m.Subject.Digest != "" {
		key := repository + "/referrers/" + m.Subject.Digest
		r.subjects[key] = append(r.subjects[key], sum256(body))
	}
	w.WriteHeader(201)
}

func (r *registry) get(w http.ResponseWriter, req *http.Request, at string) {
	body, ok := r.content[at]
	repository, isTags := strings.CutSuffix(at, "/tags/list")
	switch {
	case isTags:
		body, ok = page(w, req, "tags", r.tags[repository]), true
	case at == "_catalog":
		names := make([]string, 0, len(r.tags))
		for name := range r.tags {
			names = append(names, name)
		}
		slices.Sort(names)
		body, ok = page(w, req, "repositories", names), true
	case strings.Contains(at, "/referrers/"):
		body, ok = page(w, req, "manifests", r.subjects[at]), true
	}
	if !ok {
		w.WriteHeader(404)
		return
	}
	if r.spoil {
		body = append([]byte("?"), body[1:]...)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// page is what a list shows after ?last=, ?n= entries of it.
func page(w http.ResponseWriter, req *http.Request, name string, list []string) []byte {
	from, _ := slices.BinarySearch(list, req.FormValue("last")+"\x00")
	list = list[from:]
	if n, _ := strconv.Atoi(req.FormValue("n")); n > 0 && n < len(list) {
		list = list[:n]
		w.Header().Set("Link", fmt.Sprintf(`<%s?n=%d&last=%s>; rel="next"`, req.URL.Path, n, list[n-1]))
	}
	body, _ := json.Marshal(map[string][]string{name: list})
	return body
}

func sum256(b []byte) string {
	s := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(s[:])
}

func fill(t *testing.T, target Target) *Sets {
	t.Helper()
	sets := NewSets(scale)
	for _, s := range []data.Set{sets.Images.Set(), sets.Blobs.Set(), data.Tags(scale), data.Catalog(scale), sets.Referrers.Set()} {
		if err := Fill(t.Context(), target, s); err != nil {
			t.Fatal(err)
		}
	}
	return sets
}

// TestWorkloads runs each for a moment against a registry that holds the sets.
func TestWorkloads(t *testing.T) {
	_, target := newRegistry(t)
	sets := fill(t, target)
	for name, wl := range Workloads {
		if name == "blob-put-large" {
			continue // another size of blob-put-medium, and gigabytes for this registry
		}
		wl.Each = 3
		r, err := Measure(target, wl, sets, 2, 0)
		if err != nil || r.Errors > 0 || r.Ops != 2*wl.Each {
			t.Errorf("%s: %d operations, %d errors, %v, %v", name, r.Ops, r.Errors, err, r.FirstError)
		}
	}
}

// TestNothingThere holds that no workload takes a missing set for an answer.
func TestNothingThere(t *testing.T) {
	_, target := newRegistry(t)
	for name, wl := range Workloads {
		if wl.Set == "" {
			continue
		}
		wl.Each = 2
		if r, err := Measure(target, wl, NewSets(scale), 1, 0); err == nil && r.Errors == 0 {
			t.Errorf("%s finds nothing wrong with an empty registry", name)
		}
	}
}

// TestSpoiled holds that bytes are looked at.
func TestSpoiled(t *testing.T) {
	r, target := newRegistry(t)
	sets := fill(t, target)
	r.spoil = true
	for name, wl := range Workloads {
		if wl.Set == "" || strings.Contains(name, "head") || name == "mount" {
			continue
		}
		wl.Each = 2
		if r, err := Measure(target, wl, sets, 1, 0); err == nil && r.Errors == 0 {
			t.Errorf("%s does not see the wrong byte", name)
		}
	}
}

func TestFillEnds(t *testing.T) {
	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(507) }))
	defer full.Close()
	err := Fill(t.Context(), Target{Addr: full.Listener.Addr().String()}, data.Store(1_000_000_000))
	if err == nil || !strings.Contains(err.Error(), "507") {
		t.Errorf("%v", err)
	}
	_, target := newRegistry(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Fill(ctx, target, data.Store(1_000_000_000)); err == nil {
		t.Error("a cancelled fill ends well")
	}
}

// TestBreakingServer holds that a turn ends when all that comes is errors.
func TestBreakingServer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer srv.Close()
	r, err := Measure(Target{Addr: srv.Listener.Addr().String()}, Workloads["manifest-get-tag"], NewSets(scale), 2, time.Hour)
	if err != nil || r.Errors != 2*maxErrors || r.FirstError == nil {
		t.Errorf("%d errors, %v, %v", r.Errors, err, r.FirstError)
	}
}

func TestTicks(t *testing.T) {
	line := "4242 (a) b (c)) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 31 7 9 20 0 8 0 12345"
	if got := ticks(line); got != 2810*time.Millisecond {
		t.Errorf("%v", got)
	}
	if got := ticks("nothing"); got != 0 {
		t.Errorf("%v", got)
	}
}

// TestProcess reads what the system says of this process.
func TestProcess(t *testing.T) {
	now, peak := Memory(os.Getpid())
	if now < 1<<20 || peak < now {
		t.Errorf("%d bytes now, %d at the peak", now, peak)
	}
	before := cpuTime(os.Getpid())
	for sum256(make([]byte, 1<<20)) != "" && cpuTime(os.Getpid()) < before+2*tick {
	}
	if n, p := Memory(-1); n != 0 || p != 0 || cpuTime(-1) != 0 {
		t.Error("a process that is not there uses something")
	}
}

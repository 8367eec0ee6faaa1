package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"
)

// pusher pushes artifacts one after the other into its repository, and remembers
// what was acknowledged.
type pusher struct {
	s    *server
	repo string
	seed uint64

	acked   map[string][]byte // layer by digest: its upload was answered with 201
	written map[string][]byte // manifest by digest: its push was answered with 201
	tag     string            // digest that the moving tag was last acknowledged at
	trying  string            // digest that an unanswered push may have moved it to
}

// step pushes one artifact under the tag 'moving'. It returns at the first
// request that is not answered: the server is gone.
func (p *pusher) step() {
	p.seed++
	size := 1 << (7 + p.seed%12) // 128 bytes to 256 KiB: rows of the database and files
	layer := noise(p.seed, size+int(p.seed%97))
	if status, err := p.s.pushBlob(p.repo, layer); err != nil || status != http.StatusCreated {
		return
	}
	p.acked[digestOf(layer)] = layer
	if status, err := p.s.pushBlob(p.repo, []byte("{}")); err != nil || status != http.StatusCreated {
		return
	}
	p.acked[digestOf([]byte("{}"))] = []byte("{}")
	manifest := artifactManifest("application/vnd.example.crash", layer)
	p.trying = digestOf(manifest)
	if status, err := p.s.pushManifest(p.repo, "moving", typeManifest, manifest); err != nil || status != http.StatusCreated {
		return
	}
	p.written[p.trying] = manifest
	p.tag, p.trying = p.trying, ""
}

// check reads back everything that was acknowledged.
func (p *pusher) check(t *testing.T) {
	t.Helper()
	for digest, want := range p.acked {
		p.same(t, "/v2/"+p.repo+"/blobs/"+digest, want)
	}
	for digest, want := range p.written {
		p.same(t, "/v2/"+p.repo+"/manifests/"+digest, want)
	}
	if p.tag == "" {
		return
	}
	a, err := p.s.do("GET", "/v2/"+p.repo+"/manifests/moving", nil)
	if err != nil || a.status != http.StatusOK {
		t.Errorf("%s:moving answers %d (%v), and a push of it was acknowledged", p.repo, a.status, err)
		return
	}
	if got := digestOf(a.body); got != p.tag && got != p.trying {
		t.Errorf("%s:moving is at %s; the last acknowledged push was %s, the one in flight %q", p.repo, got, p.tag, p.trying)
	}
}

func (p *pusher) same(t *testing.T, path string, want []byte) {
	t.Helper()
	a, err := p.s.do("GET", path, nil)
	if err != nil || a.status != http.StatusOK || !bytes.Equal(a.body, want) {
		t.Errorf("GET %s: %v, status %d, %d bytes; acknowledged were %d bytes", path, err, a.status, len(a.body), len(want))
	}
}

// Six times the server dies by kill -9 while eight clients push. Whatever it had
// acknowledged is there afterwards, whole; and fsck agrees.
func TestKillUnderLoad(t *testing.T) {
	whole(t)
	s := serve(t)
	var pushers []*pusher
	for i := range 8 {
		pushers = append(pushers, &pusher{
			s: s, repo: fmt.Sprintf("crash/r%d", i), seed: uint64(i) * 1_000_000,
			acked: map[string][]byte{}, written: map[string][]byte{},
		})
	}
	for round := range 6 {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for _, p := range pushers {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						p.step()
					}
				}
			})
		}
		time.Sleep(time.Duration(200+rand.IntN(600)) * time.Millisecond)
		s.kill()
		close(stop)
		wg.Wait()
		s.start()
		for _, p := range pushers {
			p.check(t)
			p.settle()
		}
		if t.Failed() {
			t.Fatalf("round %d lost something", round)
		}
	}
	blobs, manifests := 0, 0
	for _, p := range pushers {
		blobs, manifests = blobs+len(p.acked), manifests+len(p.written)
	}
	t.Logf("%d blobs and %d manifests were acknowledged over six deaths", blobs, manifests)
	if manifests < 100 {
		t.Errorf("only %d manifests were acknowledged: that is no load", manifests)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("SIGTERM: exit code %d", code)
	}
	if out, errout, err := newBench(t).try("argosy", "fsck", "--data", s.data); err != nil {
		t.Errorf("argosy fsck: %v\n%s%s", err, out, errout)
	}
}

// settle learns where the tag is, so that the next round knows what it began with.
func (p *pusher) settle() {
	if a, err := p.s.do("GET", "/v2/"+p.repo+"/manifests/moving", nil); err == nil && a.status == http.StatusOK {
		p.tag = digestOf(a.body)
	}
	p.trying = ""
}

// A chunked upload goes on from the last acknowledged byte after kill -9.
func TestUploadResumesAfterKill(t *testing.T) {
	s := serve(t)
	content := noise(7, 3<<20)
	a := s.must(202, "POST", "/v2/crash/resume/blobs/uploads/", nil)
	at, err := s.location(a)
	if err != nil {
		t.Fatal(err)
	}
	half := len(content) / 2
	a = s.must(202, "PATCH", at, bytes.NewReader(content[:half]),
		"Content-Type", "application/octet-stream", "Content-Range", fmt.Sprintf("0-%d", half-1))
	s.kill()
	s.start()

	if at, err = s.location(a); err != nil {
		t.Fatal(err)
	}
	a = s.must(204, "GET", at, nil)
	if got, want := a.header.Get("Range"), fmt.Sprintf("0-%d", half-1); got != want {
		t.Fatalf("after the restart Range is %q, acknowledged was %q", got, want)
	}
	a = s.must(202, "PATCH", at, bytes.NewReader(content[half:]),
		"Content-Type", "application/octet-stream", "Content-Range", fmt.Sprintf("%d-%d", half, len(content)-1))
	to, err := s.location(a, "digest", digestOf(content))
	if err != nil {
		t.Fatal(err)
	}
	s.must(201, "PUT", to, nil)
	if got := s.must(200, "GET", "/v2/crash/resume/blobs/"+digestOf(content), nil); !bytes.Equal(got.body, content) {
		t.Error("the blob read back differs")
	}
}

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

// An entry marks an action as verified when it is one that the tests here can
// run, and no other.
func TestMarksAreThoseOfTheProofs(t *testing.T) {
	for _, actions := range entryActions(t) {
		for _, a := range actions {
			if a.Verified != a.provable() {
				t.Errorf("%s\nis marked verified: %v, the proofs make it %v", a.name(), a.Verified, a.provable())
			}
			for _, p := range programs {
				if strings.HasPrefix(a.Command, p+" ") && !strings.ContainsAny(a.Command, "<|&") && !a.provable() {
					t.Errorf("%s\ncalls %s, which is here: proofs_test.go lacks what it is told to do", a.name(), p)
				}
			}
		}
	}
}

// Every action that is offered as verified is run as it is offered, and brings
// what was pushed; every one that is marked so is offered for something.
func TestActions(t *testing.T) {
	whole(t)
	for _, p := range programs {
		program(t, p)
	}
	catalog, err := artifact.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	for _, way := range []string{"plainHTTP", "tls"} {
		t.Run(way, func(t *testing.T) {
			s := prepare(t)
			s.host = strings.Replace(s.host, "localhost", elsewhere, 1)
			if way == "tls" {
				s.behind(ca)
			}
			s.start()
			f := &fair{s: s, ca: ca, entries: entryActions(t), ran: map[*entryAction]int{}}
			f.signer = f.bench(t)
			f.signer.newSigner()
			t.Run("types", func(t *testing.T) {
				for _, typ := range catalog.Types() {
					t.Run(typ.ID, func(t *testing.T) {
						t.Parallel()
						f.examples(t, catalog, typ)
					})
				}
				t.Run("pushed by clients", func(t *testing.T) {
					t.Parallel()
					f.pushed(t)
				})
			})
			f.sum(t, way)
		})
	}
}

// other is the way that a registry is not reached when it is reached so.
var other = map[string]string{"plainHTTP": "tls", "tls": "plainHTTP"}

// fair is a registry whose artifacts' actions are tried.
type fair struct {
	s       *server
	ca      *authority
	entries map[string][]*entryAction
	signer  *bench // where clients push from, with the keys of who signs

	mu  sync.Mutex
	ran map[*entryAction]int
}

// bench is a folder and an environment for one command, or for one client's push.
func (f *fair) bench(t *testing.T) *bench {
	return newBench(t, "SSL_CERT_FILE="+f.ca.file)
}

// examples tries what is offered for the examples of a type's entry.
func (f *fair) examples(t *testing.T, catalog *artifact.Catalog, typ *artifact.Type) {
	if typ.Trait {
		return // it has no artifacts of its own
	}
	for n, x := range catalog.Examples(typ.ID) {
		f.tryAll(t, f.s.in(t).exhibit(typ.ID, n, x))
	}
}

// tryAll tries what is offered for a specimen by its tags and by its digest.
func (f *fair) tryAll(t *testing.T, sp *specimen) {
	t.Helper()
	done := map[string]bool{}
	for _, ref := range append(sp.tags, sp.digest()) {
		a := f.s.in(t).must(http.StatusOK, "GET", "/v2/"+sp.repo+"/_argosy/artifacts/"+ref, nil)
		var got item
		if err := json.Unmarshal(a.body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Type.ID != sp.typ || got.Type.Variant != sp.variant {
			t.Fatalf("%s, pushed as %s %s, is %s %s:\n%s", got.Reference, sp.typ, sp.variant, got.Type.ID, got.Type.Variant, sp.manifest)
		}
		for _, offered := range got.Actions {
			if !done[offered.Command] && offered.Command != "" {
				done[offered.Command] = true
				f.try(t, sp, got.Type, offered)
			}
		}
	}
}

// try runs an offered command, if it is said to be verified.
func (f *fair) try(t *testing.T, sp *specimen, k kind, offered action) {
	t.Helper()
	from := originOf(f.entries, k, offered)
	if from == nil || from.Verified != offered.Verified {
		t.Fatalf("%s %s: no action of the entry becomes %+v", k.ID, k.Variant, offered)
	}
	if !offered.Verified {
		return
	}
	steps, ok := stepsOf(offered.Command)
	if !ok {
		t.Fatalf("%s: nothing here proves %q", k.ID, offered.Command)
	}
	b := f.bench(t)
	tr := &trial{t: t, b: b, sp: sp, signer: f.signer.path("pubring.gpg"), words: words(b, offered.Command)}
	for _, p := range steps {
		if p.before != nil {
			p.before(tr)
		}
	}
	tr.stdout = b.run("sh", "-c", offered.Command)
	for _, p := range steps {
		p.after(tr)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ran[from]++
}

// sum says what was tried, and fails for what is marked and was not.
func (f *fair) sum(t *testing.T, way string) {
	whole := !t.Failed() // else something was not tried for a reason that was told
	all, marked, runs := 0, 0, 0
	for _, actions := range f.entries {
		for _, a := range actions {
			all++
			if !a.Verified {
				continue
			}
			marked++
			runs += f.ran[a]
			if f.ran[a] == 0 && !a.only(other[way]) && whole {
				t.Errorf("%s\nis marked verified, and was offered for nothing that was tried", a.name())
			}
		}
	}
	t.Logf("%d commands run; of %d actions %d are verified", runs, all, marked)
}

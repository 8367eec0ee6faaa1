package follow_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/follow"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
	"github.com/argosy-registry/argosy/internal/share"
	"github.com/argosy-registry/argosy/internal/share/sharetest"
	"github.com/argosy-registry/argosy/internal/sign"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { sharetest.Main(m) }

// lab is a central registry, and one that follows it.
type lab struct {
	*testing.T
	c      *sharetest.Central
	db     *store.DB
	live   *catalog.Live
	log    bytes.Buffer
	mu     sync.Mutex
	signer *sign.PrivateKey
}

// Write takes a line of the log.
func (l *lab) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

func (l *lab) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

func newKey(t *testing.T) *sign.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := sign.ReadPrivateKey(file)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newLab(t *testing.T) *lab {
	l := &lab{T: t, c: sharetest.New(t), db: storetest.SQLite(t), signer: newKey(t)}
	l.restart()
	return l
}

func (l *lab) restart() {
	l.Helper()
	var err error
	l.live, err = catalog.Open(catalog.Options{Store: l.db, Folder: filepath.Join(l.TempDir(), "none"), Log: slog.New(slog.NewTextHandler(l, nil))})
	if err != nil {
		l.Fatal(err)
	}
}

// push sends a catalog of types under the tag 1, signed with a key unless that is nil.
func (l *lab) push(key *sign.PrivateKey, types ...string) oci.Digest {
	l.Helper()
	var entries []share.Entry
	for _, id := range types {
		entries = append(entries, share.Entry{ID: id, YAML: []byte(sharetest.Entry(id, "application/vnd.acme."+id)), Icon: []byte(sharetest.Icon)})
	}
	p, err := share.PackCatalog(entries, "Acme", "")
	if err != nil {
		l.Fatal(err)
	}
	repo := l.c.Repository(l.T, "types")
	err = p.Push(context.Background(), repo, "1", func(d ocispec.Descriptor) error {
		if key == nil {
			return nil
		}
		return key.Sign(context.Background(), repo, l.c.Address("types", "1"), d)
	})
	if err != nil {
		l.Fatal(err)
	}
	return oci.Digest(p.Top.Digest)
}

// signed is the tag, followed with the key.
func (l *lab) signed() follow.Catalog {
	at := l.c.Address("types", "1")
	return follow.Catalog{
		Place: follow.Place{Address: at}, Every: time.Second, Key: l.signer.Public(),
		Terms: catalog.Terms{Ref: at.String(), Key: l.signer.Public().Fingerprint()},
	}
}

func (l *lab) look(c follow.Catalog) error {
	f := &follow.Follower{Live: l.live, Log: slog.New(slog.NewTextHandler(l, nil))}
	return f.Look(context.Background(), c)
}

func (l *lab) knows(want ...string) {
	l.Helper()
	var got []string
	for _, id := range []string{"boat", "rocket", "ship"} {
		if _, ok := l.live.Current().Type(id); ok {
			got = append(got, id)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		l.Errorf("it knows %q, want %q; %+v\n%s", got, want, l.live.Followed(), l.said())
	}
}

// A digest is followed without a key, and once it is here nobody is asked any more.
func TestADigest(t *testing.T) {
	l := newLab(t)
	d := l.push(nil, "rocket")
	at := l.c.Address("types", "").At(d)
	c := follow.Catalog{Place: follow.Place{Address: at}, Terms: catalog.Terms{Ref: at.String()}}
	if err := l.look(c); err != nil {
		t.Fatal(err)
	}
	l.knows("rocket")
	l.push(nil, "ship") // the tag moves, the digest stays
	asked := l.c.Asked()
	l.restart()
	if err := l.look(c); err != nil || l.c.Asked() != asked {
		t.Errorf("%v, %d requests", err, l.c.Asked()-asked)
	}
	l.knows("rocket")
}

// A tag is followed with a key: what it vouches for, and nothing else.
func TestASignedTag(t *testing.T) {
	l := newLab(t)
	l.push(l.signer, "rocket")
	if err := l.look(l.signed()); err != nil {
		t.Fatal(err)
	}
	l.knows("rocket")
	for name, key := range map[string]*sign.PrivateKey{"is not signed": nil, "not by the key": newKey(t)} {
		l.push(key, "rocket", name[:2]+"x")
		if err := l.look(l.signed()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not say %q", err, name)
		}
		if got := l.live.Followed()[0]; !strings.Contains(got.Refused, name) {
			t.Errorf("status %+v", got)
		}
		l.knows("rocket")
	}
	l.push(l.signer, "rocket", "ship")
	if err := l.look(l.signed()); err != nil || l.live.Followed()[0].Refused != "" {
		t.Errorf("%v, %+v", err, l.live.Followed())
	}
	l.knows("rocket", "ship")
}

func TestTamperedAndWorse(t *testing.T) {
	for name, c := range map[string]struct {
		change func(l *lab)
		says   string
	}{
		"an entry changed on the way": {func(l *lab) {
			l.push(l.signer, "rocket", "ship")
			l.c.Tampers(func(_ string, b []byte) []byte { return bytes.ReplaceAll(b, []byte("ship run"), []byte("ship rum")) })
		}, "somebody changed them"},
		"the signature changed": {func(l *lab) {
			l.push(l.signer, "rocket", "ship")
			l.c.Tampers(func(path string, b []byte) []byte { return bytes.ReplaceAll(b, []byte("critical"), []byte("cr1tical")) })
		}, "somebody changed them"},
		"a takeover":    {func(l *lab) { l.push(l.signer, "rocket", "helm-chart") }, `"helm-chart" takes over an entry that is built-in`},
		"nothing there": {func(l *lab) { l.c.Tampers(nil); l.delete() }, "there is no"},
		"no registry":   {func(l *lab) { l.c.Down(true) }, "418"},
		"no catalog": {func(l *lab) {
			repo := l.c.Repository(l.T, "types")
			text := []byte(`{"schemaVersion":2,"mediaType":"` + ocispec.MediaTypeImageIndex + `","manifests":[]}`)
			d := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: ocispec.DescriptorEmptyJSON.Digest.Algorithm().FromBytes(text), Size: int64(len(text))}
			if err := repo.PushReference(context.Background(), d, bytes.NewReader(text), "1"); err != nil {
				l.Fatal(err)
			}
			if err := l.signer.Sign(context.Background(), repo, l.c.Address("types", "1"), d); err != nil {
				l.Fatal(err)
			}
		}, "want a catalog"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.push(l.signer, "rocket")
			if err := l.look(l.signed()); err != nil {
				t.Fatal(err)
			}
			before := l.live.Current()
			c.change(l)
			for range 3 {
				if err := l.look(l.signed()); err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("error %v does not say %q", err, c.says)
				}
			}
			if l.live.Current() != before {
				t.Error("another catalog is in force")
			}
			if n := strings.Count(l.said(), "what is in force stays"); n != 1 {
				t.Errorf("it was told %d times:\n%s", n, l.said())
			}
			l.restart()
			l.knows("rocket")
			l.c.Tampers(nil)
			l.c.Down(false)
			l.push(l.signer, "boat")
			if err := l.look(l.signed()); err != nil {
				t.Errorf("mended: %v", err)
			}
			l.knows("boat")
		})
	}
}

func (l *lab) delete() {
	l.Helper()
	repo := l.c.Repository(l.T, "types")
	d, err := repo.Resolve(context.Background(), "1")
	if err == nil {
		err = repo.Delete(context.Background(), d)
	}
	if err != nil {
		l.Fatal(err)
	}
}

// Who follows looks again by himself, whatever happened before, and stops when told.
func TestRun(t *testing.T) {
	l := newLab(t)
	l.c.Down(true)
	f := &follow.Follower{Live: l.live, Log: slog.New(slog.NewTextHandler(l, nil)), Catalogs: []follow.Catalog{l.signed()}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { f.Run(ctx); close(ended) }()
	await := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited in vain for %s\n%s", what, l.said())
			}
		}
	}
	has := func(id string) func() bool {
		return func() bool { _, ok := l.live.Current().Type(id); return ok }
	}
	await("the first trouble", func() bool { return len(l.live.Followed()) == 1 })
	l.push2(l.signer, "rocket")
	await("rocket", has("rocket"))
	l.push(l.signer, "ship")
	await("ship", has("ship"))
	stop()
	<-ended
	if strings.Contains(l.said(), "context canceled") {
		t.Errorf("the end is told as a trouble:\n%s", l.said())
	}
}

// push2 sends it to a registry that was down.
func (l *lab) push2(key *sign.PrivateKey, types ...string) { l.c.Down(false); l.push(key, types...) }

// A bundle brings a catalog with its signatures to who cannot ask, as a file or a folder.
func TestBundles(t *testing.T) {
	l := newLab(t)
	l.push(l.signer, "rocket", "ship")
	place, err := follow.Place{Address: l.c.Address("types", "1")}.Open(t.Context(), reach.Options{})
	if err != nil {
		t.Fatal(err)
	}
	top, err := place.Top(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	content, set, err := place.Bundle(t.Context(), top, l.signer.Public())
	if err != nil || strings.Join(set.IDs(), " ") != "rocket ship" {
		t.Fatalf("%v, %v", set, err)
	}
	if _, _, err := place.Bundle(t.Context(), top, newKey(t).Public()); err == nil {
		t.Error("another key vouches for it")
	}
	var tar, again bytes.Buffer
	if err := content.Tar(&tar); err != nil {
		t.Fatal(err)
	}
	if err := content.Tar(&again); err != nil || !bytes.Equal(tar.Bytes(), again.Bytes()) {
		t.Errorf("the same bundle has other bytes, %v", err)
	}
	file, dir := filepath.Join(t.TempDir(), "catalog.tar"), filepath.Join(t.TempDir(), "catalog")
	if err := os.WriteFile(file, tar.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := content.Folder(dir); err != nil {
		t.Fatal(err)
	}
	l.c.Down(true)
	for _, name := range []string{file, dir} {
		for who, key := range map[string]*sign.PublicKey{"its key": l.signer.Public(), "nobody": nil, "": newKey(t).Public()} {
			l.db = storetest.SQLite(t)
			l.restart()
			c := follow.Catalog{Place: follow.Place{File: name}, Key: key, Terms: catalog.Terms{Ref: name}}
			err := l.look(c)
			if who != "" {
				if err != nil {
					t.Errorf("%s, with %s: %v", name, who, err)
				}
				l.knows("rocket", "ship")
			} else if err == nil || !strings.Contains(err.Error(), "not by the key") {
				t.Errorf("%s, with another key: %v", name, err)
			}
		}
	}
	forged := bytes.ReplaceAll(tar.Bytes(), []byte("ship run"), []byte("ship rum"))
	if err := os.WriteFile(file, forged, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.look(follow.Catalog{Place: follow.Place{File: file}, Terms: catalog.Terms{Ref: file}}); err == nil || !strings.Contains(err.Error(), "somebody changed them") {
		t.Errorf("a forged bundle: %v", err)
	}
	for name, text := range map[string]string{"cut off": tar.String()[:1000], "empty": "", "no tar": strings.Repeat("x", 2000)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.look(follow.Catalog{Place: follow.Place{File: file}, Terms: catalog.Terms{Ref: file}}); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if err := l.look(follow.Catalog{Place: follow.Place{File: file + ".gone"}, Terms: catalog.Terms{Ref: file}}); err == nil || !strings.Contains(err.Error(), ".gone") {
		t.Errorf("no file: %v", err)
	}
}

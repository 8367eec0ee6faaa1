package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

func write(t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func digest(s string) oci.Digest { return oci.SHA256.Sum([]byte(s)) }

// put stores a blob in a repository and returns the repository's id and the blob.
func put(t *testing.T, db *store.DB, repo oci.Name, content string) (id int64, b store.Blob) {
	t.Helper()
	write(t, db, func(tx *store.Tx) (err error) {
		if id, err = tx.EnsureRepository(repo, 1); err != nil {
			return err
		}
		b = store.Blob{Digest: digest(content), Size: int64(len(content))}
		if err := tx.PutBlob(&b, []byte(content), 1); err != nil {
			return err
		}
		return tx.LinkBlob(id, b.ID, 1)
	})
	return id, b
}

func TestWriteIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		failed := errors.New("failed")
		err := db.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.EnsureRepository("a", 1); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatalf("Write = %v, want the member's own error", err)
		}
		if _, ok, err := db.Repository("a"); ok || err != nil {
			t.Fatalf("a failed write left a repository behind (%v)", err)
		}
	})
}

func TestConcurrentWritersEachGetTheirOwnAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const n = 200
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() {
				errs[i] = db.Write(ctx, func(tx *store.Tx) error {
					if _, err := tx.EnsureRepository(oci.Name(fmt.Sprintf("r%03d", i)), 1); err != nil {
						return err
					}
					if i%7 == 0 {
						panic("a member must not take others down")
					}
					if i%5 == 0 {
						return oci.Denied
					}
					return nil
				})
			})
		}
		wg.Wait()
		names, err := db.Repositories("", n)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for i, err := range errs {
			if good := i%7 != 0 && i%5 != 0; good != (err == nil) {
				t.Errorf("writer %d got %v", i, err)
			} else if good {
				want++
			}
		}
		if len(names) != want {
			t.Errorf("%d repositories, want %d", len(names), want)
		}
	})
}

func TestOnCommitRunsOnceAndOnlyWhenDurable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		calls := 0
		write(t, db, func(tx *store.Tx) error { tx.OnCommit(func() { calls++ }); return nil })
		_ = db.Write(ctx, func(tx *store.Tx) error { tx.OnCommit(func() { calls += 100 }); return oci.Denied })
		if calls != 1 {
			t.Errorf("calls = %d, want 1", calls)
		}
	})
}

func TestANamedBlobCannotBeUnlinked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		repo, b := put(t, db, "a", "x")
		write(t, db, func(tx *store.Tx) error {
			m := &store.Manifest{RepositoryID: repo, Digest: digest("m"), Content: []byte("m")}
			id, _, err := tx.PutManifest(m)
			if err != nil {
				return err
			}
			return tx.AddRefs(repo, id, []store.Ref{{List: oci.InLayers, Digest: b.Digest, Blob: b.ID}})
		})
		err := db.Write(ctx, func(tx *store.Tx) error { return tx.UnlinkBlob(repo, b.ID, 2) })
		if err == nil {
			t.Fatal("the foreign key let a named blob go")
		}
		collected := false
		write(t, db, func(tx *store.Tx) (err error) {
			collected, err = tx.CollectLink(store.Link{Repo: repo, Blob: b.ID, Touched: 1}, 10, 10)
			return err
		})
		if collected {
			t.Error("a named blob was collected")
		}
	})
}

func TestCollectionLeavesWhatWasTouched(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		repo, b := put(t, db, "a", "x")
		links, err := db.Untouched(5, store.Link{}, 10)
		if err != nil || len(links) != 1 {
			t.Fatalf("Untouched = %v, %v; want the one link", links, err)
		}
		write(t, db, func(tx *store.Tx) error { return tx.TouchBlob(repo, b.ID, 7) })
		write(t, db, func(tx *store.Tx) error {
			if ok, err := tx.CollectLink(links[0], 5, 8); ok || err != nil {
				t.Errorf("CollectLink = %v, %v of a link touched since", ok, err)
			}
			return nil
		})
		write(t, db, func(tx *store.Tx) error {
			if ok, err := tx.CollectLink(links[0], 8, 8); !ok || err != nil {
				t.Errorf("CollectLink = %v, %v of an old link", ok, err)
			}
			return nil
		})
		if b, err := db.BlobAnywhere(b.Digest); b != nil || err != nil {
			t.Errorf("the last link left the blob (%v, %v)", b, err)
		}
	})
}

func TestGoodBytesReplaceOldOnes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := store.Blob{Digest: digest("x"), Size: 1, Key: "old", Stamp: "s1"}
		write(t, db, func(tx *store.Tx) error { return tx.PutBlob(&b, nil, 1) })
		again := store.Blob{Digest: b.Digest, Size: 1, Key: "new", Stamp: "s2"}
		write(t, db, func(tx *store.Tx) error { return tx.PutBlob(&again, nil, 2) })
		now, err := db.BlobAnywhere(b.Digest)
		if err != nil || now.ID != b.ID || now.Key != "new" || now.Stamp != "s2" || now.Verified != 2 {
			t.Errorf("blob = %+v, %v", now, err)
		}
		keys, err := db.PendingDeletes(10)
		if err != nil || len(keys) != 1 || keys[0] != "old" {
			t.Errorf("pending deletes = %v, %v", keys, err)
		}
		// A check that began on the old bytes says nothing of the new ones.
		write(t, db, func(tx *store.Tx) error { return tx.SetVerified(b.ID, "old", "s1", 9) })
		if now, _ := db.BlobAnywhere(b.Digest); now.Verified != 2 {
			t.Error("a check of the old bytes dated the new ones")
		}
	})
}

func TestArrivalsFillWhatWaited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var repo, index int64
		write(t, db, func(tx *store.Tx) (err error) {
			if repo, err = tx.EnsureRepository("a", 1); err != nil {
				return err
			}
			if index, _, err = tx.PutManifest(&store.Manifest{RepositoryID: repo, Digest: digest("index"), Content: []byte("index")}); err != nil {
				return err
			}
			return tx.AddRefs(repo, index, []store.Ref{
				{List: oci.InConfig, Digest: digest("config")}, {List: oci.InManifests, Digest: digest("child")}, {List: oci.InSubject, Digest: digest("child")},
			})
		})
		_, config := put(t, db, "a", "config")
		write(t, db, func(tx *store.Tx) error {
			of, err := tx.FillBlob(repo, config.Digest, config.ID)
			if len(of) != 1 || of[0] != index {
				t.Errorf("config of %v, want [%d]", of, index)
			}
			return err
		})
		write(t, db, func(tx *store.Tx) error {
			child, _, err := tx.PutManifest(&store.Manifest{RepositoryID: repo, Digest: digest("child"), Content: []byte("child")})
			if err != nil {
				return err
			}
			if err := tx.FillChild(repo, digest("child"), child); err != nil {
				return err
			}
			holders, err := tx.ChildHolders(child)
			if len(holders) != 1 || holders[0] != string(digest("index")) {
				t.Errorf("holders = %v", holders)
			}
			return err
		})
	})
}

func TestListsAreInASCIIOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := []string{"1.0", "B", "_x", "a", "a-b", "a.b", "b"}
		write(t, db, func(tx *store.Tx) error {
			repo, err := tx.EnsureRepository("r", 1)
			if err != nil {
				return err
			}
			m, _, err := tx.PutManifest(&store.Manifest{RepositoryID: repo, Digest: digest("m"), Content: []byte("m")})
			if err != nil {
				return err
			}
			for _, tag := range want {
				if err := tx.SetTag(repo, oci.Tag(tag), m, 1, ""); err != nil {
					return err
				}
			}
			return nil
		})
		repo, _, _ := db.Repository("r")
		got, err := db.Tags(repo, "", 100)
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("tags = %v, %v; want %v", got, err, want)
		}
		if got, _ := db.Tags(repo, "a", 2); strings.Join(got, " ") != "a-b a.b" {
			t.Errorf("page after a = %v", got)
		}
	})
}

func TestUploadsRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := store.Upload{ID: "u", Repository: "a", Size: 3, Content: []byte{0, 1, 2}, Updated: 5}
		write(t, db, func(tx *store.Tx) error { return tx.PutUpload(&want) })
		got, err := db.Upload("u")
		if err != nil || got == nil || got.Size != 3 || string(got.Content) != "\x00\x01\x02" || got.Key != "" || got.Ended {
			t.Fatalf("upload = %+v, %v", got, err)
		}
		if ids, _ := db.ExpiredUploads(5, 10); len(ids) != 0 {
			t.Errorf("expired before its time: %v", ids)
		}
		if ids, _ := db.ExpiredUploads(6, 10); len(ids) != 1 {
			t.Errorf("not expired: %v", ids)
		}
	})
}

// Drivers exist that bind $N by order of first appearance; texts that keep that
// order run on all.
func TestPlaceholdersAscend(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	literal, holder := regexp.MustCompile("`[^`]*`"), regexp.MustCompile(`\$(\d+)`)
	seen := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range literal.FindAllString(string(text), -1) {
			highest := 0
			for _, m := range holder.FindAllStringSubmatch(statement, -1) {
				seen++
				n, _ := strconv.Atoi(m[1])
				if n > highest+1 && highest > 0 {
					t.Errorf("%s: $%d comes before $%d in %s", f.Name(), n, highest+1, statement)
				}
				highest = max(highest, n)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d placeholders found: the test looks in the wrong place", seen)
	}
}

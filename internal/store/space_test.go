package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// scarceDisk is a reserve of a disk with little space left.
type scarceDisk struct{}

func (scarceDisk) Release() error { return nil }
func (scarceDisk) Held() bool     { return true }
func (scarceDisk) Scarce() bool   { return true }

// Where space is scarce the log stays short, and what was deleted goes back to
// the disk: else a disk that was full once would stay so.
func TestScarceSpaceIsGivenBack(t *testing.T) {
	path := filepath.Join(storetest.Dir(t), "argosy.db")
	db, err := store.OpenSQLite(path, store.Options{Reserve: scarceDisk{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	const blobs, size = 200, 64 << 10
	var digests []oci.Digest
	for i := range blobs {
		content := make([]byte, size)
		copy(content, fmt.Sprint(i))
		_, b := put(t, db, "a", string(content))
		digests = append(digests, b.Digest)
		if log := sizeOf(t, path+"-wal"); log > 2<<20 {
			t.Fatalf("after %d blobs the log has %d bytes", i+1, log)
		}
	}
	full := sizeOf(t, path)
	if full < blobs*size/2 {
		t.Fatalf("the file has %d bytes: the log was not moved into it", full)
	}
	for _, d := range digests {
		write(t, db, func(tx *store.Tx) error {
			b, err := tx.Blob("a", d)
			if err != nil {
				return err
			}
			return tx.UnlinkBlob(b.RepoID, b.ID, 2)
		})
	}
	for before := int64(0); before != sizeOf(t, path); {
		before = sizeOf(t, path)
		if err := db.Compact(); err != nil {
			t.Fatal(err)
		}
	}
	if now := sizeOf(t, path); now > full/4 {
		t.Errorf("the empty database has %d bytes, full it had %d", now, full)
	}
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// A manifest whose bytes are lost is met by who looks at all of them.
func TestAManifestWithoutBytesIsMet(t *testing.T) {
	path := filepath.Join(storetest.Dir(t), "argosy.db")
	db, err := store.OpenSQLite(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	write(t, db, func(tx *store.Tx) error {
		repo, err := tx.EnsureRepository("a", 1)
		if err != nil {
			return err
		}
		_, _, err = tx.PutManifest(&store.Manifest{RepositoryID: repo, Digest: digest("{}"), Size: 2, Content: []byte("{}")})
		return err
	})
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`DELETE FROM manifest_content`); err != nil {
		t.Fatal(err)
	}
	met := 0
	if _, err := db.Manifests(0, 10, func(m *store.Manifest) error {
		met++
		if m.Digest != digest("{}") || len(m.Content) > 0 {
			t.Errorf("%s with %d bytes", m.Digest, len(m.Content))
		}
		return nil
	}); err != nil || met != 1 {
		t.Errorf("%d manifests are met, %v", met, err)
	}
}

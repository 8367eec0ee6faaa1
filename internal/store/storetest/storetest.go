// Package storetest opens databases for tests: SQLite in a temporary folder, and
// a PostgreSQL that it starts itself. It does not know what is tested.
package storetest

import (
	"path/filepath"
	"testing"

	"github.com/argosy-registry/argosy/internal/store"
)

// Each runs a test on a new database of every engine.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, OpenPostgres(t, Postgres(t))) })
}

// SQLite opens a new SQLite database that is closed with the test.
func SQLite(t testing.TB) *store.DB {
	t.Helper()
	db, err := store.OpenSQLite(filepath.Join(t.TempDir(), "argosy.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	return db
}

// OpenPostgres opens the PostgreSQL database at url; it is closed with the test.
func OpenPostgres(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.OpenPostgres(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	return db
}

func closeDB(t testing.TB, db *store.DB) {
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

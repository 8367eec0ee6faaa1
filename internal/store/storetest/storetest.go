// Package storetest opens databases for tests: SQLite in a temporary folder, and
// a PostgreSQL that it starts itself. It does not know what is tested.
package storetest

import (
	"os"
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
	db, err := store.OpenSQLite(filepath.Join(Dir(t), "argosy.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeDB(t, db) })
	return db
}

// Dir is a new folder that goes with the test, in memory where there is a file
// system for that: hundreds of databases, each synced to a disk many times, take
// minutes otherwise, and no test here cuts the power.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "argosy-test")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
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

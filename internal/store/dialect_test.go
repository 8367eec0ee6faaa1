package store

import (
	"fmt"
	"path/filepath"
	"testing"
)

// What must hold for SQLite's connection that writes. Without temp_store a large
// transaction needs a folder for temporary files, which a container may not have.
func TestWhatTheWriterIsSetTo(t *testing.T) {
	db, err := OpenSQLite(filepath.Join(t.TempDir(), "a?b #c.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := db.write.(*batchWriter)
	for pragma, want := range map[string]int64{
		"synchronous": 2, "foreign_keys": 1, "temp_store": 2, "auto_vacuum": 2,
	} {
		got, err := w.number(fmt.Sprintf("PRAGMA %s", pragma))
		if err != nil || got != want {
			t.Errorf("%s is %d, want %d (%v)", pragma, got, want, err)
		}
	}
}

package store

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// A page must not read more rows than it shows, however large a table is.
func TestItemsAreSearchedNotScanned(t *testing.T) {
	s, err := OpenSQLite(filepath.Join(t.TempDir(), "argosy.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	all := Visible{All: true}
	for name, c := range map[string]struct {
		text string
		args []any
	}{
		"registry":   {registryItems(all, "", 3), []any{"a", "b", 3}},
		"repository": {repositoryItems(all, "", 3), []any{"a", "b", 3}},
		"of a type":  {registryItems(all, ofType, 4), []any{"a", "b", "c", 3}},
		"around":     {around, make([]any, itemList)},
		"children":   {children, make([]any, itemList)},

		"repositories": {repositoryNames(all), []any{"", "a", "b", 3}},
		"tag counts":   {tagCounts, make([]any, itemList)},
	} {
		err := s.each(func(rows *sql.Rows) error {
			var id, parent, unused int
			var step string
			err := rows.Scan(&id, &parent, &unused, &step)
			if strings.HasPrefix(step, "USE TEMP B-TREE FOR ") && !strings.HasSuffix(step, "DISTINCT") && name != "around" {
				t.Errorf("%s: %s", name, step)
			}
			for _, table := range []string{"r", "t", "m", "x", "a", "c", "repository", "tag", "manifest", "manifest_ref"} {
				if step == "SCAN "+table || strings.HasPrefix(step, "SCAN "+table+" ") || strings.HasSuffix(step, "PRIMARY KEY (repository_id=?)") {
					t.Errorf("%s: %s", name, step)
				}
			}
			return err
		}, "EXPLAIN QUERY PLAN "+c.text, c.args...)
		if err != nil {
			t.Fatal(err)
		}
	}
}

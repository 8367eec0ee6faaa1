package store

import (
	"database/sql"

	"github.com/argosy-registry/argosy/internal/oci"
)

// RepositoryItem is a row of a listing of repositories.
type RepositoryItem struct {
	Name    oci.Name
	Types   map[string]int64 // how many rows listings show of each type
	Tags    int64            // with those that listings fold
	Updated int64            // when the newest push of what is here was
}

// RepositoryItems lists at most n repositories that v sees, in ASCII order after
// last. With below, the repository of that name and those whose names go on after
// it with a slash.
func (r Reader) RepositoryItems(v Visible, below oci.Name, last string, n int) ([]*RepositoryItem, error) {
	itself, after, before := "", last, afterNames
	if below != "" {
		after, before = max(last, string(below)+"/"), string(below)+afterSlash
	}
	if last < string(below) {
		itself = string(below)
	}
	var all []*RepositoryItem
	var ids []int64
	found := map[int64]*RepositoryItem{}
	err := r.each(func(rows *sql.Rows) error {
		var id int64
		i := &RepositoryItem{Types: map[string]int64{}}
		err := rows.Scan(&id, &i.Name, &i.Updated)
		all, ids, found[id] = append(all, i), append(ids, id), i
		return err
	}, repositoryNames(v), itself, after, before, n)
	if err != nil {
		return nil, err
	}
	return all, perList(ids, func(args []any) error { return r.count(found, args) })
}

// Names have lower-case letters, digits and . _ - / in them, and begin with a
// letter or digit.
const (
	afterNames = "{" // is after them all
	afterSlash = "0" // is what follows the slash
)

// repositoryNames says of a repository without manifests when it was made.
func repositoryNames(v Visible) string {
	const columns = `SELECT r.id AS id, r.name AS name,
		COALESCE((SELECT MAX(m.pushed) FROM manifest m WHERE m.repository_id = r.id), r.created) AS updated FROM repository r`
	return columns + ` WHERE r.name = $1 AND ` + v.where() + `
		UNION ALL ` + columns + ` WHERE r.name > $2 AND r.name < $3 AND ` + v.where() + `
		ORDER BY name LIMIT $4`
}

// The counts read an index alone, and those of a list of repositories together.
var (
	tagCounts = `SELECT t.repository_id, COALESCE(t.listed, ''), t.listed IS NOT NULL, COUNT(*) FROM tag t
		WHERE t.repository_id IN (` + placeholders(1, itemList) + `) GROUP BY t.repository_id, t.listed`

	// What is in quarantine is little, and not counted: CROSS JOIN keeps to that order.
	tagsApart = `SELECT t.repository_id, COUNT(*) FROM quarantine q CROSS JOIN tag t
		WHERE t.manifest_id = q.manifest_id AND t.repository_id IN (` + placeholders(1, itemList) + `) GROUP BY t.repository_id`

	tagUpdates = `SELECT t.repository_id, MAX(t.updated) FROM tag t
		WHERE t.repository_id IN (` + placeholders(1, itemList) + `) GROUP BY t.repository_id`
)

// count fills in what the tags of repositories say.
func (r Reader) count(found map[int64]*RepositoryItem, args []any) error {
	err := r.each(func(rows *sql.Rows) error {
		var id, n int64
		var typ string
		var listed bool
		err := rows.Scan(&id, &typ, &listed, &n)
		if i := found[id]; i != nil {
			i.Tags += n
			if listed {
				i.Types[typ] = n
			}
		}
		return err
	}, tagCounts, args...)
	if err != nil {
		return err
	}
	err = r.numbers(tagsApart, args, func(id, n int64) {
		if i := found[id]; i != nil {
			i.Tags -= n
		}
	})
	if err != nil {
		return err
	}
	return r.numbers(tagUpdates, args, func(id, updated int64) {
		if i := found[id]; i != nil {
			i.Updated = max(i.Updated, updated)
		}
	})
}

// numbers calls each for rows of an id and a number.
func (r Reader) numbers(text string, args []any, each func(id, n int64)) error {
	return r.each(func(rows *sql.Rows) error {
		var id, n int64
		err := rows.Scan(&id, &n)
		if err == nil {
			each(id, n)
		}
		return err
	}, text, args...)
}

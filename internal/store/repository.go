package store

import "github.com/argosy-registry/argosy/internal/oci"

// Repository finds a repository's id; false when there is none.
func (r Reader) Repository(name oci.Name) (id int64, ok bool, err error) {
	ok, err = r.one([]any{&id}, `SELECT id FROM repository WHERE name = $1`, string(name))
	return id, ok, err
}

// RepositoryName is the name of a repository; empty when there is none.
func (r Reader) RepositoryName(id int64) (name oci.Name, err error) {
	_, err = r.one([]any{&name}, `SELECT name FROM repository WHERE id = $1`, id)
	return name, err
}

// EnsureRepository finds or makes a repository.
func (tx *Tx) EnsureRepository(name oci.Name, now int64) (id int64, err error) {
	id, ok, err := tx.Repository(name)
	if ok || err != nil {
		return id, err
	}
	_, err = tx.one([]any{&id}, `INSERT INTO repository (name, created) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`, string(name), now)
	return id, err
}

// Repositories lists at most n names after last, in ASCII order.
func (r Reader) Repositories(last string, n int) ([]string, error) {
	return r.strings(`SELECT name FROM repository WHERE name > $1 ORDER BY name LIMIT $2`, last, n)
}

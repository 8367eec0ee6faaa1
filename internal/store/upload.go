package store

import (
	"database/sql"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Upload is a row of upload: bytes that were acknowledged and are no blob yet.
type Upload struct {
	ID         string
	Repository oci.Name
	Size       int64
	Content    []byte // the bytes while they are few
	Key        string // else the heap object
	State      []byte // of the heap's writer
	Hash       []byte // running SHA-256
	Updated    int64
	Ended      bool // a tombstone
}

// Upload finds an upload or its tombstone; nil when there is none.
func (r Reader) Upload(id string) (*Upload, error) {
	u := &Upload{ID: id}
	var key sql.NullString
	ok, err := r.one([]any{&u.Repository, &u.Size, &u.Content, &key, &u.State, &u.Hash, &u.Updated, (*flag)(&u.Ended)},
		`SELECT repository, size, content, storage_key, state, hash, updated, ended FROM upload WHERE id = $1`, id)
	if !ok {
		return nil, err
	}
	u.Key = key.String
	return u, err
}

// PutUpload sets the row of an upload.
func (tx *Tx) PutUpload(u *Upload) error {
	var key any
	if u.Key != "" {
		key = u.Key
	}
	_, err := tx.exec(`INSERT INTO upload (id, repository, size, content, storage_key, state, hash, updated, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET size = excluded.size, content = excluded.content, storage_key = excluded.storage_key,
			state = excluded.state, hash = excluded.hash, updated = excluded.updated, ended = excluded.ended`,
		u.ID, string(u.Repository), u.Size, u.Content, key, u.State, u.Hash, u.Updated, flag(u.Ended))
	return err
}

// DeleteUpload removes the row of an upload.
func (tx *Tx) DeleteUpload(id string) error {
	_, err := tx.exec(`DELETE FROM upload WHERE id = $1`, id)
	return err
}

// ExpiredUploads lists the ids of at most n uploads that were last written to
// before a moment.
func (r Reader) ExpiredUploads(before int64, n int) ([]string, error) {
	return r.strings(`SELECT id FROM upload WHERE updated < $1 ORDER BY updated, id LIMIT $2`, before, n)
}

package store

import (
	"database/sql"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Blob is a row of blob, seen from a repository.
type Blob struct {
	ID       int64
	Digest   oci.Digest
	Size     int64
	Key      string // in the heap; empty when the bytes are in the database
	Stamp    string // of the heap object when it was last verified
	Verified int64
	Touched  int64 // of the repository's link
	RepoID   int64
}

const blobColumns = `b.id, b.digest, b.size, COALESCE(b.storage_key, ''), b.stamp, b.verified`

func (b *Blob) columns() []any {
	return []any{&b.ID, &b.Digest, &b.Size, &b.Key, &b.Stamp, &b.Verified}
}

// Blob finds a blob that is linked in a repository; nil when there is none.
func (r Reader) Blob(repo oci.Name, d oci.Digest) (*Blob, error) {
	b := new(Blob)
	ok, err := r.one(append(b.columns(), &b.Touched, &b.RepoID), `SELECT `+blobColumns+`, l.touched, l.repository_id
		FROM repository r JOIN blob b ON b.digest = $1
		JOIN repository_blob l ON l.repository_id = r.id AND l.blob_id = b.id WHERE r.name = $2`, string(d), string(repo))
	if !ok {
		return nil, err
	}
	return b, err
}

// BlobAnywhere finds a blob by digest in any repository; nil when there is none.
func (r Reader) BlobAnywhere(d oci.Digest) (*Blob, error) {
	b := new(Blob)
	ok, err := r.one(b.columns(), `SELECT `+blobColumns+` FROM blob b WHERE b.digest = $1`, string(d))
	if !ok {
		return nil, err
	}
	return b, err
}

// ConfigOf finds the config blob of a manifest; nil when it has none that is here.
func (r Reader) ConfigOf(manifest int64) (*Blob, error) {
	b := new(Blob)
	ok, err := r.one(b.columns(), `SELECT `+blobColumns+` FROM manifest_ref f JOIN blob b ON b.id = f.blob_id
		WHERE f.manifest_id = $1 AND f.list = 'config'`, manifest)
	if !ok {
		return nil, err
	}
	return b, err
}

// BlobContent reads the bytes of a blob that are in the database; nil when
// they are not.
func (r Reader) BlobContent(id int64) ([]byte, error) {
	var content []byte
	ok, err := r.one([]any{&content}, `SELECT content FROM blob_content WHERE blob_id = $1`, id)
	if ok && content == nil {
		content = []byte{}
	}
	return content, err
}

// Blobs lists at most n blobs with an id above after, in order of id.
func (r Reader) Blobs(after int64, n int) ([]*Blob, error) {
	return r.blobs(`SELECT `+blobColumns+` FROM blob b WHERE b.id > $1 ORDER BY b.id LIMIT $2`, after, n)
}

// StaleBlobs lists at most n heap blobs that were last verified before a moment,
// the oldest first.
func (r Reader) StaleBlobs(before int64, n int) ([]*Blob, error) {
	return r.blobs(`SELECT `+blobColumns+` FROM blob b WHERE b.verified < $1 AND b.storage_key IS NOT NULL
		ORDER BY b.verified, b.id LIMIT $2`, before, n)
}

func (r Reader) blobs(text string, args ...any) ([]*Blob, error) {
	var all []*Blob
	err := r.each(func(rows *sql.Rows) error {
		b := new(Blob)
		all = append(all, b)
		return rows.Scan(b.columns()...)
	}, text, args...)
	return all, err
}

// KeyInUse says whether a heap key belongs to a blob, an upload, or is about to
// be deleted.
func (r Reader) KeyInUse(key string) (bool, error) {
	var n int64
	_, err := r.one([]any{&n}, `SELECT (SELECT COUNT(*) FROM blob WHERE storage_key = $1)
		+ (SELECT COUNT(*) FROM upload WHERE storage_key = $1) + (SELECT COUNT(*) FROM pending_delete WHERE storage_key = $1)`, key)
	return n > 0, err
}

// PutBlob makes b the bytes of its digest: a new row, or newly verified bytes in
// place of the old ones, whose heap key is queued for deletion. content is nil for
// bytes in the heap. It sets b.ID.
func (tx *Tx) PutBlob(b *Blob, content []byte, now int64) error {
	old, err := tx.BlobAnywhere(b.Digest)
	if err != nil {
		return err
	}
	var key any
	if content == nil {
		key = b.Key
	}
	if _, err := tx.one([]any{&b.ID}, `INSERT INTO blob (digest, size, storage_key, stamp, verified) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (digest) DO UPDATE SET size = excluded.size, storage_key = excluded.storage_key,
			stamp = excluded.stamp, verified = excluded.verified RETURNING id`, string(b.Digest), b.Size, key, b.Stamp, now); err != nil {
		return err
	}
	if err := tx.putContent(b.ID, content, old); err != nil {
		return err
	}
	if old != nil && old.Key != "" && old.Key != b.Key {
		return tx.QueueDelete(old.Key, now)
	}
	return nil
}

func (tx *Tx) putContent(id int64, content []byte, old *Blob) (err error) {
	switch {
	case content != nil:
		_, err = tx.exec(`INSERT INTO blob_content (blob_id, content) VALUES ($1, $2)
			ON CONFLICT (blob_id) DO UPDATE SET content = excluded.content`, id, content)
	case old != nil && old.Key == "":
		_, err = tx.exec(`DELETE FROM blob_content WHERE blob_id = $1`, id)
	}
	return err
}

// LinkBlob makes a blob readable in a repository, or touches the link.
func (tx *Tx) LinkBlob(repo, blob, now int64) error {
	_, err := tx.exec(`INSERT INTO repository_blob (repository_id, blob_id, touched) VALUES ($1, $2, $3)
		ON CONFLICT (repository_id, blob_id) DO UPDATE SET touched = excluded.touched`, repo, blob, now)
	return err
}

// TouchBlob says that a link was used now.
func (tx *Tx) TouchBlob(repo, blob, now int64) error {
	_, err := tx.exec(`UPDATE repository_blob SET touched = $1 WHERE repository_id = $2 AND blob_id = $3`, now, repo, blob)
	return err
}

// UnlinkBlob takes a blob out of a repository. The last link takes the blob
// with it, its heap key queued for deletion.
func (tx *Tx) UnlinkBlob(repo, blob, now int64) error {
	if _, err := tx.exec(`DELETE FROM repository_blob WHERE repository_id = $1 AND blob_id = $2`, repo, blob); err != nil {
		return err
	}
	var key sql.NullString
	gone, err := tx.one([]any{&key}, `DELETE FROM blob WHERE id = $1
		AND NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.blob_id = $1) RETURNING storage_key`, blob)
	if err != nil || !gone || !key.Valid {
		return err
	}
	return tx.QueueDelete(key.String, now)
}

// SetVerified records that the heap object under key matched, unless the blob
// moved to another key meanwhile.
func (tx *Tx) SetVerified(blob int64, key, stamp string, now int64) error {
	_, err := tx.exec(`UPDATE blob SET stamp = $1, verified = $2 WHERE id = $3 AND storage_key = $4`, stamp, now, blob, key)
	return err
}

// BlobDigest is the digest of a blob; empty when there is none.
func (r Reader) BlobDigest(id int64) (d oci.Digest, err error) {
	_, err = r.one([]any{&d}, `SELECT digest FROM blob WHERE id = $1`, id)
	return d, err
}

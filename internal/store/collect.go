package store

import "database/sql"

// Link is a blob's membership in a repository.
type Link struct {
	Repo, Blob, Touched int64
}

// Untouched lists at most n links, last touched before a moment, that no
// manifest of their repository names, in order of touch after a link.
func (r Reader) Untouched(before int64, after Link, n int) ([]Link, error) {
	var all []Link
	err := r.each(func(rows *sql.Rows) error {
		var l Link
		err := rows.Scan(&l.Touched, &l.Repo, &l.Blob)
		all = append(all, l)
		return err
	}, `SELECT l.touched, l.repository_id, l.blob_id FROM repository_blob l
		WHERE (l.touched, l.repository_id, l.blob_id) > ($1, $2, $3) AND l.touched < $4
		AND NOT EXISTS (SELECT 1 FROM manifest_ref f WHERE f.repository_id = l.repository_id AND f.blob_id = l.blob_id)
		ORDER BY l.touched, l.repository_id, l.blob_id LIMIT $5`, after.Touched, after.Repo, after.Blob, before, n)
	return all, err
}

// CollectLink removes a link if it is still untouched and unnamed at this moment.
func (tx *Tx) CollectLink(l Link, before, now int64) (bool, error) {
	var blob int64
	ok, err := tx.one([]any{&blob}, `DELETE FROM repository_blob WHERE repository_id = $1 AND blob_id = $2 AND touched < $3
		AND NOT EXISTS (SELECT 1 FROM manifest_ref f WHERE f.repository_id = $1 AND f.blob_id = $2) RETURNING blob_id`,
		l.Repo, l.Blob, before)
	if err != nil || !ok {
		return false, err
	}
	return true, tx.UnlinkBlob(l.Repo, l.Blob, now)
}

// QueueDelete says that the bytes under a heap key are to follow their row.
func (tx *Tx) QueueDelete(key string, now int64) error {
	_, err := tx.exec(`INSERT INTO pending_delete (storage_key, queued) VALUES ($1, $2) ON CONFLICT (storage_key) DO NOTHING`, key, now)
	return err
}

// PendingDeletes lists at most n heap keys that are to be deleted.
func (r Reader) PendingDeletes(n int) ([]string, error) {
	return r.strings(`SELECT storage_key FROM pending_delete ORDER BY queued, storage_key LIMIT $1`, n)
}

// Deleted says that the bytes under a heap key are gone.
func (tx *Tx) Deleted(key string) error {
	_, err := tx.exec(`DELETE FROM pending_delete WHERE storage_key = $1`, key)
	return err
}

package store

import (
	"database/sql"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Quarantined is a manifest that is stored and shown to nobody.
type Quarantined struct {
	Manifest   int64 // id
	Repository oci.Name
	Digest     oci.Digest
	Type       string
	Since      int64 // microseconds
	Reason     string
}

// free is the condition that a manifest, given by a column with its id, is not in
// quarantine. The table has few rows and is asked by its key.
func free(id string) string { return id + ` NOT IN (SELECT manifest_id FROM quarantine)` }

// quarantined is the column that says whether the manifest m is in quarantine.
const quarantined = `CASE WHEN EXISTS (SELECT 1 FROM quarantine q WHERE q.manifest_id = m.id) THEN 1 ELSE 0 END`

// maxReason is the most bytes of a reason that are kept.
const maxReason = 2000

// Quarantine keeps a manifest from all readers.
func (tx *Tx) Quarantine(manifest, now int64, reason string) error {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	_, err := tx.exec(`INSERT INTO quarantine (manifest_id, since, reason) VALUES ($1, $2, $3)`, manifest, now, reason)
	if err != nil {
		return err
	}
	return tx.relist(manifest)
}

// Release ends a manifest's quarantine; false when it was in none.
func (tx *Tx) Release(manifest int64) (bool, error) {
	n, err := tx.exec(`DELETE FROM quarantine WHERE manifest_id = $1`, manifest)
	if n == 0 || err != nil {
		return false, err
	}
	return true, tx.relist(manifest)
}

// ChildrenApart lists the manifests in quarantine that an index names.
func (r Reader) ChildrenApart(index int64) (ids []int64, err error) {
	err = r.each(func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT DISTINCT q.manifest_id FROM manifest_ref f JOIN quarantine q ON q.manifest_id = f.child_id
		WHERE f.manifest_id = $1 AND f.child_id IS NOT NULL ORDER BY q.manifest_id`, index)
	return ids, err
}

// QuarantineOf is why a manifest is in quarantine; false when it is in none.
func (r Reader) QuarantineOf(manifest int64) (reason string, ok bool, err error) {
	ok, err = r.one([]any{&reason}, `SELECT reason FROM quarantine WHERE manifest_id = $1`, manifest)
	return reason, ok, err
}

// Quarantine lists at most n manifests in quarantine with an id above after, in
// order of id.
func (r Reader) Quarantine(after int64, n int) ([]Quarantined, error) {
	var all []Quarantined
	err := r.each(func(rows *sql.Rows) error {
		var q Quarantined
		err := rows.Scan(&q.Manifest, &q.Repository, &q.Digest, &q.Type, &q.Since, &q.Reason)
		all = append(all, q)
		return err
	}, `SELECT q.manifest_id, r.name, m.digest, m.type, q.since, q.reason FROM quarantine q
		JOIN manifest m ON m.id = q.manifest_id JOIN repository r ON r.id = m.repository_id
		WHERE q.manifest_id > $1 ORDER BY q.manifest_id LIMIT $2`, after, n)
	return all, err
}

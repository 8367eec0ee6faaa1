package store

import (
	"database/sql"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Tags lists at most n tags of a repository after last, in ASCII order, those of
// manifests in quarantine left out.
func (r Reader) Tags(repo int64, last string, n int) ([]string, error) {
	return r.strings(`SELECT name FROM tag WHERE repository_id = $1 AND name > $2 AND `+free(`manifest_id`)+` ORDER BY name LIMIT $3`, repo, last, n)
}

// TagTarget is the id and digest of the manifest that a tag names; false when
// there is no such tag.
func (r Reader) TagTarget(repo int64, tag oci.Tag) (manifest int64, d oci.Digest, ok bool, err error) {
	ok, err = r.one([]any{&manifest, &d}, `SELECT m.id, m.digest FROM tag t JOIN manifest m ON m.id = t.manifest_id
		WHERE t.repository_id = $1 AND t.name = $2`, repo, string(tag))
	return manifest, d, ok, err
}

// TagsOf lists the tags of a manifest.
func (r Reader) TagsOf(manifest int64) ([]string, error) {
	return r.strings(`SELECT name FROM tag WHERE manifest_id = $1 ORDER BY name`, manifest)
}

// SetTag makes a tag name a manifest. attachedTo is the digest that the tag's
// name attaches it to, or empty.
func (tx *Tx) SetTag(repo int64, tag oci.Tag, manifest, now int64, attachedTo string) error {
	_, err := tx.exec(`INSERT INTO tag (repository_id, name, manifest_id, updated, attached_to, listed)
		VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = '' THEN (SELECT `+listedAs+` FROM manifest m WHERE m.id = $3) END)
		ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id,
			updated = excluded.updated, attached_to = excluded.attached_to, listed = excluded.listed`,
		repo, string(tag), manifest, now, attachedTo)
	return err
}

// DeleteTag removes a tag; false when there was none.
func (tx *Tx) DeleteTag(repo int64, tag oci.Tag) (bool, error) {
	n, err := tx.exec(`DELETE FROM tag WHERE repository_id = $1 AND name = $2`, repo, string(tag))
	return n > 0, err
}

// Attached maps the tags of a manifest to the digests that their names attach it to.
func (r Reader) Attached(manifest int64) (map[string]string, error) {
	all := map[string]string{}
	err := r.each(func(rows *sql.Rows) error {
		var name, to string
		err := rows.Scan(&name, &to)
		all[name] = to
		return err
	}, `SELECT name, attached_to FROM tag WHERE manifest_id = $1`, manifest)
	return all, err
}

// SetAttached sets what the name of a manifest's tag attaches it to.
func (tx *Tx) SetAttached(manifest int64, tag, to string) error {
	_, err := tx.exec(`UPDATE tag SET attached_to = $1,
		listed = CASE WHEN $1 = '' THEN (SELECT `+listedAs+` FROM manifest m WHERE m.id = $2) END
		WHERE manifest_id = $2 AND name = $3`, to, manifest, tag)
	return err
}

// listedAs is the type under which listings show the tags of the manifest m,
// those apart that their names attach to something: NULL for a companion that
// names a subject, under which it is folded, and for what is in quarantine.
var listedAs = `CASE WHEN m.companion = 1 AND m.subject <> '' OR NOT (` + free(`m.id`) + `) THEN NULL ELSE m.type END`

// relist renews under which type listings show the tags of a manifest.
func (tx *Tx) relist(manifest int64) error {
	_, err := tx.exec(`UPDATE tag SET listed = CASE WHEN attached_to = '' THEN
		(SELECT `+listedAs+` FROM manifest m WHERE m.id = $1) END WHERE manifest_id = $1`, manifest)
	return err
}

package store

import (
	"database/sql"
	"errors"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Manifest is a row of manifest, with the bytes where they were asked for.
type Manifest struct {
	ID           int64
	RepositoryID int64
	Digest       oci.Digest
	MediaType    string
	ArtifactType string // as a referrers answer shows it
	ConfigType   string
	Subject      oci.Digest
	Size         int64
	Pushed       int64
	Derived
	Quarantined bool // shown to nobody
	Content     []byte
}

// Derived is what a catalog said of a manifest.
type Derived struct {
	Type        string
	Variant     string
	Companion   bool
	Facts       string // JSON for listings
	Fingerprint string // of the catalog
}

const manifestColumns = `m.id, m.repository_id, m.digest, m.media_type, m.artifact_type, m.config_type,
	m.subject, m.size, m.pushed, m.type, m.variant, m.companion, m.facts, m.fingerprint, ` + quarantined

func (m *Manifest) columns() []any {
	return []any{&m.ID, &m.RepositoryID, &m.Digest, &m.MediaType, &m.ArtifactType, &m.ConfigType,
		&m.Subject, &m.Size, &m.Pushed, &m.Type, &m.Variant, (*flag)(&m.Companion), &m.Facts, &m.Fingerprint, (*flag)(&m.Quarantined)}
}

// ManifestByDigest finds a manifest of a repository with its bytes; nil when
// there is none.
func (r Reader) ManifestByDigest(repo oci.Name, d oci.Digest) (*Manifest, error) {
	return r.manifest(`SELECT `+manifestColumns+`, c.content FROM repository r
		JOIN manifest m ON m.repository_id = r.id AND m.digest = $1
		JOIN manifest_content c ON c.manifest_id = m.id WHERE r.name = $2`, string(d), string(repo))
}

// ManifestByTag finds the manifest that a tag names with its bytes; nil when
// there is none.
func (r Reader) ManifestByTag(repo oci.Name, tag oci.Tag) (*Manifest, error) {
	return r.manifest(`SELECT `+manifestColumns+`, c.content FROM repository r
		JOIN tag t ON t.repository_id = r.id AND t.name = $1
		JOIN manifest m ON m.id = t.manifest_id
		JOIN manifest_content c ON c.manifest_id = m.id WHERE r.name = $2`, string(tag), string(repo))
}

// ManifestByID finds a manifest with its bytes; nil when there is none.
func (r Reader) ManifestByID(id int64) (*Manifest, error) {
	return r.manifest(`SELECT `+manifestColumns+`, c.content FROM manifest m
		JOIN manifest_content c ON c.manifest_id = m.id WHERE m.id = $1`, id)
}

func (r Reader) manifest(text string, args ...any) (*Manifest, error) {
	m := new(Manifest)
	ok, err := r.one(append(m.columns(), &m.Content), text, args...)
	if !ok {
		return nil, err
	}
	return m, err
}

// Manifests calls each for at most n manifests with an id above after, in order
// of id, with their bytes, nil when they are lost, and returns the last id.
func (r Reader) Manifests(after int64, n int, each func(*Manifest) error) (last int64, err error) {
	last = after
	err = r.each(func(rows *sql.Rows) error {
		m := new(Manifest)
		if err := rows.Scan(append(m.columns(), &m.Content)...); err != nil {
			return err
		}
		last = m.ID
		return each(m)
	}, `SELECT `+manifestColumns+`, c.content FROM manifest m LEFT JOIN manifest_content c ON c.manifest_id = m.id
		WHERE m.id > $1 ORDER BY m.id LIMIT $2`, after, n)
	return last, err
}

// ManifestID finds the id of a manifest of a repository; false when there is none.
func (r Reader) ManifestID(repo int64, d oci.Digest) (id int64, ok bool, err error) {
	ok, err = r.one([]any{&id}, `SELECT id FROM manifest WHERE repository_id = $1 AND digest = $2`, repo, string(d))
	return id, ok, err
}

// PutManifest adds a manifest with its bytes, or renews bytes, media type and
// what is derived of the one that is there, and returns its id.
func (tx *Tx) PutManifest(m *Manifest) (id int64, added bool, err error) {
	id, ok, err := tx.ManifestID(m.RepositoryID, m.Digest)
	if err != nil {
		return 0, false, err
	}
	if ok {
		if _, err := tx.exec(`UPDATE manifest_content SET content = $1 WHERE manifest_id = $2`, m.Content, id); err != nil {
			return 0, false, err
		}
		_, err := tx.exec(`UPDATE manifest SET media_type = $1, artifact_type = $2 WHERE id = $3`, m.MediaType, m.ArtifactType, id)
		if err != nil {
			return 0, false, err
		}
		return id, false, tx.SetDerived(id, m.Derived)
	}
	_, err = tx.one([]any{&id}, `INSERT INTO manifest (repository_id, digest, media_type, artifact_type, config_type,
		subject, size, pushed, type, variant, companion, facts, fingerprint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`,
		m.RepositoryID, string(m.Digest), m.MediaType, m.ArtifactType, m.ConfigType,
		string(m.Subject), m.Size, m.Pushed, m.Type, m.Variant, flag(m.Companion), m.Facts, m.Fingerprint)
	if err != nil {
		return 0, false, err
	}
	_, err = tx.exec(`INSERT INTO manifest_content (manifest_id, content) VALUES ($1, $2)`, id, m.Content)
	return id, true, err
}

// SetDerived sets what a catalog says of a manifest.
func (tx *Tx) SetDerived(id int64, d Derived) error {
	var was Derived
	if _, err := tx.one([]any{&was.Type, (*flag)(&was.Companion)}, `SELECT type, companion FROM manifest WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE manifest SET type = $1, variant = $2, companion = $3, facts = $4, fingerprint = $5 WHERE id = $6`,
		d.Type, d.Variant, flag(d.Companion), d.Facts, d.Fingerprint, id)
	if err != nil || d.listedLike(was) {
		return err
	}
	return tx.relist(id)
}

// listedLike says whether listings show under the same type what was derived so.
func (d Derived) listedLike(was Derived) bool {
	return d.Type == was.Type && d.Companion == was.Companion
}

// Rederive sets what another catalog says of a manifest that was read before;
// false when it has gone, or was identified again, since then.
func (tx *Tx) Rederive(m *Manifest, d Derived) (bool, error) {
	n, err := tx.exec(`UPDATE manifest SET type = $1, variant = $2, companion = $3, facts = $4, fingerprint = $5
		WHERE id = $6 AND digest = $7 AND fingerprint = $8`,
		d.Type, d.Variant, flag(d.Companion), d.Facts, d.Fingerprint, m.ID, string(m.Digest), m.Fingerprint)
	if n == 0 || err != nil || d.listedLike(m.Derived) {
		return n > 0, err
	}
	return true, tx.relist(m.ID)
}

// LastManifest is the highest id of a manifest, 0 when there is none.
func (r Reader) LastManifest() (id int64, err error) {
	_, err = r.one([]any{&id}, `SELECT COALESCE(MAX(id), 0) FROM manifest`)
	return id, err
}

// DeleteManifest removes a manifest, its tags and what it names.
func (tx *Tx) DeleteManifest(id int64) error {
	for _, text := range []string{
		`DELETE FROM quarantine WHERE manifest_id = $1`,
		`DELETE FROM tag WHERE manifest_id = $1`,
		`DELETE FROM manifest_ref WHERE manifest_id = $1`,
		`DELETE FROM manifest_content WHERE manifest_id = $1`,
		`DELETE FROM manifest WHERE id = $1`,
	} {
		if _, err := tx.exec(text, id); err != nil {
			return err
		}
	}
	return nil
}

// Referrers calls each for the manifests of a repository whose subject is d, those
// in quarantine left out, after a digest, with their bytes, until it returns false. One is in memory at a
// time: each may have megabytes.
func (r Reader) Referrers(repo oci.Name, d oci.Digest, after string, each func(*Manifest) bool) error {
	err := r.each(func(rows *sql.Rows) error {
		m := new(Manifest)
		if err := rows.Scan(append(m.columns(), &m.Content)...); err != nil {
			return err
		}
		if !each(m) {
			return errEnough
		}
		return nil
	}, `SELECT `+manifestColumns+`, c.content FROM repository r
		JOIN manifest m ON m.repository_id = r.id AND m.subject = $1 AND m.subject <> '' AND m.digest > $2
		JOIN manifest_content c ON c.manifest_id = m.id
		WHERE r.name = $3 AND `+free(`m.id`)+` ORDER BY m.digest`, string(d), after, string(repo))
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// errEnough ends a walk over rows.
var errEnough = errors.New("enough")

// flag is a boolean as the tables hold it.
type flag bool

// Scan reads 0 or 1.
func (f *flag) Scan(v any) error {
	n, ok := v.(int64)
	*f = flag(ok && n != 0)
	return nil
}

// Value is 0 or 1.
func (f flag) Value() (sqlValue, error) {
	if f {
		return int64(1), nil
	}
	return int64(0), nil
}

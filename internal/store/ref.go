package store

import (
	"database/sql"
	"database/sql/driver"

	"github.com/argosy-registry/argosy/internal/oci"
)

type sqlValue = driver.Value

// Ref is a row of manifest_ref: what a manifest names, and the target where it
// is in the same repository.
type Ref struct {
	List      oci.ListName
	Position  int
	Digest    oci.Digest
	MediaType string
	Blob      int64 // id, 0 when it is no blob here
	Child     int64 // id, 0 when it is no manifest here
}

// Target is content of a repository that a digest was resolved to.
type Target struct {
	ID   int64
	Size int64
}

// inList is how many values one statement's list holds.
const inList = 200

// BlobTargets resolves digests among the blobs of a repository.
func (r Reader) BlobTargets(repo int64, ds []oci.Digest) (map[oci.Digest]Target, error) {
	return r.targets(`SELECT b.digest, b.id, b.size FROM blob b JOIN repository_blob l ON l.blob_id = b.id AND l.repository_id = $1
		WHERE b.digest IN (`, repo, ds)
}

// ManifestTargets resolves digests among the manifests of a repository.
func (r Reader) ManifestTargets(repo int64, ds []oci.Digest) (map[oci.Digest]Target, error) {
	return r.targets(`SELECT digest, id, size FROM manifest WHERE repository_id = $1 AND digest IN (`, repo, ds)
}

func (r Reader) targets(text string, repo int64, ds []oci.Digest) (map[oci.Digest]Target, error) {
	found := make(map[oci.Digest]Target, len(ds))
	for len(ds) > 0 {
		n := min(len(ds), inList)
		args := append(make([]any, 0, n+1), repo)
		for _, d := range ds[:n] {
			args = append(args, string(d))
		}
		err := r.each(func(rows *sql.Rows) error {
			var d oci.Digest
			var t Target
			err := rows.Scan(&d, &t.ID, &t.Size)
			found[d] = t
			return err
		}, text+placeholders(2, n)+`)`, args...)
		if err != nil {
			return nil, err
		}
		ds = ds[n:]
	}
	return found, nil
}

// AddRefs adds what a new manifest names.
func (tx *Tx) AddRefs(repo, manifest int64, refs []Ref) error {
	for _, f := range refs {
		_, err := tx.exec(`INSERT INTO manifest_ref (manifest_id, list, position, repository_id, digest, media_type, blob_id, child_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, manifest, string(f.List), f.Position, repo, string(f.Digest), f.MediaType,
			nullable(f.Blob), nullable(f.Child))
		if err != nil {
			return err
		}
	}
	return nil
}

func nullable(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// FillBlob points what waits for a digest in a repository at the blob that
// arrived, and returns the manifests whose config it is.
func (tx *Tx) FillBlob(repo int64, d oci.Digest, blob int64) (configOf []int64, err error) {
	n, err := tx.exec(`UPDATE manifest_ref SET blob_id = $1 WHERE repository_id = $2 AND digest = $3
		AND blob_id IS NULL AND child_id IS NULL AND list <> 'subject'`, blob, repo, string(d))
	if n == 0 || err != nil {
		return nil, err
	}
	err = tx.each(func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		configOf = append(configOf, id)
		return err
	}, `SELECT manifest_id FROM manifest_ref WHERE repository_id = $1 AND blob_id = $2 AND list = 'config'`, repo, blob)
	return configOf, err
}

// FillChild points what waits for a digest in a repository at the manifest that arrived.
func (tx *Tx) FillChild(repo int64, d oci.Digest, manifest int64) error {
	_, err := tx.exec(`UPDATE manifest_ref SET child_id = $1 WHERE repository_id = $2 AND digest = $3
		AND blob_id IS NULL AND child_id IS NULL AND list <> 'subject'`, manifest, repo, string(d))
	return err
}

// maxHolders is how many holders an answer names.
const maxHolders = 20

// BlobHolders lists digests of manifests of the repository that name a blob.
func (r Reader) BlobHolders(repo, blob int64) ([]string, error) {
	return r.strings(`SELECT DISTINCT m.digest FROM manifest_ref f JOIN manifest m ON m.id = f.manifest_id
		WHERE f.repository_id = $1 AND f.blob_id = $2 ORDER BY m.digest LIMIT $3`, repo, blob, maxHolders)
}

// ChildHolders lists digests of manifests that name a manifest.
func (r Reader) ChildHolders(manifest int64) ([]string, error) {
	return r.strings(`SELECT DISTINCT m.digest FROM manifest_ref f JOIN manifest m ON m.id = f.manifest_id
		WHERE f.child_id = $1 ORDER BY m.digest LIMIT $2`, manifest, maxHolders)
}

package store

import "database/sql"

// TypeCount is how many rows listings show of a type.
type TypeCount struct {
	Type  string
	Count int64
}

// TypeCounts counts the rows of the listing that v sees by type, in order of type.
func (r Reader) TypeCounts(v Visible) ([]TypeCount, error) {
	var all []TypeCount
	err := r.each(func(rows *sql.Rows) error {
		var c TypeCount
		err := rows.Scan(&c.Type, &c.Count)
		all = append(all, c)
		return err
	}, typeCounts(v))
	return all, err
}

// typeCounts counts by repository first, in the order of the index that has the
// types, so that nothing needs to be sorted.
func typeCounts(v Visible) string {
	from := `tag t`
	if !v.All { // else no repository is asked
		from = `repository r JOIN tag t ON t.repository_id = r.id AND ` + v.where()
	}
	return `SELECT c.type, CAST(SUM(c.n) AS BIGINT) FROM (
			SELECT t.listed AS type, COUNT(*) AS n FROM ` + from + ` WHERE ` + unfolded + ` GROUP BY t.repository_id, t.listed
		) c GROUP BY c.type ORDER BY c.type`
}

// UnknownType is a media type that no entry of the catalog knows.
type UnknownType struct {
	MediaType  string // the artifact type; without one the config's media type, else the manifest's own
	Count      int64  // manifests
	Repository string // of one of them
	Digest     string
}

// UnknownTypes lists at most n of the media types of manifests that v sees and
// that are of one type, unknown, those with most manifests first.
func (r Reader) UnknownTypes(v Visible, unknown string, n int) ([]UnknownType, error) {
	var all []UnknownType
	err := r.each(func(rows *sql.Rows) error {
		var u UnknownType
		err := rows.Scan(&u.MediaType, &u.Count, &u.Repository, &u.Digest)
		all = append(all, u)
		return err
	}, `SELECT u.name, u.n, r.name, m.digest FROM (
			SELECT `+word(`COALESCE(NULLIF(m.artifact_type, ''), NULLIF(m.config_type, ''), m.media_type)`)+` AS name, COUNT(*) AS n, MAX(m.id) AS one
			FROM manifest m JOIN repository r ON r.id = m.repository_id
			WHERE m.type = $1 AND `+free(`m.id`)+` AND `+v.where()+` GROUP BY 1
		) u JOIN manifest m ON m.id = u.one JOIN repository r ON r.id = m.repository_id
		ORDER BY u.n DESC, u.name LIMIT $2`, unknown, n)
	return all, err
}

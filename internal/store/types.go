package store

import "database/sql"

// TypeCount is how many manifests are of a type.
type TypeCount struct {
	Type  string
	Count int64
}

// TypeCounts counts the manifests that v sees by type, in order of type.
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

// typeCounts asks no repository where none is hidden: the index on types is all
// that it reads.
func typeCounts(v Visible) string {
	from := `manifest m`
	where := free(`m.id`)
	if !v.All {
		from += ` JOIN repository r ON r.id = m.repository_id`
		where += ` AND ` + v.where()
	}
	return `SELECT m.type, COUNT(*) FROM ` + from + ` WHERE ` + where + ` GROUP BY m.type ORDER BY m.type`
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

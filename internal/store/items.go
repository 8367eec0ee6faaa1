package store

import (
	"database/sql"
	"strconv"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Visible says what the reader of a listing may see. It is part of the
// statement of every listing, so that what is hidden is neither read nor
// counted. The zero Visible sees nothing.
type Visible struct {
	All bool // every repository
}

// where is the condition on the repository r.
func (v Visible) where() string {
	if v.All {
		return `1 = 1`
	}
	return `1 = 0`
}

// Item is a row of a listing: a manifest without its bytes, as one of its tags
// names it, or without a tag when it was asked for by digest. Its media types are
// cut off after 256 characters, and facts of more than 65,536 are empty.
type Item struct {
	Repository oci.Name
	Tag        string
	Manifest
}

// Limits of what a listing reads of one manifest: a media type has at most 255
// characters (RFC 6838 section 4.2), and a manifest may hold megabytes of one.
const (
	itemWord  = 256     // characters of a media type
	itemFacts = 1 << 16 // characters of facts; longer ones are left out
)

var (
	itemColumns = `r.name, t.name, ` + itemManifest

	itemManifest = `m.id, m.repository_id, m.digest, ` + word(`m.media_type`) + `, ` + word(`m.artifact_type`) + `, ` + word(`m.config_type`) + `,
		m.subject, m.size, m.pushed, m.type, m.variant, m.companion, ` + facts(`m.facts`) + `, m.fingerprint, ` + quarantined
)

func word(column string) string {
	return `SUBSTR(` + column + `, 1, ` + strconv.Itoa(itemWord) + `)`
}

func facts(column string) string {
	return `CASE WHEN LENGTH(` + column + `) <= ` + strconv.Itoa(itemFacts) + ` THEN ` + column + ` ELSE '' END`
}

func (i *Item) columns() []any {
	return append([]any{&i.Repository, &i.Tag}, i.Manifest.columns()...)
}

// unfolded leaves out what a listing shows under a subject instead: companions
// that name one, and tags whose name attaches them to one; and what is in quarantine.
const unfolded = `t.listed IS NOT NULL`

// ItemQuery asks for a page of a listing, in ASCII order of repository and tag.
type ItemQuery struct {
	Repository oci.Name // empty: the whole registry
	Type       string   // only rows of this type; empty: of any
	After      ItemKey  // only rows after this one, exclusive
	N          int      // at most so many
}

// ItemKey is the place of a row in a listing.
type ItemKey struct{ Repository, Tag string }

// Items lists one row for each tag that v sees and that is not folded under a
// subject.
func (r Reader) Items(v Visible, q ItemQuery) ([]*Item, error) {
	text, args := registryItems, []any{q.After.Repository, q.After.Tag}
	if q.Repository != "" {
		text, args = repositoryItems, []any{string(q.Repository), q.After.Tag}
	}
	typed := ""
	if q.Type != "" {
		typed = ofType
		args = append(args, q.Type)
	}
	return r.items(text(v, typed, len(args)+1), append(args, q.N)...)
}

// ofType keeps to one type. That the repository lists one at all is asked first:
// the tags of those that do not are not read.
const ofType = ` AND EXISTS (SELECT 1 FROM tag x WHERE x.repository_id = r.id AND x.listed = $3) AND t.listed = $3`

// The joins of a listing are written CROSS JOIN, which keeps SQLite to their
// order: the listing's own, so that a page reads no more rows than it shows.

func repositoryItems(v Visible, more string, limit int) string {
	return `SELECT ` + itemColumns + ` FROM repository r CROSS JOIN tag t CROSS JOIN manifest m
		WHERE r.name = $1 AND ` + v.where() + ` AND t.repository_id = r.id AND t.name > $2
		AND m.id = t.manifest_id AND ` + unfolded + more + ` ORDER BY t.name LIMIT $` + strconv.Itoa(limit)
}

// The CASE bounds the tags of one repository, so that a page in the middle of a
// large one starts where it should and not at its beginning.
func registryItems(v Visible, more string, limit int) string {
	return `SELECT ` + itemColumns + ` FROM repository r CROSS JOIN tag t CROSS JOIN manifest m
		WHERE r.name >= $1 AND ` + v.where() + `
		AND t.repository_id = r.id AND t.name > CASE WHEN r.name = $1 THEN $2 ELSE '' END
		AND m.id = t.manifest_id AND ` + unfolded + more + ` ORDER BY r.name, t.name LIMIT $` + strconv.Itoa(limit)
}

func (r Reader) items(text string, args ...any) ([]*Item, error) {
	var all []*Item
	err := r.each(func(rows *sql.Rows) error {
		i := new(Item)
		all = append(all, i)
		return rows.Scan(i.columns()...)
	}, text, args...)
	return all, err
}

// Item finds what a reference names, folded under a subject or not; nil when v
// sees no such thing.
func (r Reader) Item(v Visible, repo oci.Name, ref oci.Reference) (*Item, error) {
	i := new(Item)
	var ok bool
	var err error
	if ref.Digest != "" {
		ok, err = r.one(i.columns(), `SELECT r.name, '', `+itemManifest+` FROM repository r
			JOIN manifest m ON m.repository_id = r.id AND m.digest = $1
			WHERE r.name = $2 AND `+free(`m.id`)+` AND `+v.where(), string(ref.Digest), string(repo))
	} else {
		ok, err = r.one(i.columns(), `SELECT `+itemColumns+` FROM repository r
			JOIN tag t ON t.repository_id = r.id AND t.name = $1
			JOIN manifest m ON m.id = t.manifest_id
			WHERE r.name = $2 AND `+free(`m.id`)+` AND `+v.where(), string(ref.Tag), string(repo))
	}
	if !ok {
		return nil, err
	}
	return i, err
}

// PushedSince lists at most n manifests with an id above after that were pushed
// since a time, in quarantine or not, without tags, in order of id.
func (r Reader) PushedSince(since, after int64, n int) ([]*Item, error) {
	return r.items(`SELECT r.name, '', `+itemManifest+` FROM manifest m JOIN repository r ON r.id = m.repository_id
		WHERE m.id > $1 AND m.pushed >= $2 ORDER BY m.id LIMIT $3`, after, since, n)
}

// SeesRepository says whether there is a repository of that name that v sees.
func (r Reader) SeesRepository(v Visible, repo oci.Name) (bool, error) {
	var id int64
	return r.one([]any{&id}, `SELECT r.id FROM repository r WHERE r.name = $1 AND `+v.where(), string(repo))
}

// MaxItemTags is how many tags of one manifest a listing shows.
const MaxItemTags = 100

// Around is what a listing shows beside a manifest.
type Around struct {
	Tags     []string       // the first MaxItemTags tags of the manifest, in ASCII order
	Attached map[string]int // how many manifests are attached to it, by type
}

// itemList is how many manifests one statement about a page's manifests names.
// Shorter lists are filled up, so that the statement stays prepared.
const itemList = 100

// perList calls do with the arguments of one statement after the other until
// all ids were named.
func perList(ids []int64, do func(args []any) error) error {
	for len(ids) > 0 {
		n := min(len(ids), itemList)
		args := make([]any, itemList)
		for i := range args {
			args[i] = ids[min(i, n-1)]
		}
		if err := do(args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// around reads the tags of manifests and counts what is attached to them, in
// one statement. It walks each manifest's tags from one to the next, since one
// manifest can have more of them than a page may hold. A tag has room for the
// algorithm and 64 characters of a digest, 71 with what is between; a tag of no
// more than that holds a list of referrers (distribution-spec "Referrers Tag
// Schema"), which count themselves.
var around = `WITH RECURSIVE page (id, repository_id, digest) AS (
		SELECT id, repository_id, digest FROM manifest WHERE id IN (` + placeholders(1, itemList) + `)
	), named (id, name, n) AS (
		SELECT p.id, (SELECT MIN(t.name) FROM tag t WHERE t.manifest_id = p.id), 1 FROM page p
		UNION ALL
		SELECT w.id, (SELECT MIN(t.name) FROM tag t WHERE t.manifest_id = w.id AND t.name > w.name), w.n + 1
		FROM named w WHERE w.name IS NOT NULL AND w.n < ` + strconv.Itoa(MaxItemTags) + `
	), attached (id, manifest_id, type) AS (
		SELECT p.id, a.id, a.type FROM page p
		JOIN manifest a ON a.repository_id = p.repository_id AND a.subject = p.digest AND a.subject <> '' AND ` + free(`a.id`) + `
		UNION
		SELECT p.id, a.id, a.type FROM page p
		JOIN tag t ON t.repository_id = p.repository_id AND t.attached_to = SUBSTR(p.digest, 1, 71) AND t.attached_to <> ''
			AND LENGTH(t.name) > 71
		JOIN manifest a ON a.id = t.manifest_id AND ` + free(`a.id`) + `
	)
	SELECT id, 0 AS count, name FROM named WHERE name IS NOT NULL
	UNION ALL
	SELECT id, COUNT(*), type FROM attached GROUP BY id, type
	ORDER BY id, count, name`

// ItemsAround finds what a listing shows beside its manifests, by id.
func (r Reader) ItemsAround(manifests []int64) (map[int64]*Around, error) {
	found := make(map[int64]*Around, len(manifests))
	return found, perList(manifests, func(args []any) error { return r.around(found, args) })
}

func (r Reader) around(found map[int64]*Around, args []any) error {
	return r.each(func(rows *sql.Rows) error {
		var id int64
		var count int
		var word string
		if err := rows.Scan(&id, &count, &word); err != nil {
			return err
		}
		a := found[id]
		if a == nil {
			a = &Around{}
			found[id] = a
		}
		if count == 0 {
			a.Tags = append(a.Tags, word)
			return nil
		}
		if a.Attached == nil {
			a.Attached = map[string]int{}
		}
		a.Attached[word] = count
		return nil
	}, around, args...)
}

// maxChildren bounds how many manifests of indexes one statement reads.
const maxChildren = 10000

var children = `SELECT f.manifest_id, c.size, ` + facts(`c.facts`) + ` FROM (
		SELECT DISTINCT manifest_id, child_id FROM manifest_ref
		WHERE manifest_id IN (` + placeholders(1, itemList) + `) AND list = 'manifests' AND child_id IS NOT NULL
	) f CROSS JOIN manifest c WHERE c.id = f.child_id AND ` + free(`c.id`) + ` LIMIT ` + strconv.Itoa(maxChildren)

// Children calls each for the manifests here that indexes name, once an index,
// with their size and facts. Of a list of indexes that together name more than
// 10,000, some are left out.
func (r Reader) Children(indexes []int64, each func(index, size int64, facts string)) error {
	return perList(indexes, func(args []any) error {
		return r.each(func(rows *sql.Rows) error {
			var index, size int64
			var facts string
			err := rows.Scan(&index, &size, &facts)
			if err == nil {
				each(index, size, facts)
			}
			return err
		}, children, args...)
	})
}

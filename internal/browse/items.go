package browse

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// MaxPage is the most Items that one page holds, whatever was asked for.
const MaxPage = 1000

// Query asks for a page of a listing. Its order is ASCII by repository and tag.
type Query struct {
	Repository oci.Name // empty: the whole registry
	Type       string   // only Items of the type with this id; empty: of any
	Last       string   // only Items after this one, exclusive: a Page's Next
	N          int      // at most so many, and never more than MaxPage; 0 or less: none
	Site       Site
}

// Page is a part of a listing.
type Page struct {
	Items []Item
	Next  string // Last of the page that follows; empty when this is the end
}

// Items lists one Item for each tag that v sees, without those that are folded
// under a subject. Errors: NameUnknown for a repository that v does not see,
// RequestInvalid for a Last that is not text.
func (b *Browser) Items(ctx context.Context, v Visible, q Query) (Page, error) {
	after, err := q.after()
	if err != nil {
		return Page{}, err
	}
	n := min(max(q.N, 0), MaxPage)
	var rows []*store.Item
	if n > 0 {
		rows, err = b.Store.Items(v, store.ItemQuery{Repository: q.Repository, Type: q.Type, After: after, N: n + 1})
	}
	if err == nil && q.Type != "" {
		err = b.mustKnow(q.Type)
	}
	if err == nil && len(rows) == 0 && q.Repository != "" {
		err = b.mustSee(v, q.Repository)
	}
	if err != nil {
		return Page{}, err
	}
	var page Page
	if len(rows) > n {
		rows = rows[:n]
		page.Next = q.place(rows[n-1])
	}
	page.Items, err = b.fill(ctx, rows, q.Site)
	return page, err
}

// Item finds what a reference names, also when a listing folds it under its
// subject. Errors: NameUnknown, ManifestUnknown.
func (b *Browser) Item(ctx context.Context, v Visible, site Site, repo oci.Name, ref oci.Reference) (Item, error) {
	row, err := b.row(v, repo, ref)
	if err != nil {
		return Item{}, err
	}
	items, err := b.fill(ctx, []*store.Item{row}, site)
	if err != nil {
		return Item{}, err
	}
	return items[0], nil
}

// row finds what a reference names. Errors: NameUnknown, ManifestUnknown.
func (b *Browser) row(v Visible, repo oci.Name, ref oci.Reference) (*store.Item, error) {
	row, err := b.Store.Item(v, repo, ref)
	if err == nil && row == nil {
		if err = b.mustSee(v, repo); err == nil {
			err = oci.ManifestUnknown.With(map[string]string{"reference": ref.String()}, "%s holds nothing under %s", repo, ref)
		}
	}
	return row, err
}

func (b *Browser) mustSee(v Visible, repo oci.Name) error {
	ok, err := b.Store.SeesRepository(v, repo)
	if err == nil && !ok {
		err = oci.NameUnknown.With(map[string]string{"name": string(repo)}, "there is no repository %s", repo)
	}
	return err
}

// mustKnow refuses a type that is not in the catalog: a word that was misspelt must
// not look like a registry that holds none.
func (b *Browser) mustKnow(id string) error {
	if t, ok := b.Catalog().Type(id); ok && !t.Trait {
		return nil
	}
	return oci.RequestInvalid.With(map[string]string{"type": id[:min(len(id), 80)]}, "no type has the id %.80q: GET /v2/_argosy/types lists them", id)
}

// after is the place that Last names: in a repository a tag, in the registry
// repository:tag.
func (q Query) after() (store.ItemKey, error) {
	if err := mustBeText(q.Last); err != nil {
		return store.ItemKey{}, err
	}
	if q.Repository != "" {
		return store.ItemKey{Repository: string(q.Repository), Tag: q.Last}, nil
	}
	repo, tag, _ := strings.Cut(q.Last, ":")
	return store.ItemKey{Repository: repo, Tag: tag}, nil
}

// mustBeText refuses a last that no database can compare with.
func mustBeText(last string) error {
	if strings.ToValidUTF8(last, "") != last || strings.ContainsRune(last, 0) {
		return oci.RequestInvalid.With(nil, "last is not text: send the last entry of the page before")
	}
	return nil
}

// place is the Last that names a row; after reads it back.
func (q Query) place(row *store.Item) string {
	if q.Repository != "" {
		return row.Tag
	}
	return string(row.Repository) + ":" + row.Tag
}

// fill makes Items of rows, with one or two statements more for the whole page.
func (b *Browser) fill(ctx context.Context, rows []*store.Item, site Site) ([]Item, error) {
	if err := ctx.Err(); err != nil { // nobody waits for it any more
		return nil, err
	}
	ids := make([]int64, len(rows))
	var indexes []int64
	for i, row := range rows {
		ids[i] = row.ID
		if oci.IsIndexType(row.MediaType) {
			indexes = append(indexes, row.ID)
		}
	}
	around, err := b.Store.ItemsAround(ids)
	if err != nil {
		return nil, err
	}
	held, err := b.held(indexes)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(rows))
	for i, row := range rows {
		id := b.identification(row)
		items[i] = b.item(row, id, site)
		items[i].Size += held[row.ID]
		items[i].beside(around[row.ID], id.Companions)
	}
	return items, nil
}

// identification is what the catalog said of a row. One row whose facts cannot
// be read must not take the listing with it: it is shown as far as it is known.
func (b *Browser) identification(row *store.Item) artifact.Identification {
	var id artifact.Identification
	if err := json.Unmarshal([]byte(row.Facts), &id); err != nil {
		id = artifact.Identification{TotalSize: row.Size}
		if t, ok := b.Catalog().Type(row.Type); ok {
			id.Name, id.Short, id.Known = t.Title, t.Short, t.ID != artifact.Unknown && t.ID != artifact.Invalid
		}
	}
	id.Type, id.Variant = row.Type, row.Variant
	id.MediaType, id.ArtifactType, id.ConfigMediaType = row.MediaType, row.ArtifactType, row.ConfigType
	return id
}

// item is a row without what is beside it.
func (b *Browser) item(row *store.Item, id artifact.Identification, site Site) Item {
	ref := oci.Reference{Tag: oci.Tag(row.Tag)}
	if row.Tag == "" {
		ref = oci.Reference{Digest: row.Digest}
	}
	return Item{
		Reference:  site.Registry + "/" + string(row.Repository) + ref.Suffix(),
		Repository: row.Repository, Tag: row.Tag, Digest: row.Digest,
		MediaType: row.MediaType, ArtifactType: row.ArtifactType, ConfigMediaType: row.ConfigType,
		Type:  b.typeOf(id),
		Title: id.Facts[artifact.FactTitle], Version: id.Facts[artifact.FactVersion], Description: id.Facts[artifact.FactDescription],
		Platforms: b.platforms(id.Platforms),
		Size:      id.TotalSize, Pushed: store.Time(row.Pushed),
		Actions: b.actions(row, id, site),
	}
}

// beside sets an Item's tags and attachments.
func (i *Item) beside(a *store.Around, companions map[string]int) {
	i.Tags, i.Attachments.ByType = []string{}, map[string]int{}
	if a != nil && a.Tags != nil {
		i.Tags = a.Tags
	}
	add := func(counts map[string]int) {
		for t, n := range counts {
			i.Attachments.ByType[t] += n
			i.Attachments.Total += n
		}
	}
	if a != nil {
		add(a.Attached)
	}
	add(companions)
}

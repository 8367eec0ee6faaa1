package browse

import (
	"context"
	"time"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Repository is one line of a listing of repositories.
type Repository struct {
	Name     oci.Name         `json:"name"`
	Types    map[string]int64 `json:"types"`    // how many Items it lists, by the id of the artifact type
	TagCount int64            `json:"tagCount"` // its tags, with those that listings fold
	Updated  time.Time        `json:"updated"`  // of the newest push of what it holds
}

// Repositories lists the repositories that v sees, in ASCII order, and says
// whether more follow. With below, only the one of that name and those whose
// names go on after it with a slash; none when there are no such.
// Error: RequestInvalid for a Last that is not text.
func (b *Browser) Repositories(ctx context.Context, v Visible, below oci.Name, p oci.Page) (page []Repository, more bool, err error) {
	if err := mustBeText(p.Last); err != nil {
		return nil, false, err
	}
	if err := ctx.Err(); err != nil { // nobody waits for it any more
		return nil, false, err
	}
	n := p.Limit()
	var rows []*store.RepositoryItem
	if n > 0 {
		if rows, err = b.Store.RepositoryItems(v, below, p.Last, n+1); err != nil {
			return nil, false, err
		}
	}
	if more = len(rows) > n; more {
		rows = rows[:n]
	}
	page = make([]Repository, len(rows))
	for i, row := range rows {
		page[i] = Repository{row.Name, row.Types, row.Tags, store.Time(row.Updated)}
	}
	return page, more, nil
}

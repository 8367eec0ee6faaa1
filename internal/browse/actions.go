package browse

import (
	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/store"
)

// useAction is the kind of action that uses an artifact; the other kind makes one,
// which is nothing to do with one that is there.
const useAction = "use"

// actions are the uses that the catalog knows for a row, filled in for the site.
func (b *Browser) actions(row *store.Item, id artifact.Identification, site Site) []Action {
	all := []Action{}
	for _, a := range b.Catalog().Actions(id, artifact.Target{
		Registry: site.Registry, Repository: string(row.Repository), Tag: row.Tag, Digest: string(row.Digest),
		PlainHTTP: site.PlainHTTP,
	}) {
		if a.Kind != useAction {
			continue
		}
		all = append(all, Action{ID: a.ID, Label: a.Label, Command: a.Command, URL: a.URL, Verified: a.Verified})
	}
	return all
}

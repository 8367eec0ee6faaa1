package browse

import (
	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/store"
)

// actions are what the catalog knows to do with a row, filled in for the site.
func (b *Browser) actions(row *store.Item, id artifact.Identification, site Site) []Action {
	all := []Action{}
	for _, a := range b.Catalog.Actions(id, artifact.Target{
		Registry: site.Registry, Repository: string(row.Repository), Tag: row.Tag, Digest: string(row.Digest),
		PlainHTTP: site.PlainHTTP,
	}) {
		all = append(all, Action{ID: a.ID, Label: a.Label, Command: a.Command, URL: a.URL})
	}
	return all
}

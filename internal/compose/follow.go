package compose

import (
	"fmt"

	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/follow"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/reach"
	"github.com/argosy-registry/argosy/internal/sign"
)

// followed are the catalogs that c says are followed. Error: a key or an authority that
// cannot be read.
func followed(c *config.Config) ([]follow.Catalog, error) {
	var all []follow.Catalog
	for _, one := range c.Catalogs {
		f := follow.Catalog{
			Every:   one.Every,
			Options: reach.Options{PlainHTTP: one.PlainHTTP, CAFile: one.CAFile},
			Terms:   catalog.Terms{Ref: one.Ref, Only: one.Only, Override: one.Override},
		}
		var err error
		if one.IsFile() {
			f.Place.File = one.Ref
		} else if f.Place.Address, err = oci.ParseAddress(one.Ref); err != nil {
			return nil, fmt.Errorf("catalogs: %w", err)
		} else if _, err = f.Options.HTTP(); err != nil {
			return nil, fmt.Errorf("catalogs: %s: ca-file: %w", one.Ref, err)
		}
		if one.Verify != "" {
			if f.Key, err = sign.ReadPublicKey(one.Verify); err != nil {
				return nil, fmt.Errorf("catalogs: %s: verify: %w", one.Ref, err)
			}
			f.Terms.Key = f.Key.Fingerprint()
		}
		all = append(all, f)
	}
	return all, nil
}

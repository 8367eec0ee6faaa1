package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/store"
)

// Terms are on which a catalog of somebody else is followed.
type Terms struct {
	Ref      string   `json:"ref"`                // where it is, as it is configured; names it here
	Key      string   `json:"key,omitempty"`      // fingerprint of the key that must vouch for it; empty: none
	Only     []string `json:"only,omitempty"`     // ids, or patterns of ids, that are taken; empty: all
	Override bool     `json:"override,omitempty"` // it may change what the program's own entries say
}

// Edition is what a followed catalog held when it was looked at.
type Edition struct {
	Digest  string            `json:"digest"`
	Title   string            `json:"title,omitempty"`
	Version string            `json:"version,omitempty"`
	Files   map[string][]byte `json:"-"` // ID.yaml, and ID.svg or ID.png beside it
}

// followed is a catalog that is in force.
type followed struct {
	Terms
	Edition
	set archive // all of it, whatever the terms leave out
}

// from is what is said of where its entries come from.
func (f *followed) from() string {
	if strings.Contains(f.Ref, f.Digest) {
		return f.Ref
	}
	return f.Ref + "@" + f.Digest
}

// taken are the files that the terms let in.
func (f *followed) taken() (map[string][]byte, error) {
	files, err := bundle.Unpack(f.set)
	if err != nil || len(f.Only) == 0 {
		return files, err
	}
	for name := range files {
		id := strings.TrimSuffix(name, path.Ext(name))
		if !slices.ContainsFunc(f.Only, func(pattern string) bool { ok, err := path.Match(pattern, id); return ok && err == nil }) {
			delete(files, name)
		}
	}
	return files, nil
}

// source is the catalog as entries are read from.
func (f *followed) source() (s artifact.Source, err error) {
	files, err := f.taken()
	if err != nil {
		return s, fmt.Errorf("%s: %w", f.from(), err)
	}
	set, err := bundle.Pack(files)
	if err == nil && len(set) == 0 {
		err = fmt.Errorf("only leaves none of its entries: it takes %s", strings.Join(f.Only, ", "))
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w", f.from(), err)
	}
	fsys, err := bundle.Open(set)
	return artifact.Source{FS: fsys, Origin: artifact.OriginFollowed, From: f.from(), Yields: !f.Override}, err
}

// settingFollowed is the setting that lists the catalogs in force. What each holds is
// in a setting of its own, which begins so too.
const settingFollowed = "catalog-followed"

func settingOf(ref string) string { return settingFollowed + " " + ref }

func readFollowed(r *store.DB) (all []followed, err error) {
	text, ok, err := r.Setting(settingFollowed)
	if err != nil || !ok {
		return nil, err
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("setting %s: %w", settingFollowed, err)
	}
	for i := range all {
		if all[i].set, _, err = r.Setting(settingOf(all[i].Ref)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// writeFollowed keeps the catalogs in force, and forgets those that were.
func writeFollowed(tx *store.Tx, before, now []followed) error {
	for _, f := range before {
		if !slices.ContainsFunc(now, func(other followed) bool { return other.Ref == f.Ref }) {
			if err := tx.RemoveSetting(settingOf(f.Ref)); err != nil {
				return err
			}
		}
	}
	for _, f := range now {
		same := func(other followed) bool { return other.Ref == f.Ref && bytes.Equal(other.set, f.set) }
		if slices.ContainsFunc(before, same) {
			continue
		}
		if err := tx.SetSetting(settingOf(f.Ref), f.set); err != nil {
			return err
		}
	}
	if len(before) == 0 && len(now) == 0 {
		return nil
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return tx.SetSetting(settingFollowed, text)
}

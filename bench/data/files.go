package data

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// WriteFiles lays a set out under root so that a file server answers as a
// registry does: <root>/v2/<repository>/{blobs,manifests}/…, tags/list,
// referrers/<digest>. It is called once a set.
func WriteFiles(root string, s Set) error {
	f := files{root: root, tags: map[string][]string{}, referrers: map[[2]string][]descriptor{}}
	for b := range s.Blobs {
		if err := f.write(b.Parts, b.Repository, "blobs", b.Digest); err != nil {
			return err
		}
	}
	for m := range s.Manifests {
		if err := f.manifest(m); err != nil {
			return err
		}
	}
	return f.lists(s.Name)
}

type files struct {
	root      string
	tags      map[string][]string // by repository
	referrers map[[2]string][]descriptor
}

func (f files) write(parts [][]byte, path ...string) error {
	name := filepath.Join(append([]string{f.root, "v2"}, path...)...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, p := range parts {
		if _, err := file.Write(p); err != nil {
			return err
		}
	}
	return file.Close()
}

func (f files) manifest(m Manifest) error {
	if m.Tag != "" {
		f.tags[m.Repository] = append(f.tags[m.Repository], m.Tag)
		if err := f.write([][]byte{m.Content}, m.Repository, "manifests", m.Tag); err != nil {
			return err
		}
	}
	if m.Subject != "" {
		key := [2]string{m.Repository, m.Subject}
		d := descriptor{MediaType: m.MediaType, ArtifactType: sbom, Digest: m.Digest, Size: int64(len(m.Content))}
		f.referrers[key] = append(f.referrers[key], d)
	}
	return f.write([][]byte{m.Content}, m.Repository, "manifests", m.Digest)
}

// lists writes the listings; the catalog only with the set of that name.
func (f files) lists(set string) error {
	for repository, tags := range f.tags {
		slices.Sort(tags)
		if err := f.json(map[string]any{"name": repository, "tags": tags}, repository, "tags", "list"); err != nil {
			return err
		}
	}
	for key, list := range f.referrers {
		index := map[string]any{"schemaVersion": 2, "mediaType": ImageIndex, "manifests": list}
		if err := f.json(index, key[0], "referrers", key[1]); err != nil {
			return err
		}
	}
	if set != "catalog" {
		return nil
	}
	names := make([]string, 0, len(f.tags))
	for repository := range f.tags {
		names = append(names, repository)
	}
	slices.Sort(names)
	return f.json(map[string]any{"repositories": names}, "_catalog")
}

func (f files) json(v any, path ...string) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %v: %w", path, err)
	}
	return f.write([][]byte{b}, path...)
}

package registry

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Repositories lists the repositories.
func (r *Registry) Repositories(_ context.Context, p oci.Page) (*oci.List, error) {
	return r.list(repositoriesScope, "", p, func(last string, n int) ([]string, error) {
		return r.Store.Repositories(last, n)
	})
}

// Tags lists the tags of a repository.
func (r *Registry) Tags(_ context.Context, repo oci.Name, p oci.Page) (*oci.List, error) {
	return r.list(tagsScope(repo), repo, p, func(last string, n int) ([]string, error) {
		id, ok, err := r.Store.Repository(repo)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, nameUnknown(repo)
		}
		return r.Store.Tags(id, last, n)
	})
}

// list loads a page of names and one more, to know whether more follow.
func (r *Registry) list(s scope, repo oci.Name, p oci.Page, load func(last string, n int) ([]string, error)) (*oci.List, error) {
	n := p.Limit()
	key := listKey{repo, oci.Page{N: n, Last: p.Last}}
	return r.caches.lists.get(s, key, func() (*oci.List, error) {
		names, err := load(p.Last, n+1)
		if err != nil {
			return nil, err
		}
		l := &oci.List{Names: names}
		if len(names) > n {
			l.Names, l.More = names[:n], n > 0
		}
		return l, nil
	})
}

// Referrers lists the manifests whose subject is d: as many as one answer may hold.
func (r *Registry) Referrers(_ context.Context, repo oci.Name, d oci.Digest, q oci.ReferrersQuery) (*oci.Referrers, error) {
	key := referrersKey{repo, d, strings.Join(q.ArtifactTypes, "\n"), q.Last}
	return r.caches.referrers.get(referrersScope(repo, d), key, func() (*oci.Referrers, error) {
		return r.loadReferrers(repo, d, q)
	})
}

func (r *Registry) loadReferrers(repo oci.Name, d oci.Digest, q oci.ReferrersQuery) (*oci.Referrers, error) {
	answer := &oci.Referrers{Filtered: len(q.ArtifactTypes) > 0, Manifests: []oci.Descriptor{}}
	bytes := 0
	err := r.Store.Referrers(repo, d, q.Last, func(m *store.Manifest) bool {
		if answer.Filtered && !oneOf(q.ArtifactTypes, m.ArtifactType) {
			return true
		}
		referrer := referrerOf(m)
		if bytes += encodedSize(referrer); bytes > oci.MaxReferrers && len(answer.Manifests) > 0 {
			answer.Next = string(answer.Manifests[len(answer.Manifests)-1].Digest)
			return false
		}
		answer.Manifests = append(answer.Manifests, referrer)
		return true
	})
	return answer, err
}

func oneOf(types []string, t string) bool {
	for _, want := range types {
		if want == t {
			return true
		}
	}
	return false
}

// referrerOf describes a referrer as the specification asks: its own
// annotations, and its artifact type, which an index without one does not have.
func referrerOf(m *store.Manifest) oci.Descriptor {
	var body struct {
		Annotations map[string]string `json:"annotations"`
	}
	_ = json.Unmarshal(m.Content, &body) // odd annotations are none
	return oci.Descriptor{
		MediaType: m.MediaType, Digest: m.Digest, Size: m.Size,
		ArtifactType: m.ArtifactType, Annotations: body.Annotations,
	}
}

// encodedSize is the bytes that a descriptor takes in an answer, and a comma.
func encodedSize(d oci.Descriptor) int {
	b, err := json.Marshal(d)
	if err != nil {
		return 0
	}
	return len(b) + 1
}

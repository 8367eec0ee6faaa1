package registry

import (
	"cmp"
	"slices"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/store"
)

// admit holds a push against the policy in force. What is in the repository was
// admitted before: only a manifest that is new to it is decided about, and its tags
// under the lock.
func (r *Registry) admit(tx *store.Tx, repo oci.Name, id int64, m *incoming) error {
	m.warnings, m.quarantine = slices.Clone(m.findings), "" // not those of a try that was overtaken
	if r.Policy == nil || r.Policy().Empty() {
		return nil
	}
	p, is := r.Policy(), artifactOf(repo, &m.row)
	if p.Locks(string(repo)) {
		if err := r.lock(tx, p, id, m, is); err != nil {
			return err
		}
	}
	known, ok, err := tx.ManifestID(id, m.row.Digest)
	if err != nil {
		return err
	}
	if ok {
		return m.still(tx, known)
	}
	d := p.Admit(m.catalog, is)
	text := d.Sentence(m.catalog, is)
	switch d.Verdict {
	case policy.Deny:
		return oci.Denied.With(refusal{d, is.MediaType, d.WayOut(is)}, "%s", text)
	case policy.Quarantine:
		m.quarantine = text
		m.warnings = append(m.warnings, text)
	case policy.Warn:
		m.warnings = append(m.warnings, text)
	}
	return nil
}

// still warns the pusher of a manifest that is in quarantine already.
func (m *incoming) still(tx *store.Tx, manifest int64) error {
	reason, ok, err := tx.QuarantineOf(manifest)
	if ok {
		m.warnings = append(m.warnings, reason)
	}
	return err
}

// refusal is the detail of a push that the policy refuses.
type refusal struct {
	policy.Decision
	MediaType string `json:"mediaType"`
	WayOut    string `json:"wayOut,omitempty"`
}

// lock decides about tags that would name another type of artifact than before.
func (r *Registry) lock(tx *store.Tx, p *policy.Policy, repo int64, m *incoming, is policy.Artifact) error {
	for _, t := range m.Tags {
		id, d, ok, err := tx.TagTarget(repo, t)
		if err != nil {
			return err
		}
		if !ok || d == m.row.Digest {
			continue
		}
		was, err := r.artifact(tx, id, m, is.Repository)
		if err != nil {
			return err
		}
		switch d := p.Lock(m.catalog, was, is); d.Verdict {
		case policy.Deny:
			return oci.Denied.With(refusal{d, is.MediaType, ""}, "%s:%s may not change its type [%s, %s]. Push it under another tag, or delete this one first", is.Repository, t, d.Rule, d.Because)
		case policy.Warn:
			m.warnings = append(m.warnings, is.Repository+":"+string(t)+" changes its type ["+d.Rule+", "+d.Because+"]")
		}
	}
	return nil
}

// artifact is what a stored manifest is by the push's catalog. Where another catalog
// derived what the row says, it is identified again: an entry that was changed is not
// the tag's doing.
func (r *Registry) artifact(tx *store.Tx, id int64, m *incoming, repo string) (policy.Artifact, error) {
	row, err := tx.ManifestByID(id)
	if err != nil || row == nil {
		return policy.Artifact{}, err
	}
	if row.Fingerprint != m.catalog.Fingerprint() {
		if row.Derived, err = r.rederive(tx.Reader, m.catalog, row); err != nil {
			return policy.Artifact{}, err
		}
	}
	return artifactOf(oci.Name(repo), row), nil
}

// artifactOf is what the policy is asked about.
func artifactOf(repo oci.Name, row *store.Manifest) policy.Artifact {
	return policy.Artifact{
		Repository: string(repo), Type: row.Type, Companion: row.Companion,
		MediaType: cmp.Or(row.ArtifactType, row.ConfigType, row.MediaType),
	}
}

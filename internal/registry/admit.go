package registry

import (
	"cmp"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/store"
)

// admit holds a push against the policy in force. What is in the repository was
// admitted before: only a manifest that is new to it is decided about, or one that is
// pushed as another media type than it is stored as, and its tags under the lock.
func (r *Registry) admit(tx *store.Tx, repo oci.Name, id int64, m *incoming) error {
	m.warnings, m.quarantine = nil, "" // not those of a try that was overtaken
	if r.Policy == nil || r.Policy().Empty() {
		return nil
	}
	p, is := r.Policy(), artifactOf(repo, &m.row)
	was, err := tx.ManifestByDigest(repo, m.row.Digest)
	if err != nil {
		return err
	}
	if p.Locks(string(repo)) {
		tags := m.Tags
		if was != nil && was.MediaType != m.row.MediaType { // it changes under all its tags
			others, err := tx.TagsOf(was.ID)
			if err != nil {
				return err
			}
			for _, t := range others {
				tags = append(tags[:len(tags):len(tags)], oci.Tag(t))
			}
		}
		if err := r.lock(tx, p, id, m, tags, is); err != nil {
			return err
		}
	}
	if was != nil && was.MediaType == m.row.MediaType {
		return m.still(tx, was.ID)
	}
	d := p.Admit(m.catalog, is)
	text := d.Sentence(m.catalog, is)
	switch {
	case d.Verdict == policy.Deny:
		return oci.Denied.With(refusal{Decision: d, Repository: is.Repository, MediaType: is.MediaType, WayOut: d.WayOut(is)}, "%s", text)
	case d.Verdict == policy.Quarantine && was != nil:
		return oci.Denied.With(refusal{Decision: d, Repository: is.Repository, MediaType: is.MediaType},
			"%s, and the same bytes are here as %s already: push them as that", text, was.MediaType)
	case d.Verdict == policy.Quarantine:
		if err := apart(tx, id, m, d, is); err != nil {
			return err
		}
		m.quarantine = text
		m.warnings = append(m.warnings, text)
	case d.Verdict == policy.Warn:
		m.warnings = append(m.warnings, text)
	}
	return nil
}

// apart refuses to take a tag from something that can be pulled for something that
// cannot.
func apart(tx *store.Tx, repo int64, m *incoming, d policy.Decision, is policy.Artifact) error {
	for _, t := range m.Tags {
		id, _, ok, err := tx.TagTarget(repo, t)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		_, hidden, err := tx.QuarantineOf(id)
		if err != nil {
			return err
		}
		if hidden {
			continue
		}
		return oci.Denied.With(refusal{Decision: d, Repository: is.Repository, Tag: string(t), MediaType: is.MediaType},
			"%s:%s names something that can be pulled, and what is pushed would be kept in quarantine [%s, %s]: push it under another tag, or delete this one first", is.Repository, t, d.Rule, d.Because)
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
	Repository string `json:"repository"`
	Tag        string `json:"tag,omitempty"`
	MediaType  string `json:"mediaType"`
	WayOut     string `json:"wayOut,omitempty"`
}

// lock decides about tags that would name another type of artifact than before. Tags
// whose names attach them to something are no names of their own, and are left out.
func (r *Registry) lock(tx *store.Tx, p *policy.Policy, repo int64, m *incoming, tags []oci.Tag, is policy.Artifact) error {
	for _, t := range tags {
		id, _, ok, err := tx.TagTarget(repo, t)
		if err != nil {
			return err
		}
		if !ok || attachedTo(m.catalog, is.Type, string(t)) != "" {
			continue
		}
		was, err := r.artifact(tx, id, m, is.Repository)
		if err != nil {
			return err
		}
		d := p.Lock(m.catalog, was, is)
		text := is.Repository + ":" + string(t) + " changes its type [" + d.Rule + ", " + d.Because + "]"
		if d.Reason != "" {
			text += ". " + d.Reason
		}
		switch d.Verdict {
		case policy.Deny:
			return oci.Denied.With(refusal{Decision: d, Repository: is.Repository, Tag: string(t), MediaType: is.MediaType},
				"%s. Push it under another tag, or delete this one first", text)
		case policy.Warn:
			m.warnings = append(m.warnings, text)
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

// maxMediaType is the most characters of a media type that people are told (RFC 6838
// section 4.2 allows no more); a manifest may hold megabytes of one.
const maxMediaType = 255

// artifactOf is what the policy is asked about.
func artifactOf(repo oci.Name, row *store.Manifest) policy.Artifact {
	mediaType := cmp.Or(row.ArtifactType, row.ConfigType, row.MediaType)
	if len(mediaType) > maxMediaType {
		mediaType = mediaType[:maxMediaType] + "…"
	}
	return policy.Artifact{Repository: string(repo), Type: row.Type, Companion: row.Companion, MediaType: mediaType}
}

// late keeps apart a manifest that turns out to be of another type when its config
// arrives, where its push would have been refused or kept apart had it been known.
func (r *Registry) late(tx *store.Tx, repo oci.Name, row *store.Manifest, now store.Derived) error {
	if r.Policy == nil || r.Policy().Empty() || row.Quarantined || now.Type == row.Type {
		return nil
	}
	is := *row
	is.Derived = now
	a := artifactOf(repo, &is)
	c := r.Catalog()
	if d := r.Policy().Admit(c, a); d.Verdict >= policy.Quarantine {
		return tx.Quarantine(row.ID, r.now(), "its config came after it and tells another type. "+d.Sentence(c, a))
	}
	return nil
}

package compose

import (
	"context"
	"fmt"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/store"
)

// Admission is what the data folder's registry takes, for its owner.
func (d *Data) Admission() operator.Admission { return admission{d} }

type admission struct{ *Data }

func (a admission) Policy(context.Context) (operator.PolicyStatus, error) {
	return operator.PolicyStatus{Text: string(a.Data.Policy.Text()), Refused: a.Data.Policy.Refused()}, nil
}

// policy is the one in a question, else the one in force.
func (a admission) policy(text *string) (*policy.Policy, error) {
	if text == nil {
		return a.Data.Policy.Current(), nil
	}
	p, err := policy.Parse([]byte(*text))
	if err != nil {
		return nil, err
	}
	return p, p.Check(a.Catalog.Current())
}

func (a admission) Decide(_ context.Context, q operator.Question) (answer operator.Answer, err error) {
	p, err := a.policy(q.Policy)
	if err != nil {
		return answer, err
	}
	about, err := a.about(p, q)
	if err != nil {
		return answer, err
	}
	c := a.Catalog.Current()
	d := p.Admit(c, about)
	answer = operator.Answer{Decision: d, Sentence: d.Sentence(c, about), Considered: p.Explain(c, about)}
	if repo, ref, err := splitReference(q.Reference); err == nil && q.Type != "" && ref.Tag != "" {
		if lock := a.lock(p, repo, ref, about); lock.Verdict > d.Verdict {
			answer.Decision = lock
			answer.Sentence = fmt.Sprintf("%s:%s may not change its type [%s, %s]", repo, ref.Tag, lock.Rule, lock.Because)
		}
	}
	return answer, nil
}

// lock is what the lock makes of a push to a tag, if that is here.
func (a admission) lock(p *policy.Policy, repo oci.Name, ref oci.Reference, about policy.Artifact) (d policy.Decision) {
	if was, err := a.Registry.Judge(p, repo, ref); err == nil {
		return p.Lock(a.Catalog.Current(), was.Artifact, about)
	}
	return d
}

// about is what a question is about.
func (a admission) about(p *policy.Policy, q operator.Question) (policy.Artifact, error) {
	if q.Type == "" {
		repo, ref, err := splitReference(q.Reference)
		if err != nil {
			return policy.Artifact{}, err
		}
		j, err := a.Registry.Judge(p, repo, ref)
		return j.Artifact, err
	}
	t, ok := a.Catalog.Current().Type(q.Type)
	if !ok {
		return policy.Artifact{}, fmt.Errorf("no type has the id %q: argosy types ls lists them", q.Type)
	}
	at, err := oci.ParsePlace(q.Reference)
	return policy.Artifact{Repository: string(at.Name), Type: t.ID, Companion: t.Companion, MediaType: "its media type"}, err
}

// splitReference reads REPOSITORY:TAG or REPOSITORY@DIGEST.
func splitReference(text string) (repo oci.Name, ref oci.Reference, err error) {
	at, err := oci.ParsePlace(text)
	if err == nil && at.Reference() == "" {
		err = fmt.Errorf("%q names no artifact: want REPOSITORY:TAG or REPOSITORY@DIGEST", text)
	}
	if err != nil {
		return "", ref, err
	}
	if at.Digest != "" { // it counts more than a tag before it
		at.Tag = ""
	}
	return at.Name, oci.Reference{Tag: at.Tag, Digest: at.Digest}, nil
}

func (a admission) Replay(ctx context.Context, q operator.ReplayQuery) (operator.Replay, error) {
	answer := operator.Replay{Counts: map[string]int64{}}
	p, err := a.policy(q.Policy)
	if err != nil {
		return answer, err
	}
	err = a.Registry.Replay(ctx, p, q.Since, func(j registry.Judged) {
		answer.Pushes++
		answer.Counts[j.Decision.Verdict.String()]++
		if j.Decision.Verdict != policy.Allow && len(answer.Others) < operator.MaxReplayed {
			answer.Others = append(answer.Others, operator.Replayed{
				Reference: j.Artifact.Repository + "@" + string(j.Digest), Pushed: j.Pushed, Decision: j.Decision,
			})
		}
	})
	return answer, err
}

// quarantinePage is how much of what is in quarantine one answer lists.
const quarantinePage = 500

func (a admission) Quarantine(_ context.Context, after int64) (page operator.QuarantinePage, err error) {
	rows, err := a.store.Quarantine(after, quarantinePage)
	if err != nil {
		return page, err
	}
	for _, q := range rows {
		tags, err := a.store.TagsOf(q.Manifest)
		if err != nil {
			return page, err
		}
		page.Artifacts = append(page.Artifacts, operator.Quarantined{
			Reference: string(q.Repository) + "@" + string(q.Digest), Tags: tags, Type: q.Type, Since: store.Time(q.Since), Reason: q.Reason,
		})
	}
	if len(rows) == quarantinePage {
		page.Next = rows[len(rows)-1].Manifest
	}
	return page, nil
}

func (a admission) Release(ctx context.Context, reference string) ([]string, error) {
	repo, ref, err := splitReference(reference)
	if err != nil {
		return nil, err
	}
	released, err := a.Registry.Release(ctx, repo, ref)
	return inRepository(repo, released...), err
}

func (a admission) Discard(ctx context.Context, reference string) ([]string, error) {
	repo, ref, err := splitReference(reference)
	if err != nil {
		return nil, err
	}
	d, err := a.Registry.Discard(ctx, repo, ref)
	return inRepository(repo, d), err
}

// inRepository are digests as references.
func inRepository(repo oci.Name, ds ...oci.Digest) (all []string) {
	for _, d := range ds {
		all = append(all, string(repo)+"@"+string(d))
	}
	return all
}

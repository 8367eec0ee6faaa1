package operator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/policy"
)

// ward is an admission that says what it was asked.
type ward struct{}

func (*ward) Policy(context.Context) (operator.PolicyStatus, error) {
	return operator.PolicyStatus{Text: "admission: []\n", Refused: "policy.yaml:1:1: no"}, nil
}

func (*ward) Decide(_ context.Context, q operator.Question) (operator.Answer, error) {
	if q.Type == "" {
		return operator.Answer{}, errors.New(q.Reference + " is not here")
	}
	return operator.Answer{
		Decision:   policy.Decision{Verdict: policy.Quarantine, Type: q.Type, Rule: "policy.yaml:3", Because: *q.Policy},
		Considered: []policy.Considered{{Rule: "policy.yaml:3", Repositories: "a/*", Outcome: "decides"}},
	}, nil
}

func (*ward) Replay(_ context.Context, q operator.ReplayQuery) (operator.Replay, error) {
	return operator.Replay{
		Pushes: 2, Counts: map[string]int64{"deny": 1, "allow": 1},
		Others: []operator.Replayed{{Reference: "a@b", Pushed: q.Since, Decision: policy.Decision{Verdict: policy.Deny}}},
	}, nil
}

func (*ward) Quarantine(_ context.Context, after int64) (operator.QuarantinePage, error) {
	return operator.QuarantinePage{Artifacts: []operator.Quarantined{{Reference: "a@b", Tags: []string{"v1"}}}, Next: after + 1}, nil
}

func (*ward) Release(_ context.Context, reference string) ([]string, error) {
	return nil, errors.New(reference + " is free")
}

func (*ward) Discard(_ context.Context, reference string) ([]string, error) {
	return []string{reference}, nil
}

func TestAdmissionThroughTheSocket(t *testing.T) {
	empty := "" // is not the same as none
	c, direct := serve(t, t.TempDir(), &shelf{}), &ward{}
	for name, both := range map[string]func(operator.Admission) (any, error){
		"policy": func(a operator.Admission) (any, error) { return a.Policy(ctx) },
		"decision": func(a operator.Admission) (any, error) {
			return a.Decide(ctx, operator.Question{Reference: "a/b", Type: "rocket", Policy: &empty})
		},
		"no decision": func(a operator.Admission) (any, error) {
			return a.Decide(ctx, operator.Question{Reference: "a/b:c"})
		},
		"replay": func(a operator.Admission) (any, error) {
			return a.Replay(ctx, operator.ReplayQuery{Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
		},
		"quarantine": func(a operator.Admission) (any, error) { return a.Quarantine(ctx, 41) },
		"release":    func(a operator.Admission) (any, error) { return a.Release(ctx, "a/b@c") },
		"discard":    func(a operator.Admission) (any, error) { return a.Discard(ctx, "a/b@c") },
	} {
		want, wantErr := both(direct)
		got, err := both(c)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("%s: error %v, want %v", name, err, wantErr)
		}
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

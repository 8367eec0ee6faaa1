package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/argosy-registry/argosy/internal/policy"
)

// Admission is what the registry takes, and what it keeps apart.
type Admission interface {
	// Policy is the policy in force.
	Policy(ctx context.Context) (PolicyStatus, error)
	// Decide says what would become of a push.
	Decide(ctx context.Context, q Question) (Answer, error)
	// Replay says what would have become of what was pushed, had a policy been in force.
	Replay(ctx context.Context, q ReplayQuery) (Replay, error)
	// Quarantine lists what is in quarantine, after a number that an earlier page
	// ended with, 0 for the first.
	Quarantine(ctx context.Context, after int64) (QuarantinePage, error)
	// Release ends the quarantine of REPOSITORY:TAG or REPOSITORY@DIGEST, and of what
	// that names, and returns each as REPOSITORY@DIGEST.
	Release(ctx context.Context, reference string) ([]string, error)
	// Discard deletes REPOSITORY:TAG or REPOSITORY@DIGEST, which is in quarantine, and
	// returns it as REPOSITORY@DIGEST.
	Discard(ctx context.Context, reference string) ([]string, error)
}

// PolicyStatus is the policy in force.
type PolicyStatus struct {
	Text    string `json:"text"`              // as it was written; empty: everything is taken
	Refused string `json:"refused,omitempty"` // why what is in the file is not in force
}

// Question is about REPOSITORY and a type, or about what is stored as
// REPOSITORY:TAG or REPOSITORY@DIGEST.
type Question struct {
	Reference string  `json:"reference"`
	Type      string  `json:"type,omitempty"`   // id; empty: that of what is stored
	Policy    *string `json:"policy,omitempty"` // text of one that is not in force; nil: the one that is
}

// Answer is a decision, and how it came about.
type Answer struct {
	policy.Decision
	Sentence   string              `json:"sentence"` // for the person who pushes
	Considered []policy.Considered `json:"considered"`
}

// ReplayQuery asks about everything that was pushed since a time.
type ReplayQuery struct {
	Since  time.Time `json:"since"`
	Policy *string   `json:"policy,omitempty"` // text of one that is not in force; nil: the one that is
}

// MaxReplayed is how many pushes a Replay names.
const MaxReplayed = 1000

// Replay is what would have become of pushes.
type Replay struct {
	Pushes int64            `json:"pushes"`
	Counts map[string]int64 `json:"counts"` // by verdict
	Others []Replayed       `json:"others"` // those that would not simply have been taken, at most MaxReplayed
}

// Replayed is a push, and what would have become of it.
type Replayed struct {
	Reference string    `json:"reference"` // REPOSITORY@DIGEST
	Pushed    time.Time `json:"pushed"`
	policy.Decision
}

// QuarantinePage is some of what is in quarantine.
type QuarantinePage struct {
	Artifacts []Quarantined `json:"artifacts"`
	Next      int64         `json:"next,omitempty"` // ask for what is after it; 0: that was all
}

// Quarantined is an artifact that is stored and shown to nobody.
type Quarantined struct {
	Reference string    `json:"reference"` // REPOSITORY@DIGEST
	Tags      []string  `json:"tags"`
	Type      string    `json:"type"`
	Since     time.Time `json:"since"`
	Reason    string    `json:"reason"`
}

func handleAdmission(mux *http.ServeMux, a Admission) {
	mux.HandleFunc("GET /policy", func(w http.ResponseWriter, r *http.Request) {
		status, err := a.Policy(r.Context())
		answer(w, status, err)
	})
	mux.HandleFunc("POST /policy/decisions", ask(a.Decide))
	mux.HandleFunc("POST /policy/replays", ask(a.Replay))
	mux.HandleFunc("GET /quarantine", func(w http.ResponseWriter, r *http.Request) {
		var after int64
		if _, err := fmt.Sscan(r.FormValue("after"), &after); err != nil {
			answer(w, nil, fmt.Errorf("after is %q: want a number", r.FormValue("after")))
			return
		}
		page, err := a.Quarantine(r.Context(), after)
		answer(w, page, err)
	})
	mux.HandleFunc("POST /quarantine/released", ask(a.Release))
	mux.HandleFunc("POST /quarantine/discarded", ask(a.Discard))
}

// ask is a handler that reads a question and writes what do answers.
func ask[Q, A any](do func(context.Context, Q) (A, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&q); err != nil {
			answer(w, nil, fmt.Errorf("the request cannot be read: %w", err))
			return
		}
		a, err := do(r.Context(), q)
		answer(w, a, err)
	}
}

// Policy implements Admission.
func (c *Client) Policy(ctx context.Context) (s PolicyStatus, err error) {
	return s, c.ask(ctx, http.MethodGet, "/policy", nil, &s)
}

// Decide implements Admission.
func (c *Client) Decide(ctx context.Context, q Question) (a Answer, err error) {
	return a, c.ask(ctx, http.MethodPost, "/policy/decisions", q, &a)
}

// Replay implements Admission.
func (c *Client) Replay(ctx context.Context, q ReplayQuery) (a Replay, err error) {
	return a, c.ask(ctx, http.MethodPost, "/policy/replays", q, &a)
}

// Quarantine implements Admission.
func (c *Client) Quarantine(ctx context.Context, after int64) (p QuarantinePage, err error) {
	return p, c.ask(ctx, http.MethodGet, "/quarantine?"+url.Values{"after": {fmt.Sprint(after)}}.Encode(), nil, &p)
}

// Release implements Admission.
func (c *Client) Release(ctx context.Context, reference string) (done []string, err error) {
	return done, c.ask(ctx, http.MethodPost, "/quarantine/released", reference, &done)
}

// Discard implements Admission.
func (c *Client) Discard(ctx context.Context, reference string) (done []string, err error) {
	return done, c.ask(ctx, http.MethodPost, "/quarantine/discarded", reference, &done)
}

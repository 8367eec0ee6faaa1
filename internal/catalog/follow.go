package catalog

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/bundle"
)

// Follow puts an edition of a catalog into force on terms, in place of the one before:
// all that the terms take of it, or nothing. The error, which Followed repeats, says
// why not; then what was in force stays.
func (l *Live) Follow(ctx context.Context, t Terms, e Edition) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.follow(ctx, t, e)
	if err != nil {
		l.Refuse(t.Ref, err)
		return err
	}
	l.troubles.over(t.Ref)
	return nil
}

func (l *Live) follow(ctx context.Context, t Terms, e Edition) error {
	set, err := bundle.Pack(e.Files)
	if err != nil {
		return err
	}
	e.Files = nil
	f := followed{Terms: t, Edition: e, set: set}
	var was *followed
	next := sets{own: l.active.own}
	for i := range l.active.followed {
		if old := &l.active.followed[i]; old.Ref == t.Ref {
			was = old
		} else {
			next.followed = append(next.followed, *old)
		}
	}
	if was != nil && reflect.DeepEqual(*was, f) {
		return nil
	}
	next.followed = append(next.followed, f)
	slices.SortFunc(next.followed, func(a, b followed) int { return strings.Compare(a.Ref, b.Ref) })
	c, err := l.load(next)
	if err != nil {
		return fmt.Errorf("%s is refused:\n%w", f.from(), err)
	}
	before, now, err := taken(was, &f)
	if err != nil {
		return err
	}
	if err := l.enforce(ctx, next, c); err != nil {
		return err
	}
	l.announce(was, &f, Compare(before, now))
	return nil
}

// Propose is the catalog as it would be with more entries, which changes nothing: of the
// owner, or when ref is not empty of a followed catalog in place of what is in force of
// it, on the terms that are in force or else on t.
func (l *Live) Propose(t Terms, files map[string][]byte) (*artifact.Catalog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := sets{own: l.active.own}
	if t.Ref == "" {
		own, err := bundle.Unpack(l.active.own)
		if err != nil {
			return nil, err
		}
		for name := range files { // an icon of another form goes
			removeIcons(own, strings.TrimSuffix(name, ".yaml"))
		}
		maps.Copy(own, files)
		if next.own, err = bundle.Pack(own); err != nil {
			return nil, err
		}
		next.followed = l.active.followed
		return l.load(next)
	}
	set, err := bundle.Pack(files)
	if err != nil {
		return nil, err
	}
	for _, f := range l.active.followed {
		if f.Ref == t.Ref {
			t = f.Terms
		} else {
			next.followed = append(next.followed, f)
		}
	}
	next.followed = append(next.followed, followed{Terms: t, Edition: Edition{Digest: "proposed"}, set: set})
	return l.load(next)
}

// taken are the files of two editions, of which the first may be none.
func taken(was, is *followed) (before, now map[string][]byte, err error) {
	if was != nil {
		if before, err = was.taken(); err != nil {
			return nil, nil, err
		}
	}
	now, err = is.taken()
	return before, now, err
}

func (l *Live) announce(was, is *followed, d Difference) {
	former := ""
	if was != nil {
		former = was.Digest
	}
	l.o.Log.Info("a followed catalog is in force", "catalog", is.Ref, "digest", is.Digest, "version", is.Version, "former", former,
		"added", some(d.Added), "changed", some(d.Changed), "removed", some(d.Removed))
}

// Keep settles at the start of a server what is followed, by the terms of today: what
// is not followed any more goes, and what a key vouched for that is not today's waits
// until this one has.
func (l *Live) Keep(ctx context.Context, terms []Terms) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := sets{own: l.active.own}
	for _, f := range l.active.followed {
		at := slices.IndexFunc(terms, func(t Terms) bool { return t.Ref == f.Ref })
		switch {
		case at < 0:
			l.o.Log.Info("a catalog is no longer followed", "catalog", f.Ref)
		case terms[at].Key != f.Key:
			l.Refuse(f.Ref, fmt.Errorf("%s was vouched for by another key: it is out of force until this one has", f.from()))
		default:
			f.Terms = terms[at]
			next.followed = append(next.followed, f)
		}
	}
	if reflect.DeepEqual(next.followed, l.active.followed) {
		return nil
	}
	c, err := l.load(next)
	if err != nil {
		if next, c, err = l.soundOnes(next); err != nil {
			return err
		}
	}
	return l.enforce(ctx, next, c)
}

// Followed is how it stands with a catalog that is followed.
type Followed struct {
	Terms
	Edition               // in force; its Digest is empty when none is
	Types       []string  `json:"types"`                 // ids of its entries that are in force
	Checked     time.Time `json:"checked,omitzero"`      // when it was looked at last, and what was found is in force
	Refused     string    `json:"refused,omitempty"`     // why what was found last is not in force
	Unreachable string    `json:"unreachable,omitempty"` // why it could not be looked at
}

// Followed says how it stands with the catalogs that are followed, by their references.
func (l *Live) Followed() (all []Followed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := l.troubles.all()
	for i := range l.active.followed {
		f := &l.active.followed[i]
		one := Followed{Terms: f.Terms, Edition: f.Edition}
		if files, err := f.taken(); err == nil { // it is in force, so it can be read
			one.Types = ids(files)
		}
		states[f.Ref].tell(&one)
		delete(states, f.Ref)
		all = append(all, one)
	}
	for ref, s := range states {
		one := Followed{Terms: Terms{Ref: ref}}
		s.tell(&one)
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Followed) int { return strings.Compare(a.Ref, b.Ref) })
	return all
}

// InForce is the digest of a catalog's edition in force, on just these terms; empty
// when there is none.
func (l *Live) InForce(t Terms) (digest string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.active.followed {
		if reflect.DeepEqual(f.Terms, t) {
			return f.Digest
		}
	}
	return ""
}

// Refuse notes why what was found of a catalog does not come into force.
func (l *Live) Refuse(ref string, err error) {
	if l.troubles.set(ref, trouble{refused: err.Error()}) {
		l.o.Log.Error("a followed catalog is refused; what is in force stays", "catalog", ref, "error", err)
	}
}

// Miss notes why a catalog could not be looked at.
func (l *Live) Miss(ref string, err error) {
	if l.troubles.miss(ref, err.Error()) {
		l.o.Log.Warn("a followed catalog cannot be reached; what is in force stays, and it is tried again", "catalog", ref, "error", err)
	}
}

// Unchanged notes that a catalog was looked at and is what is in force.
func (l *Live) Unchanged(ref string) { l.troubles.over(ref) }

// troubles are what keeps catalogs from being followed.
type troubles struct {
	mu    sync.Mutex
	byRef map[string]trouble
}

type trouble struct {
	refused, unreachable string
	checked              time.Time
}

func (t trouble) tell(f *Followed) {
	f.Refused, f.Unreachable, f.Checked = t.refused, t.unreachable, t.checked
}

// set notes a trouble, and says whether it is another one than before.
func (t *troubles) set(ref string, now trouble) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byRef == nil {
		t.byRef = map[string]trouble{}
	}
	was := t.byRef[ref]
	now.checked = was.checked
	t.byRef[ref] = now
	return was.refused != now.refused
}

// miss notes that a catalog could not be reached, beside what was found before, and
// says whether it could until now.
func (t *troubles) miss(ref, why string) (news bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byRef == nil {
		t.byRef = map[string]trouble{}
	}
	was := t.byRef[ref]
	news = was.unreachable == ""
	was.unreachable = why
	t.byRef[ref] = was
	return news
}

// over notes that there is no trouble now.
func (t *troubles) over(ref string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byRef == nil {
		t.byRef = map[string]trouble{}
	}
	t.byRef[ref] = trouble{checked: time.Now()}
}

func (t *troubles) all() map[string]trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]trouble, len(t.byRef))
	for ref, one := range t.byRef {
		all[ref] = one
	}
	return all
}

// Package follow keeps a registry's catalog up to date with catalogs of others: it
// looks at each from time to time, verifies what it finds, and hands it on. A catalog
// that cannot be reached, or must not be trusted, changes nothing. Nothing is asked of
// anybody unless a catalog is followed.
package follow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/reach"
	"github.com/argosy-registry/argosy/internal/sign"
)

// Catalog is a catalog that is followed.
type Catalog struct {
	Place   Place
	Options reach.Options
	Key     *sign.PublicKey // nil: nobody need vouch for it
	Every   time.Duration
	Terms   catalog.Terms
}

// Follower follows catalogs.
type Follower struct {
	Catalogs []Catalog
	Live     *catalog.Live
	Log      *slog.Logger
}

const (
	lookTime   = 2 * time.Minute // a look takes at most so long
	firstRetry = time.Second
	lastRetry  = 10 * time.Minute
)

// Terms are on which the catalogs are followed.
func (f *Follower) Terms() []catalog.Terms {
	terms := make([]catalog.Terms, len(f.Catalogs))
	for i := range f.Catalogs {
		terms[i] = f.Catalogs[i].Terms
	}
	return terms
}

// Run looks at all catalogs at once, and again at their intervals, until ctx ends. One
// that cannot be reached is tried again soon, and ever later.
func (f *Follower) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, c := range f.Catalogs {
		running.Go(func() { f.run(ctx, c) })
	}
	running.Wait()
}

func (f *Follower) run(ctx context.Context, c Catalog) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	retry := firstRetry
	if opened, err := c.Place.Open(ctx, c.Options); err == nil && c.Place.File == "" {
		c.Place = opened // one client for all looks; a bundle is opened anew
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		err := f.Look(ctx, c)
		wait := c.Every
		if reach.Unreachable(err) {
			wait = min(retry, c.Every)
			retry = min(2*retry, lastRetry)
		} else {
			retry = firstRetry
		}
		timer.Reset(wait)
	}
}

// Look looks at a catalog once, and puts what is new into force. Its error is reported.
func (f *Follower) Look(ctx context.Context, c Catalog) error {
	limited, done := context.WithTimeout(ctx, lookTime)
	defer done()
	err := f.look(limited, c)
	switch {
	case err == nil || ctx.Err() != nil: // the program ends
	case reach.Unreachable(err):
		f.Live.Miss(c.Terms.Ref, err)
	default:
		f.Live.Refuse(c.Terms.Ref, err)
	}
	return err
}

func (f *Follower) look(ctx context.Context, c Catalog) error {
	inForce := f.Live.InForce(c.Terms)
	if want := c.Place.Address.Digest; want != "" && inForce == string(want) {
		f.Live.Unchanged(c.Terms.Ref) // it can never be another
		return nil
	}
	place, err := c.Place, error(nil)
	if place.client == nil {
		place, err = place.Open(ctx, c.Options)
	}
	if err != nil {
		return err
	}
	top, err := place.Top(ctx)
	if err != nil {
		return err
	}
	if inForce == string(top.Digest) {
		f.Live.Unchanged(c.Terms.Ref)
		return nil
	}
	set, err := place.Fetch(ctx, top, c.Key)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Place, err)
	}
	f.Log.Debug("a followed catalog has something new", "catalog", c.Terms.Ref, "digest", set.Digest)
	return f.Live.Follow(ctx, c.Terms, catalog.Edition{
		Digest: string(set.Digest), Title: set.Title, Version: set.Version, Files: set.Files,
	})
}

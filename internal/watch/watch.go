// Package watch tells when files that an owner edits have changed. It looks rather
// than being told: that works for links, mounted folders and files that are not
// there yet alike.
package watch

import (
	"context"
	"time"
)

const (
	lookEvery = 150 * time.Millisecond // how often is looked
	quiet     = 300 * time.Millisecond // how long nothing must change before it is read
)

// Files calls read once soon, and whenever what look answers has changed and then
// stayed the same for a moment, until ctx ends. look says what the files look like
// from outside: names, sizes, times.
func Files(ctx context.Context, look func() string, read func()) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	done := "never" // whoever read before may have missed what came then
	seen, since := look(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := look(); now != seen {
			seen, since = now, time.Now()
		}
		if seen != done && time.Since(since) >= quiet {
			done = seen
			read()
		}
	}
}

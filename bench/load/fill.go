package load

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/argosy-registry/argosy/bench/data"
)

// fillers is how many connections push a set.
const fillers = 64

// Fill pushes a set: all blobs, then all manifests. It ends at the first error
// and when ctx ends.
func Fill(ctx context.Context, t Target, s data.Set) error {
	// Sources of mounts come first in a set: one connection keeps that order.
	err := each(ctx, t, 1, s.Blobs, func(w *Worker, b data.Blob) error {
		if b.From != "" {
			return w.mount(b.Repository, b.From, b.Digest)
		}
		return w.pushBlob(b.Repository, b.Body)
	})
	if err == nil {
		err = each(ctx, t, fillers, s.Manifests, (*Worker).pushManifest)
	}
	if err != nil {
		return fmt.Errorf("fill %s with the set %s: %w", t.Name, s.Name, err)
	}
	return nil
}

// each hands the items to push, on n connections.
func each[T any](parent context.Context, t Target, n int, items iter.Seq[T], push func(*Worker, T) error) error {
	ctx, end := context.WithCancelCause(parent)
	defer end(nil)
	queue := make(chan T)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := take(t, i, queue, push); err != nil {
				end(err)
			}
		})
	}
	for item := range items {
		select {
		case queue <- item:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}

// take pushes what the queue brings until it ends or a push fails.
func take[T any](t Target, id int, queue <-chan T, push func(*Worker, T) error) error {
	w, err := newWorker(t, nil, id)
	if err != nil {
		return err
	}
	defer func() { w.conn.Close() }()
	for item := range queue {
		if err := push(w, item); err != nil {
			return err
		}
	}
	return nil
}

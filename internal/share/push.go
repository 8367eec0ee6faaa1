package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
)

// atOnce is how many requests to a registry are under way at a time.
const atOnce = 8

// Target is a repository that a parcel is sent to.
type Target interface {
	content.Storage
	Tag(ctx context.Context, d ocispec.Descriptor, reference string) error
}

// Push sends a parcel and then, when everything is there, tags it, unless tag is empty.
// before is called in between with what the tag will name: whoever follows the tag
// must not see it before it is signed. It may be nil.
func (p *Parcel) Push(ctx context.Context, to Target, tag string, before func(ocispec.Descriptor) error) error {
	for _, level := range p.levels {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		sent := map[digest.Digest]bool{}
		for _, b := range level {
			if !sent[b.Digest] {
				sent[b.Digest] = true
				group.Go(func() error { return b.push(ctx, to) })
			}
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	if before != nil {
		if err := before(p.Top); err != nil {
			return err
		}
	}
	if tag == "" {
		return nil
	}
	return to.Tag(ctx, p.Top, tag)
}

// push sends content that is not there yet.
func (b blob) push(ctx context.Context, to Target) error {
	there, err := to.Exists(ctx, b.Descriptor)
	if err == nil && !there {
		err = to.Push(ctx, b.Descriptor, bytes.NewReader(b.content))
	}
	if err != nil && !errors.Is(err, errdef.ErrAlreadyExists) {
		return fmt.Errorf("push %s %s: %w", b.MediaType, b.Digest, err)
	}
	return nil
}

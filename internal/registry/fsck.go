package registry

import (
	"context"
	"errors"
	"fmt"

	"github.com/argosy-registry/argosy/internal/blob"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/store"
)

// Report is what Fsck found.
type Report struct {
	Manifests, Blobs int      // looked at
	Bytes            int64    // hashed
	Problems         []string // damage: what, where, and how to mend it
	Orphans          []string // bytes that no row names: harmless, removed in time
}

// Fsck holds every row against its bytes and every object of the heap against
// the rows. It changes nothing.
func (r *Registry) Fsck(ctx context.Context) (*Report, error) {
	report := new(Report)
	if err := r.fsckManifests(ctx, report); err != nil {
		return nil, err
	}
	if err := r.fsckBlobs(ctx, report); err != nil {
		return nil, err
	}
	err := r.orphans(ctx, func(o blob.Info) error {
		report.Orphans = append(report.Orphans, fmt.Sprintf("%s (%d bytes)", o.Key, o.Size))
		return nil
	})
	return report, err
}

func (r *Registry) fsckManifests(ctx context.Context, report *Report) error {
	for after := int64(0); ; {
		last, err := r.Store.Manifests(after, slice, func(m *store.Manifest) error {
			report.Manifests++
			report.Bytes += int64(len(m.Content))
			if matches(m.Digest, m.Content) != nil {
				report.Problems = append(report.Problems, fmt.Sprintf("manifest %s: bytes do not match; push it again", m.Digest))
			} else if _, err := oci.ParseManifest(m.MediaType, m.Content); err != nil {
				report.Problems = append(report.Problems, fmt.Sprintf("manifest %s: %v", m.Digest, err))
			}
			return ctx.Err()
		})
		if err != nil || last == after {
			return err
		}
		after = last
	}
}

func (r *Registry) fsckBlobs(ctx context.Context, report *Report) error {
	for after := int64(0); ; {
		blobs, err := r.Store.Blobs(after, slice)
		if err != nil || len(blobs) == 0 {
			return err
		}
		for _, b := range blobs {
			after = b.ID
			report.Blobs++
			report.Bytes += b.Size
			if err := r.fsckBlob(b); err != nil {
				report.Problems = append(report.Problems, fmt.Sprintf("blob %s: %v; push it again", b.Digest, err))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
}

func (r *Registry) fsckBlob(b *store.Blob) error {
	if b.Key == "" {
		content, err := r.Store.BlobContent(b.ID)
		if err != nil {
			return err
		}
		if content == nil {
			return errors.New("bytes are lost")
		}
		return matches(b.Digest, content)
	}
	got, err := r.hashObject(b.Key, b.Digest.Algorithm())
	if errors.Is(err, blob.ErrNotFound) {
		return fmt.Errorf("bytes are lost (%s)", b.Key)
	}
	if err == nil && got != b.Digest {
		err = fmt.Errorf("bytes do not match (%s)", b.Key)
	}
	return err
}

package sign

import (
	"context"
	"errors"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/argosy-registry/argosy/internal/oci"
)

// What keeps an artifact from being verified.
var (
	ErrUnsigned = errors.New("is not signed")
	ErrOtherKey = errors.New("is signed, but not by the key")
)

// Verify says whether somebody with the key vouched for what a descriptor names.
// Errors: ErrUnsigned, ErrOtherKey, or what the source says.
func Verify(ctx context.Context, from Source, d ocispec.Descriptor, key *PublicKey) error {
	found, err := Find(ctx, from, d)
	if err != nil {
		return err
	}
	about := 0
	for _, s := range found {
		if !slices.Contains(s.about, oci.Digest(d.Digest)) {
			continue
		}
		if about++; key.verifies(s.message, s.signature) {
			return nil
		}
	}
	if about > 0 {
		return fmt.Errorf("%s %w %s: signatures by others: %d", d.Digest, ErrOtherKey, key.Fingerprint()[:12], about)
	}
	if len(found) > 0 {
		return fmt.Errorf("%s %w: what stands in place of signatures, %d, is for something else", d.Digest, ErrUnsigned, len(found))
	}
	return fmt.Errorf("%s %w: there is neither a tag %s nor a bundle attached to it", d.Digest, ErrUnsigned, tagOf(d))
}

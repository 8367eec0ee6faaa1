package sign_test

import (
	"crypto/elliptic"
	"errors"
	"testing"

	"oras.land/oras-go/v2/content/oci"

	"github.com/argosy-registry/argosy/internal/sign"
)

// What cosign itself signed is verified, in both of its forms.
func TestSignedByCosign(t *testing.T) {
	key, err := sign.ReadPublicKey("testdata/cosign.pub")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"tag", "bundle"} {
		t.Run(form, func(t *testing.T) {
			s, err := oci.NewFromTar(t.Context(), "testdata/cosign-3.1.3-"+form+".tar")
			if err != nil {
				t.Fatal(err)
			}
			top, err := s.Resolve(t.Context(), "1")
			if err != nil {
				t.Fatal(err)
			}
			if err := sign.Verify(t.Context(), s, top, key); err != nil {
				t.Error(err)
			}
			other := newPair(t, curve(t, elliptic.P256()))
			if err := sign.Verify(t.Context(), s, top, other.verifier(t)); !errors.Is(err, sign.ErrOtherKey) {
				t.Errorf("with another key: %v", err)
			}
			found, err := sign.Find(t.Context(), s, top)
			if err != nil || len(found) != 1 || (found[0].Tag != "") != (form == "tag") {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
	for tag, want := range map[string]bool{
		"sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.sig": true,
		"sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a":     true,
		"1": false, "sha256-1.sig": false, "latest": false, "1.sig": false,
	} {
		if sign.IsTag(tag) != want {
			t.Errorf("%s is one: %v", tag, !want)
		}
	}
}

package oci_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

var allCodes = []oci.Code{
	oci.BlobUnknown, oci.BlobUploadInvalid, oci.BlobUploadUnknown, oci.RangeInvalid, oci.DigestInvalid,
	oci.ManifestBlobUnknown, oci.ManifestInvalid, oci.ManifestTooLarge, oci.ManifestUnknown, oci.NameInvalid,
	oci.NameUnknown, oci.SizeInvalid, oci.TagInvalid, oci.TooManyTags, oci.Unauthorized, oci.Denied, oci.Unsupported,
	oci.TooManyRequests, oci.PageNumberInvalid, oci.PreconditionFailed, oci.ExtensionUnknown, oci.RequestInvalid,
	oci.MisdirectedRequest, oci.StorageFull, oci.Unavailable, oci.ContentCorrupt, oci.Unknown,
}

// listed are the codes of distribution-spec "Error Codes".
var listed = []oci.Code{
	"BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN",
	"MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED",
	"UNSUPPORTED", "TOOMANYREQUESTS",
}

// A 4xx body holds a listed code; a 5xx body may hold the registry's own.
func TestCodesOnTheWire(t *testing.T) {
	for _, c := range allCodes {
		status := c.Status()
		if http.StatusText(status) == "" || status < 400 || c.Error() == "" {
			t.Errorf("%s has status %d and sentence %q", string(c), status, c.Error())
		}
		if status < 500 && !slices.Contains(listed, c.Wire()) {
			t.Errorf("%s (%d) goes out as %s, which the specification does not list", string(c), status, string(c.Wire()))
		}
	}
	for _, c := range listed {
		if c.Wire() != c {
			t.Errorf("%s goes out as %s", string(c), string(c.Wire()))
		}
	}
}

func TestAsError(t *testing.T) {
	e := oci.DigestInvalid.With(map[string]int{"a": 1}, "said %d", 7)
	for _, err := range []error{e, fmt.Errorf("context: %w", e), errors.Join(errors.New("other"), e)} {
		if got := oci.AsError(err); got != e || !errors.Is(err, oci.DigestInvalid) || errors.Is(err, oci.Denied) {
			t.Errorf("AsError(%v) = %v", err, got)
		}
	}
	if got := oci.AsError(fmt.Errorf("context: %w", oci.Denied)); got.Code != oci.Denied || got.Message == "" {
		t.Errorf("AsError of a bare code is %+v", got)
	}
	for _, err := range []error{nil, errors.New("own")} {
		if got := oci.AsError(err); got != nil {
			t.Errorf("AsError(%v) = %v", err, got)
		}
	}
}

package v2

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// A chunk that is accepted has a place and a length that cannot overflow, and is
// what its plain form says.
func FuzzParseContentRange(f *testing.F) {
	for _, s := range []string{"0-0", "5-9", "bytes 0-9/*", "bytes 3-5/6", "9-5", "-", "0-", "4611686018427387904-4611686018427387905", "+1-2", "0-9/"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`\A([0-9]+-[0-9]+|bytes [0-9]+-[0-9]+/(\*|[0-9]+))\z`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseContentRange(s)
		if err != nil {
			if oci.AsError(err) == nil || oci.AsError(err).Code != oci.BlobUploadInvalid {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if c.first < 0 || c.last < c.first || c.length() <= 0 {
			t.Errorf("%q is %+v of %d bytes", s, c, c.length())
		}
		plain := fmt.Sprintf("%d-%d", c.first, c.last)
		if again, err := parseContentRange(plain); err != nil || again != c || !form.MatchString(s) {
			t.Errorf("%q was read as %+v", s, c)
		}
	})
}

// Ranges that are accepted lie inside the content, are not too many, and more
// than one are together not larger than it.
func FuzzParseRanges(f *testing.F) {
	for _, s := range []string{"bytes=0-0", "bytes=5-", "bytes=-5", "bytes=0-1,5-9,-1", "bytes=9-5", "items=1", "bytes=", "bytes=99999999999999999999-", "bytes=,,"} {
		f.Add(s, int64(2048))
		f.Add(s, int64(1))
	}
	f.Fuzz(func(t *testing.T, s string, size int64) {
		if size <= 0 {
			return
		}
		ranges, err := parseRanges(s, size)
		if err != nil && (ranges != nil || oci.AsError(err) == nil || oci.AsError(err).Code != oci.RangeInvalid) {
			t.Errorf("%q: %v, %v", s, ranges, err)
		}
		total := int64(0)
		for _, p := range ranges {
			if p.start < 0 || p.length <= 0 || p.start+p.length > size || p.start+p.length < 0 {
				t.Errorf("%q of %d: %+v", s, size, p)
			}
			total += p.length
		}
		if len(ranges) > maxRanges || len(ranges) > 1 && (total > size || total < 0) {
			t.Errorf("%q of %d: %d ranges of %d bytes", s, size, len(ranges), total)
		}
	})
}

// The table answers exactly the methods that the specification's words name.
func TestHandlersMatchMethods(t *testing.T) {
	for kind, byMethod := range handlers {
		methods := oci.Kind(kind).Methods()
		if len(methods) != len(byMethod) {
			t.Errorf("%s has %d handlers for %q", oci.Kind(kind), len(byMethod), methods)
		}
		for _, m := range methods {
			if byMethod[m] == nil {
				t.Errorf("%s has no handler for %s", oci.Kind(kind), m)
			}
		}
	}
	if len(handlers) != int(oci.KindExtension)+1 {
		t.Errorf("%d kinds have handlers", len(handlers))
	}
}

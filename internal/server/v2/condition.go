package v2

import (
	"net/http"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// The entity tag of content is its digest in quotes: strong, and the same under
// every reference.

// noneMatch says whether If-None-Match lists the content, so that the client
// has it already (RFC 9110 section 13.1.2, weak comparison).
func noneMatch(r *http.Request, etag string) bool {
	values := r.Header["If-None-Match"]
	if len(values) == 0 {
		return false
	}
	for tag := range entityTags(values) {
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

// match says whether If-Match lets a read go on (RFC 9110 section 13.1.1,
// strong comparison).
func match(r *http.Request, etag string) bool {
	values := r.Header["If-Match"]
	if len(values) == 0 {
		return true
	}
	for tag := range entityTags(values) {
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// entityTags yields the members of header lines that list entity tags. A
// comma in a tag splits it, which no tag of this registry has.
func entityTags(lines []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for tag := range strings.SplitSeq(line, ",") {
				if tag = strings.Trim(tag, " \t"); tag != "" && !yield(tag) {
					return
				}
			}
		}
	}
}

// pushCondition reads If-Match and If-None-Match of a manifest push. Error:
// PreconditionFailed for an If-Match that no content can fulfil.
func pushCondition(r *http.Request) (oci.Condition, error) {
	var c oci.Condition
	matches := r.Header["If-Match"]
	for tag := range entityTags(matches) {
		if tag == "*" {
			c.MatchAny = true
		} else if d, err := oci.ParseDigest(strings.Trim(tag, `"`)); err == nil {
			c.Match = append(c.Match, d)
		}
	}
	if len(matches) > 0 && !c.MatchAny && len(c.Match) == 0 {
		return c, oci.PreconditionFailed.With(nil, `If-Match names no digest: send the ETag of an earlier answer, "sha256:…" in quotes`)
	}
	for tag := range entityTags(r.Header["If-None-Match"]) {
		if tag == "*" {
			c.Absent = true
		} else if d, err := oci.ParseDigest(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`)); err == nil {
			c.NoneMatch = append(c.NoneMatch, d)
		}
	}
	return c, nil
}

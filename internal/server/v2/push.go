package v2

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// maxTags is the most tags that one push may set; the specification asks for
// at least 10.
const maxTags = 128

// maxWarnings is the most bytes of warnings in one answer (distribution-spec
// "Warnings").
const maxWarnings = 4096

func (h *Handler) putManifest(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	p, err := h.readPush(w, r, q)
	if err != nil {
		return err
	}
	pushed, err := h.o.Registry.Push(r.Context(), q.Repository, p)
	if err != nil {
		return err
	}
	NoteOf(r.Context()).typed(pushed.Type)
	header := w.Header()
	header["Etag"] = []string{`"` + string(pushed.Descriptor.Digest) + `"`}
	if pushed.Type != "" {
		header["Argosy-Type"] = []string{pushed.Type}
	}
	if pushed.Subject != "" {
		header["Oci-Subject"] = []string{string(pushed.Subject)}
	}
	if len(q.Query["tag"]) > 0 {
		header["Oci-Tag"] = tagLines(pushed.Tags)
	}
	if warnings := warningLines(pushed.Warnings); len(warnings) > 0 {
		header["Warning"] = warnings
	}
	h.created(w, r, oci.KindManifest, q.Repository, pushed.Descriptor.Digest)
	return nil
}

// readPush reads what a PUT asks for. The tags are the path's and those of
// ?tag=; the digest is the path's, or that of ?digest= on a push by tag.
// Errors: TagInvalid, TooManyTags, DigestInvalid, PreconditionFailed,
// ManifestTooLarge, SizeInvalid.
func (h *Handler) readPush(w http.ResponseWriter, r *http.Request, q oci.Request) (oci.Push, error) {
	p := oci.Push{MediaType: r.Header.Get("Content-Type"), Digest: q.Reference.Digest, Grant: h.o.Grant(r)}
	var err error
	if p.Tags, err = pushTags(q); err != nil {
		return p, err
	}
	if said := q.Query.Get("digest"); said != "" {
		d, err := oci.ParseDigest(said)
		if err != nil {
			return p, err
		}
		if p.Digest != "" && p.Digest != d {
			return p, oci.DigestInvalid.With(nil, "the path says digest %s and the query says %s: send one", p.Digest, d)
		}
		p.Digest = d
	}
	if p.If, err = pushCondition(r); err != nil {
		return p, err
	}
	p.Content, err = readManifest(w, r)
	return p, err
}

func pushTags(q oci.Request) ([]oci.Tag, error) {
	var tags []oci.Tag
	if q.Reference.Tag != "" {
		tags = append(tags, q.Reference.Tag)
	}
	asked := q.Query["tag"]
	if len(asked) > maxTags {
		return nil, oci.TooManyTags.With(nil, "%d tags in one push: send at most %d at a time", len(asked), maxTags)
	}
	for _, s := range asked {
		t, err := oci.ParseTag(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return tags, nil
}

// readManifest reads the body up to the limit, and nothing of one that says it
// is longer. Memory follows what arrives, not what was announced.
func readManifest(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	tooLarge := func() error {
		return oci.ManifestTooLarge.With(map[string]int{"limit": oci.MaxManifest}, "manifest is larger than %d bytes: put large data into blobs", oci.MaxManifest)
	}
	if r.ContentLength > oci.MaxManifest {
		return nil, tooLarge()
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(r.ContentLength, 0), 64<<10)) + bytes.MinRead)
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, oci.MaxManifest))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, cutShort(int64(buf.Len()), err)
	}
	return buf.Bytes(), nil
}

// cutShort is the error for a body that ended before it was whole.
func cutShort(got int64, err error) *oci.Error {
	return oci.SizeInvalid.With(map[string]int64{"received": got}, "the request's body ended after %d bytes: %v", got, err)
}

func tagLines(tags []oci.Tag) []string {
	lines := make([]string, len(tags))
	for i, t := range tags {
		lines[i] = string(t)
	}
	return lines
}

// maxWarning is the most bytes of one warning: a longer one is cut.
const maxWarning = 1500

// warningLines puts sentences into the form of the Warning header,
// 299 - "text", as many as may be sent.
func warningLines(sentences []string) []string {
	var lines []string
	size := 0
	for _, s := range sentences {
		if len(s) > maxWarning {
			s = strings.ToValidUTF8(s[:maxWarning], "") + "…"
		}
		line := `299 - "` + quotedText(s) + `"`
		if size += len(line); size > maxWarnings {
			break
		}
		lines = append(lines, line)
	}
	return lines
}

// quotedText escapes s for a quoted string (RFC 9110 section 5.6.4); what may
// not stand in a header becomes a space.
func quotedText(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

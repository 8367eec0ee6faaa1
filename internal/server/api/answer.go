package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// answer is a body with what its header says.
type answer struct {
	contentType string
	body        []byte
	header      http.Header // more of it
}

// newJSON is v as an answer that a client asks for again before it shows it.
func newJSON(v any) (*answer, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return &answer{
		contentType: "application/json", body: body,
		header: http.Header{"Cache-Control": {"private, no-cache"}},
	}, nil
}

// send writes the answer, 304 when the client has it already. The ETag is of the
// body, and so of all that it was made from: rows, catalog, host.
func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(a.body)
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	header := w.Header()
	for name, values := range a.header {
		header[name] = values
	}
	header.Set("Etag", etag)
	header.Set("X-Content-Type-Options", "nosniff")
	if has(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	if r.Method != http.MethodHead {
		w.Write(a.body)
	}
}

// has says whether one of the If-None-Match values names the ETag (RFC 9110
// section 13.1.2; weak comparison).
func has(values []string, etag string) bool {
	for _, list := range values {
		for one := range strings.SplitSeq(list, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == etag || one == "*" {
				return true
			}
		}
	}
	return false
}

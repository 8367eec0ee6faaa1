package v2

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/argosy-registry/argosy/internal/oci"
)

// answer is an encoded body with the header values that follow from it. The
// holder of a shared list keeps it.
type answer struct {
	body         []byte
	length, etag []string
}

func newAnswer(body []byte) *answer {
	sum := sha256.Sum256(body)
	return &answer{
		body:   body,
		length: []string{strconv.Itoa(len(body))},
		etag:   []string{`"` + hex.EncodeToString(sum[:16]) + `"`},
	}
}

// memoised is the answer that memo keeps, or builds it from the body.
func memoised(memo *oci.Memo, body func() []byte) *answer {
	if kept, ok := memo.Get(func() any { return newAnswer(body()) }).(*answer); ok {
		return kept
	}
	return newAnswer(body())
}

// send writes the answer, 304 when the client has it already.
func (a *answer) send(w http.ResponseWriter, r *http.Request, contentType []string) {
	header := w.Header()
	header["Etag"] = a.etag
	header["Cache-Control"] = revalidate
	if noneMatch(r, a.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header["Content-Type"] = contentType
	header["Content-Length"] = a.length
	if r.Method != http.MethodHead {
		w.Write(a.body)
	}
}

func (h *Handler) tags(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	page, err := q.Page()
	if err != nil {
		return err
	}
	list, err := h.o.Registry.Tags(r.Context(), q.Repository, page)
	if err != nil {
		return err
	}
	linkNext(w, q, page, list)
	memoised(&list.Memo, func() []byte {
		body := appendString([]byte(`{"name":`), string(q.Repository))
		return append(appendNames(append(body, `,"tags":`...), list.Names), '}')
	}).send(w, r, typeJSON)
	return nil
}

func (h *Handler) catalog(w http.ResponseWriter, r *http.Request, q oci.Request) error {
	page, err := q.Page()
	if err != nil {
		return err
	}
	list, err := h.o.Registry.Repositories(r.Context(), page)
	if err != nil {
		return err
	}
	linkNext(w, q, page, list)
	memoised(&list.Memo, func() []byte {
		return append(appendNames([]byte(`{"repositories":`), list.Names), '}')
	}).send(w, r, typeJSON)
	return nil
}

// linkNext says where the list goes on. A page of no entries says nothing, as
// it would lead to itself.
func linkNext(w http.ResponseWriter, q oci.Request, page oci.Page, list *oci.List) {
	if list.More && len(list.Names) > 0 && page.N != 0 {
		w.Header()["Link"] = []string{q.NextLink(page, list.Names[len(list.Names)-1])}
	}
}

// appendNames appends a JSON array, which is never null.
func appendNames(b []byte, names []string) []byte {
	size := 2
	for _, n := range names {
		size += len(n) + 3
	}
	b = append(append(make([]byte, 0, len(b)+size+1), b...), '[')
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, n)
	}
	return append(b, ']')
}

// appendString appends a JSON string. Names and tags are plain by their
// grammar; what is not is encoded with care.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			encoded, _ := json.Marshal(s) // a string can always be encoded
			return append(b, encoded...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

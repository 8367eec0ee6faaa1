package v2

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// wireError is one entry of an error body (distribution-spec "Error Codes").
type wireError struct {
	Code    oci.Code `json:"code"`
	Message string   `json:"message"`
	Detail  any      `json:"detail,omitempty"`
}

// WriteError answers r with err in the specification's form, for a middleware
// in front that refuses a request below /v2.
func (h *Handler) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	q, _ := oci.ParseRequest(r.Method, r.URL)
	h.writeError(w, r, q, err)
}

// writeError is the one place where an error becomes an answer.
func (h *Handler) writeError(w http.ResponseWriter, r *http.Request, q oci.Request, err error) {
	e := oci.AsError(err)
	if e == nil {
		e = h.ownFailure(r, err)
	}
	h.errorHeader(w.Header(), r, q, e)
	body := errorBody(e)
	w.Header()["Content-Type"] = typeJSON
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(e.Code.Status())
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// ownFailure logs what the client is not shown, and is what it is shown instead.
func (h *Handler) ownFailure(r *http.Request, err error) *oci.Error {
	id := NoteOf(r.Context()).failed(err)
	if r.Context().Err() != nil && errors.Is(err, context.Cause(r.Context())) {
		h.o.Log.LogAttrs(r.Context(), slog.LevelDebug, "request ended early", slog.String("request", id), slog.Any("error", err))
		return oci.Unavailable.With(nil, "the request ended before it was answered: try again")
	}
	h.o.Log.LogAttrs(r.Context(), slog.LevelError, "request failed",
		slog.String("request", id), slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Any("error", err))
	var detail any
	if id != "" {
		detail = map[string]string{"request": id}
	}
	return oci.Unknown.With(detail, "internal error: the registry's log says more about this request")
}

// errorHeader sets what some errors say in the header, and takes back what a
// handler set for the answer that did not come about.
func (h *Handler) errorHeader(header http.Header, r *http.Request, q oci.Request, e *oci.Error) {
	for _, name := range [...]string{"Etag", "Cache-Control", "Docker-Content-Digest", "Argosy-Type", "Accept-Ranges"} {
		delete(header, name)
	}
	header["X-Content-Type-Options"] = nosniff
	switch status := e.Code.Status(); status {
	case http.StatusUnauthorized:
		header["Docker-Distribution-Api-Version"] = apiVersion
		if h.o.Challenge != nil {
			h.o.Challenge(header, r)
		}
	case http.StatusMethodNotAllowed:
		others := slices.DeleteFunc(slices.Clone(q.Kind.Methods()), func(m string) bool { return m == r.Method })
		header["Allow"] = []string{strings.Join(others, ", ")}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if header["Retry-After"] == nil {
			header["Retry-After"] = []string{"1"}
		}
	case http.StatusRequestedRangeNotSatisfiable:
		if q.Kind == oci.KindUpload {
			h.uploadHeader(header, r, q.Repository, q.Upload, e.Offset)
		}
	}
}

func errorBody(e *oci.Error) []byte {
	out := wireError{e.Code.Wire(), e.Message, e.Detail}
	body, err := json.Marshal(map[string][]wireError{"errors": {out}})
	if err != nil { // the detail cannot be encoded: the message can
		out.Detail = nil
		body, _ = json.Marshal(map[string][]wireError{"errors": {out}})
	}
	return body
}

package oci

import (
	"errors"
	"fmt"
	"net/http"
)

// Code is an error of the specification (distribution-spec "Error Codes") or
// one that registries share by use. A Code is itself an error:
// errors.Is(err, oci.ManifestUnknown).
type Code string

// The codes, with the HTTP status each is answered with in the table below.
const (
	BlobUnknown         Code = "BLOB_UNKNOWN"
	BlobUploadInvalid   Code = "BLOB_UPLOAD_INVALID"
	BlobUploadUnknown   Code = "BLOB_UPLOAD_UNKNOWN"
	RangeInvalid        Code = "RANGE_INVALID"
	DigestInvalid       Code = "DIGEST_INVALID"
	ManifestBlobUnknown Code = "MANIFEST_BLOB_UNKNOWN"
	ManifestInvalid     Code = "MANIFEST_INVALID"
	ManifestTooLarge    Code = "MANIFEST_TOO_LARGE"
	ManifestUnknown     Code = "MANIFEST_UNKNOWN"
	NameInvalid         Code = "NAME_INVALID"
	NameUnknown         Code = "NAME_UNKNOWN"
	SizeInvalid         Code = "SIZE_INVALID"
	TagInvalid          Code = "TAG_INVALID"
	TooManyTags         Code = "TOO_MANY_TAGS"
	Unauthorized        Code = "UNAUTHORIZED"
	Denied              Code = "DENIED"
	Unsupported         Code = "UNSUPPORTED"
	TooManyRequests     Code = "TOOMANYREQUESTS"
	PageNumberInvalid   Code = "PAGINATION_NUMBER_INVALID"
	PreconditionFailed  Code = "PRECONDITION_FAILED"
	ExtensionUnknown    Code = "EXTENSION_UNKNOWN"
	RequestInvalid      Code = "REQUEST_INVALID"
	MisdirectedRequest  Code = "MISDIRECTED_REQUEST"
	StorageFull         Code = "STORAGE_FULL"
	Unavailable         Code = "UNAVAILABLE"
	ContentCorrupt      Code = "CONTENT_CORRUPT"
	Unknown             Code = "UNKNOWN"
)

// codeInfo ties a code to its HTTP status, to the code that a body may carry
// (the specification allows only listed ones in a 4xx body), and to a sentence.
type codeInfo struct {
	status   int
	wire     Code
	sentence string
}

var codes = map[Code]codeInfo{
	BlobUnknown:         {http.StatusNotFound, "", "blob unknown to registry"},
	BlobUploadInvalid:   {http.StatusBadRequest, "", "blob upload invalid"},
	BlobUploadUnknown:   {http.StatusNotFound, "", "blob upload unknown to registry"},
	RangeInvalid:        {http.StatusRequestedRangeNotSatisfiable, BlobUploadInvalid, "chunk out of order"},
	DigestInvalid:       {http.StatusBadRequest, "", "digest invalid or does not match the content"},
	ManifestBlobUnknown: {http.StatusBadRequest, "", "manifest references content unknown to the registry"},
	ManifestInvalid:     {http.StatusBadRequest, "", "manifest invalid"},
	ManifestTooLarge:    {http.StatusRequestEntityTooLarge, SizeInvalid, "manifest too large"},
	ManifestUnknown:     {http.StatusNotFound, "", "manifest unknown to registry"},
	NameInvalid:         {http.StatusBadRequest, "", "invalid repository name"},
	NameUnknown:         {http.StatusNotFound, "", "repository name not known to registry"},
	SizeInvalid:         {http.StatusBadRequest, "", "length of the content does not match what was said"},
	TagInvalid:          {http.StatusBadRequest, ManifestInvalid, "tag invalid"},
	TooManyTags:         {http.StatusRequestURITooLong, Unsupported, "too many tags in one push"},
	Unauthorized:        {http.StatusUnauthorized, "", "authentication required"},
	Denied:              {http.StatusForbidden, "", "access denied"},
	Unsupported:         {http.StatusMethodNotAllowed, "", "the operation is not supported"},
	TooManyRequests:     {http.StatusTooManyRequests, "", "too many requests"},
	PageNumberInvalid:   {http.StatusBadRequest, Unsupported, "page size invalid"},
	PreconditionFailed:  {http.StatusPreconditionFailed, ManifestInvalid, "precondition failed"},
	ExtensionUnknown:    {http.StatusNotFound, NameUnknown, "no such endpoint"},
	RequestInvalid:      {http.StatusBadRequest, Unsupported, "request invalid"},
	MisdirectedRequest:  {http.StatusMisdirectedRequest, Denied, "host not served here"},
	StorageFull:         {http.StatusInsufficientStorage, "", "the registry's storage is full"},
	Unavailable:         {http.StatusServiceUnavailable, "", "the registry cannot answer now"},
	ContentCorrupt:      {http.StatusInternalServerError, "", "stored content is damaged"},
	Unknown:             {http.StatusInternalServerError, "", "internal error"},
}

func (c Code) Error() string { return codes[c].sentence }

// Status is the HTTP status that answers c.
func (c Code) Status() int { return codes[c].status }

// Wire is the code that a response body carries for c: c itself, or the nearest
// that the specification lists, since a 4xx body may hold only those.
func (c Code) Wire() Code {
	if w := codes[c].wire; w != "" {
		return w
	}
	return c
}

// With makes an error of c with a detail (any JSON-encodable value, may be nil)
// and a message for people that names the input and the way out.
func (c Code) With(detail any, format string, args ...any) *Error {
	return &Error{Code: c, Message: fmt.Sprintf(format, args...), Detail: detail}
}

// Error is a Code with what happened.
type Error struct {
	Code    Code
	Message string
	Detail  any
	Offset  int64 // with RangeInvalid: bytes the upload holds, so that a client can go on
}

func (e *Error) Error() string { return e.Message }

// Unwrap makes errors.Is(err, code) true.
func (e *Error) Unwrap() error { return e.Code }

// AsError finds the specification's error in err's chain. nil means that the
// error is the implementation's own, to be logged and answered without details.
func AsError(err error) *Error {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e
	}
	if c := Code(""); errors.As(err, &c) {
		return &Error{Code: c, Message: c.Error()}
	}
	return nil
}

// quoted is a detail of one named input, shortened.
func quoted(key, value string) map[string]string { return map[string]string{key: clip(value)} }

// clip shortens client input that is quoted back in a message.
func clip(s string) string {
	if len(s) > 160 {
		return s[:160] + "…"
	}
	return s
}

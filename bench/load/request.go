package load

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/argosy-registry/argosy/bench/wire"
)

// do sends a request and holds the answer's status against what is wanted.
func (w *Worker) do(r *wire.Request, status int, sink io.Writer) error {
	if err := w.conn.Do(r, &w.resp, sink); err != nil {
		return err
	}
	if w.resp.Status != status {
		return fmt.Errorf("%.80q answered %d, want %d", r.Head, w.resp.Status, status)
	}
	if w.resp.Close {
		return w.redial()
	}
	return nil
}

// request prepares a request to the worker's server.
func (w *Worker) request(method, path string, body [][]byte, headers ...string) *wire.Request {
	return wire.Format(method, w.addr, path, body, headers...)
}

// checkEvery is how many answers go by between two whose bytes are hashed: the
// length of all is checked.
const checkEvery = 64

// get fetches what r names and checks length and, of the first and some later
// ones, digest.
func (w *Worker) get(r *wire.Request, size int64, digest string) (int64, error) {
	if w.n%checkEvery != 1 || r.NoBody {
		if err := w.do(r, 200, nil); err != nil {
			return 0, err
		}
	} else {
		h := sha256.New()
		if err := w.do(r, 200, h); err != nil {
			return 0, err
		}
		if got := "sha256:" + hex.EncodeToString(h.Sum(nil)); digest != "" && got != digest {
			return 0, fmt.Errorf("%.80q answered bytes of %s, want %s", r.Head, got, digest)
		}
	}
	if !r.NoBody && size >= 0 && w.resp.Length != size {
		return 0, fmt.Errorf("%.80q answered %d bytes, want %d", r.Head, w.resp.Length, size)
	}
	return w.resp.Length, nil
}

// location is the path and query that an answer points to.
func (w *Worker) location() (string, error) {
	l := w.resp.Header("Location")
	u, err := url.Parse(l)
	if err != nil || l == "" {
		return "", fmt.Errorf("the answer points to %q: %v", l, err)
	}
	return u.RequestURI(), nil
}

// with adds a query parameter to a path that may have some.
func with(path, name, value string) string {
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + name + "=" + url.QueryEscape(value)
}

// next is the path of the page that follows, from a Link header.
func (w *Worker) next() string {
	target, rest, ok := strings.Cut(strings.TrimPrefix(w.resp.Header("Link"), "<"), ">")
	if !ok || !strings.Contains(rest, "next") {
		return ""
	}
	if u, err := url.Parse(target); err == nil {
		return u.RequestURI()
	}
	return ""
}

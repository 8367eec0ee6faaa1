package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// words is a log in memory, for several goroutines.
type words struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func TestRequestLog(t *testing.T) {
	var out words
	for _, json := range []bool{false, true} {
		s := open(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "page") })
		s.o.Requests = NewRequestLog(&out, json)
		r := httptest.NewRequest("GET", "/a%0Ab", nil)
		r.Header.Set("User-Agent", `brow"ser 1`)
		r.SetBasicAuth("ann", "canary-password")
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	got := regexp.MustCompile(`[0-9T:.-]{23}(Z|[+-]\d\d:\d\d)`).ReplaceAllString(out.String(), "TIME")
	got = regexp.MustCompile(`[0-9a-f]{8}-1`).ReplaceAllString(got, "ID")
	got = regexp.MustCompile(`( us=|"us":)\d+`).ReplaceAllString(got, "${1}N")
	want := `time=TIME level=INFO msg=request id=ID from=192.0.2.1:1234 method=GET path="/a\nb" status=200 bytes=4 us=N agent="brow\"ser 1"
{"time":"TIME","level":"INFO","msg":"request","id":"ID","from":"192.0.2.1:1234","method":"GET","path":"/a\u000ab","status":200,"bytes":4,"us":N,"agent":"brow\"ser 1"}
`
	if got != want {
		t.Errorf("log:\n%swant:\n%s", got, want)
	}
}

func FuzzRequestLog(f *testing.F) {
	f.Add("plain", "with space")
	f.Add("\x1b[31m\u202e\xff", "\"\\\n=")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, isJSON := range []bool{false, true} {
			var out bytes.Buffer
			l := NewRequestLog(&out, isJSON)
			n := l.begin(time.Now(), a)
			n.text("b", b)
			l.end(n)
			line, ok := strings.CutSuffix(out.String(), "\n")
			if !ok || strings.ContainsAny(line, "\n\r\x1b\u202e\x00") {
				t.Errorf("%q and %q make the line %q", a, b, line)
			}
			if isJSON && !json.Valid([]byte(line)) {
				t.Errorf("%q and %q make %q, which is not JSON", a, b, line)
			}
		}
	})
}

package server

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// RequestLog writes a line for each request, as slog's handlers would: those
// take longer for it than a manifest takes to be found and sent.
type RequestLog struct {
	w      io.Writer
	json   bool
	second atomic.Pointer[second]
}

// NewRequestLog writes to w, which must take whole lines from several goroutines:
// in JSON, or in key=value form.
func NewRequestLog(w io.Writer, json bool) *RequestLog { return &RequestLog{w: w, json: json} }

// second is one second of the clock in words; most lines share it.
type second struct {
	unix        int64
	until, zone string // of RFC 3339, around the fraction
}

// appendTime appends now in RFC 3339 with milliseconds.
func (l *RequestLog) appendTime(buf []byte, now time.Time) []byte {
	s := l.second.Load()
	if s == nil || s.unix != now.Unix() {
		s = &second{now.Unix(), now.Format("2006-01-02T15:04:05"), now.Format("Z07:00")}
		l.second.Store(s)
	}
	ms := now.Nanosecond() / 1_000_000
	buf = append(buf, s.until...)
	buf = append(buf, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	return append(buf, s.zone...)
}

var lines = sync.Pool{New: func() any { return new(line) }}

// line is one line on its way.
type line struct {
	buf  []byte
	json bool
}

// begin starts a line: when, how grave, and what it is about.
func (l *RequestLog) begin(now time.Time, what string) *line {
	n, ok := lines.Get().(*line)
	if !ok {
		n = new(line)
	}
	n.json = l.json
	if n.json {
		n.buf = append(l.appendTime(append(n.buf[:0], `{"time":"`...), now), `","level":"INFO"`...)
	} else {
		n.buf = append(l.appendTime(append(n.buf[:0], "time="...), now), " level=INFO"...)
	}
	n.text("msg", what)
	return n
}

// end writes the line. What cannot be written has nowhere to be told.
func (l *RequestLog) end(n *line) {
	if n.json {
		n.buf = append(n.buf, '}')
	}
	n.buf = append(n.buf, '\n')
	_, _ = l.w.Write(n.buf)
	lines.Put(n)
}

func (n *line) key(key string) {
	if n.json {
		n.buf = append(append(append(n.buf, ',', '"'), key...), '"', ':')
	} else {
		n.buf = append(append(append(n.buf, ' '), key...), '=')
	}
}

func (n *line) number(key string, value int64) {
	n.key(key)
	n.buf = strconv.AppendInt(n.buf, value, 10)
}

// maxText is the most bytes of a client's own words in a line.
const maxText = 512

// text adds words. What a terminal or a parser could mistake is quoted.
func (n *line) text(key, value string) {
	n.key(key)
	value = value[:min(len(value), maxText)]
	switch bare := isBare(value); {
	case n.json && bare:
		n.buf = append(append(append(n.buf, '"'), value...), '"')
	case n.json:
		n.quoteJSON(value)
	case bare && value != "":
		n.buf = append(n.buf, value...)
	default:
		n.buf = strconv.AppendQuote(n.buf, value)
	}
}

// quoteJSON adds a JSON string, with escapes for all that is not printed.
func (n *line) quoteJSON(s string) {
	n.buf = append(n.buf, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			n.buf = append(n.buf, '\\', byte(c))
		case unicode.IsPrint(c):
			n.buf = utf8.AppendRune(n.buf, c)
		default:
			for _, unit := range utf16.AppendRune(nil, c) {
				n.buf = fmt.Appendf(n.buf, "\\u%04x", unit)
			}
		}
	}
	n.buf = append(n.buf, '"')
}

// isBare says whether s needs no quotes in either form.
func isBare(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f {
			return false
		}
	}
	return true
}

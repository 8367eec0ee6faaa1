package server

import (
	"net/http"
	"time"
)

// A body, whichever way it goes, must move minBytes in each window, which is
// 1 KiB a second. There is no limit to how long it takes: large content over a
// slow line ends, a connection that somebody only holds open does not last.
const (
	window   = 30 * time.Second
	minBytes = 30 << 10
	minRate  = minBytes / int64(window/time.Second) // bytes a second
)

// pace gives one direction of a connection its deadlines. Only the time spent
// waiting for the peer counts: a slow disk here is not held against it.
type pace struct {
	conn   http.ResponseWriter // whose connection it is
	reads  bool                // the direction
	due    time.Time           // the deadline in force
	waited time.Duration       // in this window, for the peer
	moved  int64               // bytes in this window
}

// begin sets the deadline of an operation that moves n bytes before it returns,
// or that returns as soon as something moved when n is 0.
func (p *pace) begin(n int) (now time.Time) {
	now = time.Now()
	due := now.Add(window - p.waited + time.Duration(int64(n)/minRate)*time.Second)
	if due.Sub(p.due) >= time.Second { // setting it costs more than asking the time
		p.set(due)
	}
	return now
}

// end counts what the operation moved, and says whether the window is full: the
// next operation then begins a new one.
func (p *pace) end(begun time.Time, n int64) (full bool) {
	p.waited += time.Since(begun)
	p.moved += n
	if full = p.moved >= minBytes; full {
		p.waited, p.moved = 0, 0
	}
	return full
}

// set puts a deadline in force; the zero time is none. A connection that knows
// no deadlines has none.
func (p *pace) set(due time.Time) {
	p.due = due
	if control := http.NewResponseController(p.conn); p.reads {
		_ = control.SetReadDeadline(due)
	} else {
		_ = control.SetWriteDeadline(due)
	}
}

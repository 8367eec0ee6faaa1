// Package load drives a registry over plain HTTP and checks what it gets. It
// does not know which registry it is, nor what a good figure is.
package load

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/stat"
	"github.com/argosy-registry/argosy/bench/wire"
)

// Target is a server under load.
type Target struct {
	Name string
	Addr string // host:port
	PID  int    // of its process, 0 when it is not known
}

// Sets are the contents that the workloads read.
type Sets struct {
	Scale     data.Scale
	Images    data.Images
	Blobs     data.Blobs
	Referrers data.Referrers
}

// NewSets makes them.
func NewSets(s data.Scale) *Sets {
	return &Sets{Scale: s, Images: data.NewImages(), Blobs: data.NewBlobs(s), Referrers: data.NewReferrers(s)}
}

// Worker is one connection of a workload.
type Worker struct {
	ID   int
	Sets *Sets
	addr string
	conn *wire.Conn
	resp wire.Response
	n    int // operations begun
}

// Op does one operation and says how many bytes of content it moved.
type Op func() (bytes int64, err error)

// Workload is one kind of use.
type Workload struct {
	Name string
	// Prepare makes the operation of one connection.
	Prepare func(w *Worker) (Op, error)
	// Slow operations are counted, not timed by duration: each connection does
	// this many. 0: as many as fit.
	Each int
}

// Result is what one turn came to.
type Result struct {
	Ops, Errors int
	Seconds     float64
	Bytes       int64
	P50, P99    time.Duration
	CPU         time.Duration // of the server, for one operation
	FirstError  error
}

// Rate is operations a second.
func (r Result) Rate() float64 { return float64(r.Ops) / r.Seconds }

// Measure runs a workload on conns connections for d.
func Measure(t Target, wl Workload, sets *Sets, conns int, d time.Duration) (Result, error) {
	workers, ops := make([]*Worker, conns), make([]Op, conns)
	for i := range workers {
		w, err := newWorker(t, sets, i)
		if err != nil {
			return Result{}, err
		}
		defer w.conn.Close()
		if ops[i], err = wl.Prepare(w); err != nil {
			return Result{}, fmt.Errorf("%s on %s: %w", wl.Name, t.Name, err)
		}
		workers[i] = w
	}
	begin, cpu := time.Now(), cpuTime(t.PID)
	parts := make([]part, conns)
	var wg sync.WaitGroup
	for i := range ops {
		wg.Go(func() { parts[i] = repeat(workers[i], ops[i], wl.Each, begin.Add(d)) })
	}
	wg.Wait()
	return sum(parts, time.Since(begin), cpuTime(t.PID)-cpu), nil
}

func newWorker(t Target, sets *Sets, id int) (*Worker, error) {
	c, err := wire.Dial(t.Addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return &Worker{ID: id, Sets: sets, addr: t.Addr, conn: c}, nil
}

// part is what one connection did.
type part struct {
	took   []time.Duration
	bytes  int64
	errors int
	first  error
}

// maxErrors ends a connection's turn: a server that fails is not measured.
const maxErrors = 20

func repeat(w *Worker, op Op, each int, until time.Time) (p part) {
	for {
		begin := time.Now()
		if each > 0 && w.n >= each || each == 0 && begin.After(until) || p.errors >= maxErrors {
			return p
		}
		w.n++
		n, err := op()
		if err != nil {
			p.errors++
			if p.first == nil {
				p.first = err
			}
			if err := w.redial(); err != nil {
				p.errors = maxErrors
			}
			continue
		}
		p.took = append(p.took, time.Since(begin))
		p.bytes += n
	}
}

// redial replaces a connection whose state is not known.
func (w *Worker) redial() error {
	w.conn.Close()
	c, err := wire.Dial(w.addr)
	if err == nil {
		w.conn = c
	}
	return err
}

func sum(parts []part, took, cpu time.Duration) (r Result) {
	var all []time.Duration
	for _, p := range parts {
		all = append(all, p.took...)
		r.Bytes += p.bytes
		r.Errors += p.errors
		if r.FirstError == nil {
			r.FirstError = p.first
		}
	}
	slices.Sort(all)
	r.Ops, r.Seconds = len(all), took.Seconds()
	r.P50, r.P99 = stat.Quantile(all, .5), stat.Quantile(all, .99)
	if r.Ops > 0 {
		r.CPU = cpu / time.Duration(r.Ops)
	}
	return r
}

// tick is the unit of /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// cpuTime is the CPU time of a process and what it waited for; 0 when unknown.
func cpuTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * tick
}

// Memory is the resident and the peak resident size of a process in bytes.
func Memory(pid int) (now, peak int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = n << 10
		case "VmHWM":
			peak = n << 10
		}
	}
	return now, peak
}

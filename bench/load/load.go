// Package load drives a registry over plain HTTP and checks what it gets. It
// does not know which registry it is, nor what a good figure is.
package load

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
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
	// Set is the name of the data set that must be there, "" for none.
	Set string
	// Prepare makes the operation of one connection.
	Prepare func(w *Worker) (Op, error)
	// Each is how many operations a connection does; 0: as many as fit into the
	// turn. Slow operations and those that use up what Prepare made are counted.
	Each int
	// Writes says that the operations leave something on the disk.
	Writes bool
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

// Measure runs a workload on conns connections for d. What earlier turns have
// written reaches the disk before, so that no turn pays for another.
func Measure(t Target, wl Workload, sets *Sets, conns int, d time.Duration) (Result, error) {
	workers, ops, err := prepare(t, wl, sets, conns)
	if err != nil {
		return Result{}, fmt.Errorf("%s on %s: %w", wl.Name, t.Name, err)
	}
	defer func() {
		for _, w := range workers {
			w.conn.Close()
		}
	}()
	if wl.Writes {
		syscall.Sync()
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

// prepare opens the connections and has each make its operation. On an error
// what was opened is closed.
func prepare(t Target, wl Workload, sets *Sets, conns int) ([]*Worker, []Op, error) {
	workers, ops, errs := make([]*Worker, conns), make([]Op, conns), make([]error, conns)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			w, err := newWorker(t, sets, i)
			if err == nil {
				workers[i] = w
				ops[i], err = wl.Prepare(w)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	err := errors.Join(errs...)
	for _, w := range workers {
		if err != nil && w != nil {
			w.conn.Close()
		}
	}
	return workers, ops, err
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

// Command bench measures Argosy beside its peers and the machine's limits, in
// turns of one run, and holds the figures against their targets. A run checks what
// it gets; what it prints is Markdown. docs/performance.md says how to read it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
)

// options are the flags of a run.
type options struct {
	quick     bool
	rounds    int
	only      string
	out, into string
	manifests int
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "smaller lists, shorter turns, no big store")
	flag.IntVar(&o.rounds, "rounds", 3, "turns of each server in a workload; the medians count")
	flag.StringVar(&o.only, "only", "", "one workload by name, or memory or ready")
	flag.StringVar(&o.out, "o", "results/bench.md", "file for the report")
	flag.StringVar(&o.into, "into", "", "a Markdown file whose part between <!-- results --> and <!-- /results --> becomes the report too")
	flag.IntVar(&o.manifests, "manifests", 1_000_000, "manifests in the store that must be ready fast")
	self := flag.String("self", "", "run one of the limits: memory or disk")
	addr := flag.String("addr", "", "with -self: where to listen")
	folder := flag.String("folder", "", "with -self disk: where to write")
	flag.Parse()
	var err error
	if *self != "" {
		err = serveSelf(*self, *addr, *folder)
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and reports. What was measured before an error is reported too.
func run(ctx context.Context, o options) error {
	begin := time.Now()
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	sections, err := b.measure()
	text := report(o, sections, time.Since(begin))
	fmt.Print(text)
	err = errors.Join(err, write(o.out, text))
	if o.into != "" && err == nil {
		err = insert(o.into, text)
	}
	return err
}

// measure takes every figure, or the one that is asked for.
func (b *bench) measure() (sections []string, err error) {
	if b.only != "memory" && b.only != "ready" {
		table, err := b.contests()
		sections = append(sections, table)
		if err != nil {
			return sections, err
		}
	}
	if b.only == "" || b.only == "memory" {
		text, err := b.memory()
		if err != nil {
			return sections, err
		}
		sections = append(sections, text)
	}
	if b.only == "ready" || b.only == "" && !b.quick {
		text, err := b.ready()
		if err != nil {
			return sections, err
		}
		sections = append(sections, text)
	}
	return sections, nil
}

// scale and turn are the sizes of a run.
func (o options) scale() (data.Scale, time.Duration) {
	if o.quick {
		return data.Quick, time.Second
	}
	return data.Full, 3 * time.Second
}

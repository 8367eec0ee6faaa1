package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/stat"
)

// target is a ratio to reach.
type target struct {
	workload string
	conns    int
	peer     string
	ratio    float64 // argosy's rate over the peer's; 0: no target, for comparison
}

// targets are what docs/performance.md holds Argosy to.
var targets = []target{
	{"manifest-get-tag", 64, "distribution", 5},
	{"manifest-get-tag", 64, "memory", .8},
	{"manifest-get-digest", 64, "distribution", 5},
	{"manifest-get-digest", 64, "memory", .8},
	{"manifest-head", 64, "distribution", 5},
	{"manifest-head", 64, "memory", .8},
	{"blob-get-small", 64, "distribution", 15},
	{"blob-get-medium", 16, "nginx", .95},
	{"blob-get-large", 4, "nginx", .95},
	{"pull-image", 16, "nginx", .95},
	{"blob-put-small", 16, "distribution", 5},
	{"blob-put-medium", 16, "distribution", 1.3},
	{"blob-put-large", 4, "disk", .85},
	{"blob-patch-chunked", 4, "distribution", 0},
	{"push-artifact", 16, "distribution", 8},
	{"push-artifact-one-repo", 16, "distribution", 8},
	{"tags-all", 16, "distribution", 40},
	{"tags-walk-100", 16, "distribution", 40},
	{"catalog-all", 1, "distribution", 100},
	{"catalog-walk-100", 1, "distribution", 0},
	{"referrers", 16, "", 0},
	{"mount", 16, "distribution", 0},
	{"manifest-delete", 16, "distribution", 1},
}

// turns are the results of one server in one workload, by round.
type turns []load.Result

func (t turns) rates() []float64 {
	rates := make([]float64, len(t))
	for i, r := range t {
		rates[i] = r.Rate()
	}
	return rates
}

func (t turns) median(of func(load.Result) float64) float64 {
	values := make([]float64, len(t))
	for i, r := range t {
		values[i] = of(r)
	}
	return stat.Median(values)
}

// table measures every target and writes it out.
func (b *bench) table(only string) (string, error) {
	var text strings.Builder
	text.WriteString("| workload | c | argosy/s | MB/s | p50 | p99 | CPU an op | peer | peer's/s | CPU an op | ratio (min–max) | target | |\n")
	text.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, t := range targets {
		if only != "" && t.workload != only {
			continue
		}
		line, err := b.row(t)
		if err != nil {
			return "", err
		}
		fmt.Fprint(os.Stderr, line)
		text.WriteString(line)
	}
	return text.String(), nil
}

// row measures argosy and a peer in turns.
func (b *bench) row(t target) (string, error) {
	names := []string{"argosy"}
	if t.peer != "" {
		names = append(names, t.peer)
	}
	results := map[string]turns{}
	for range b.rounds {
		for _, name := range names {
			r, err := load.Measure(b.servers[name].Target, load.Workloads[t.workload], b.sets, t.conns, b.turn)
			if err != nil {
				return "", err
			}
			if r.Errors > 0 {
				return "", fmt.Errorf("%s on %s: %d errors, first: %w", t.workload, name, r.Errors, r.FirstError)
			}
			results[name] = append(results[name], r)
		}
	}
	return line(t, results["argosy"], results[t.peer]), nil
}

func line(t target, ours, theirs turns) string {
	ms := func(f func(load.Result) float64) string { return fmt.Sprintf("%.2f ms", ours.median(f)) }
	cpu := func(t turns) string {
		return fmt.Sprintf("%.0f µs", t.median(func(r load.Result) float64 { return float64(r.CPU.Microseconds()) }))
	}
	cells := []string{
		t.workload, fmt.Sprint(t.conns),
		fmt.Sprintf("%.4g", stat.Median(ours.rates())),
		fmt.Sprintf("%.0f", ours.median(func(r load.Result) float64 { return float64(r.Bytes) / r.Seconds / 1e6 })),
		ms(func(r load.Result) float64 { return r.P50.Seconds() * 1e3 }), ms(func(r load.Result) float64 { return r.P99.Seconds() * 1e3 }),
		cpu(ours), t.peer, "", "", "", "", "",
	}
	if t.peer != "" {
		ratio := stat.Paired(ours.rates(), theirs.rates())
		cells[8], cells[9] = fmt.Sprintf("%.4g", stat.Median(theirs.rates())), cpu(theirs)
		cells[10] = fmt.Sprintf("%.2f (%.2f–%.2f)", ratio.Median, ratio.Min, ratio.Max)
		if t.ratio > 0 {
			cells[11], cells[12] = fmt.Sprintf("%g", t.ratio), "missed"
			if ratio.Median >= t.ratio {
				cells[12] = "reached"
			}
		}
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// memory says what argosy takes, idle and under 64 large pushes.
func (b *bench) memory() string {
	s := b.servers["argosy"]
	if _, err := load.Measure(s.Target, load.Workload{Name: "blob-put-large", Prepare: load.Workloads["blob-put-large"].Prepare, Each: 1}, b.sets, 64, 0); err != nil {
		return fmt.Sprintf("\n64 pushes at once: %v\n", err)
	}
	_, peak := load.Memory(s.PID)
	return fmt.Sprintf("\nargosy's memory: %d MB idle after the start, %d MB at the peak of the run, 64 pushes of 256 MiB at once included.\n", b.idle>>20, peak>>20)
}

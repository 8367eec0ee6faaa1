package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/stat"
)

const tableHead = `| workload | c | server | ops/s | MB/s | p50 ms | p99 ms | CPU µs an op | argosy's rate to its (min–max) | argosy's CPU to its | target | |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
`

// rows writes a contest out: Argosy first, then each rival with the ratios.
func (c contest) rows(results map[string]turns) string {
	ours := results["argosy"]
	var goals []goal
	if c.rate > 0 {
		goals = append(goals, goal{fmt.Sprintf("≥ %g/s", c.rate), ours.median(load.Result.Rate) >= c.rate})
	}
	text := row(c, "argosy", ours, "", "", goals)
	for _, r := range c.against {
		text += r.row(c, ours, results[r.server])
	}
	return text
}

// goal is a target and whether it was reached.
type goal struct {
	text    string
	reached bool
}

func (r rival) row(c contest, ours, theirs turns) string {
	rate := stat.Paired(ours.each(load.Result.Rate), theirs.each(load.Result.Rate))
	work := stat.Paired(ours.each(cpu), theirs.each(cpu))
	var goals []goal
	if r.ratio > 0 {
		goals = append(goals, goal{fmt.Sprintf("≥ %g", r.ratio), rate.Median >= r.ratio})
	}
	if r.cpu > 0 {
		goals = append(goals, goal{fmt.Sprintf("CPU ≤ %g", r.cpu), work.Median <= r.cpu})
	}
	return row(c, r.server, theirs, fmt.Sprintf("%.2f (%.2f–%.2f)", rate.Median, rate.Min, rate.Max), fmt.Sprintf("%.2f", work.Median), goals)
}

func row(c contest, server string, t turns, rate, work string, goals []goal) string {
	targets, reached := make([]string, len(goals)), ""
	for i, g := range goals {
		targets[i] = g.text
		if !g.reached {
			reached = "missed"
		} else if reached == "" {
			reached = "reached"
		}
	}
	cells := []string{
		c.workload, fmt.Sprint(c.conns), server,
		number(t.median(load.Result.Rate)),
		fmt.Sprintf("%.0f", t.median(func(r load.Result) float64 { return float64(r.Bytes) / r.Seconds / 1e6 })),
		fmt.Sprintf("%.2f", t.median(func(r load.Result) float64 { return r.P50.Seconds() * 1e3 })),
		fmt.Sprintf("%.2f", t.median(func(r load.Result) float64 { return r.P99.Seconds() * 1e3 })),
		number(t.median(cpu)),
		rate, work, strings.Join(targets, ", "), reached,
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// number has three digits, and no exponent.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// report puts the sections under a line that says where and when they were measured.
func report(o options, sections []string, took time.Duration) string {
	scale, turn := o.scale()
	head := fmt.Sprintf("Measured on %s: %s, %d CPUs, %s, %s, load average %s at the end; %d rounds, turns of %s; %d tags, %d repositories, %d referrers; %.0f minutes.\n",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.NumCPU(), kernel(), runtime.Version(), busy(),
		o.rounds, turn, scale.Tags, scale.Repositories, scale.Referrers, took.Minutes())
	return head + "\n" + strings.Join(sections, "\n")
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// busy is how many processes wanted to run in the last minute: far above what
// a generator and a server need, the figures are of a machine that did more.
func busy() string {
	text, _ := os.ReadFile("/proc/loadavg")
	last, _, _ := strings.Cut(string(text), " ")
	return last
}

func kernel() string {
	out, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		return runtime.GOOS
	}
	return strings.TrimSpace(string(out))
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

const (
	marker    = "<!-- results -->\n"
	endMarker = "<!-- /results -->\n"
)

// insert replaces what stands between the markers of a file.
func insert(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), marker)
	_, after, closed := strings.Cut(rest, endMarker)
	if !ok || !closed {
		return fmt.Errorf("-into %s: it needs the lines %s and %s", file, strings.TrimSpace(marker), strings.TrimSpace(endMarker))
	}
	return os.WriteFile(file, []byte(before+marker+"\n"+text+"\n"+endMarker+after), 0o644)
}

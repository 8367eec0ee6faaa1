package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/stat"
)

// contest is a workload that Argosy and others do in turns.
type contest struct {
	workload string
	conns    int
	against  []rival
	rate     float64 // Argosy's operations a second, at least; 0: no target
}

// rival is a server with what Argosy must reach beside it.
type rival struct {
	server string
	ratio  float64 // Argosy's rate over its rate, at least; 0: no target, for comparison
	cpu    float64 // Argosy's CPU time for an operation over its, at most; 0: no target
}

// contests are what docs/performance.md holds Argosy to. Lists come before
// what makes them longer.
var contests = []contest{
	{"manifest-get-tag", 64, []rival{{"distribution", 5, 0}, {"memory", .8, 0}}, 0},
	{"manifest-get-digest", 64, []rival{{"distribution", 5, 0}, {"memory", .8, 0}}, 0},
	{"manifest-head", 64, []rival{{"distribution", 5, 0}, {"memory", .8, 0}}, 0},
	{"manifest-head-digest", 64, []rival{{"distribution", 5, 0}, {"memory", .8, 0}}, 0},
	{"blob-get-small", 64, []rival{{"distribution", 15, 0}, {"nginx", 0, 0}}, 0},
	{"blob-get-medium", 16, []rival{{"nginx", .95, 1.15}, {"distribution", 0, 0}}, 0},
	{"blob-get-large", 4, []rival{{"nginx", .95, 1.15}, {"distribution", 0, 0}}, 0},
	{"pull-image", 16, []rival{{"nginx", .95, 1.15}, {"distribution", 0, 0}}, 0},
	{"tags-all", 16, []rival{{"distribution", 40, 0}}, 0},
	{"tags-walk-100", 16, []rival{{"distribution", 40, 0}}, 0},
	{"catalog-all", 1, []rival{{"distribution", 100, 0}}, 0},
	{"catalog-walk-100", 1, []rival{{"distribution", 0, 0}}, 0},
	{"catalog-walk-100", 16, []rival{{"distribution", 100, 0}}, 0},
	{"referrers", 16, nil, 1000},
	{"manifest-delete", 16, []rival{{"distribution", 1, 0}}, 0},
	{"mount", 16, []rival{{"distribution", 0, 0}}, 0},
	{"push-artifact", 16, []rival{{"distribution", 8, 0}}, 0},
	{"push-artifact-one-repo", 16, []rival{{"distribution", 8, 0}}, 0},
	{"blob-put-small", 16, []rival{{"distribution", 5, 0}, {"disk", 0, 0}}, 0},
	{"blob-put-medium", 16, []rival{{"distribution", 1.3, 0}, {"disk", 0, 0}}, 0},
	{"blob-put-large", 1, []rival{{"disk", .85, 0}, {"distribution", 0, 0}}, 0},
	{"blob-put-large", 4, []rival{{"disk", .85, 0}, {"distribution", 0, 0}}, 0},
	{"blob-patch-chunked", 4, []rival{{"distribution", 0, 0}}, 0},
}

// contests fills the servers and runs every contest, or one. The rows so far
// come back with an error, too.
func (b *bench) contests() (string, error) {
	var text strings.Builder
	text.WriteString(tableHead)
	if _, ok := load.Workloads[b.only]; !ok && b.only != "" {
		return "", fmt.Errorf("-only %s: there is no such workload", b.only)
	}
	if err := b.start(); err != nil {
		return "", err
	}
	defer b.stop()
	if err := b.fill(b.only); err != nil {
		return "", err
	}
	for _, c := range contests {
		if b.only != "" && c.workload != b.only {
			continue
		}
		results, err := b.contest(c)
		if err != nil {
			return text.String(), err
		}
		rows := c.rows(results)
		fmt.Fprint(os.Stderr, rows)
		text.WriteString(rows)
	}
	return text.String(), nil
}

// turns are the results of one server in one workload, by round.
type turns []load.Result

// contest measures Argosy and its rivals in turns.
func (b *bench) contest(c contest) (map[string]turns, error) {
	names := []string{"argosy"}
	for _, r := range c.against {
		names = append(names, r.server)
	}
	results := map[string]turns{}
	for range b.rounds {
		for _, name := range names {
			if err := b.interrupted(); err != nil {
				return nil, err
			}
			r, err := load.Measure(b.servers[name].Target, load.Workloads[c.workload], b.sets, c.conns, b.turn)
			if err != nil {
				return nil, err
			}
			if r.Errors > 0 {
				return nil, fmt.Errorf("%s on %s: %d errors, first: %w", c.workload, name, r.Errors, r.FirstError)
			}
			results[name] = append(results[name], r)
		}
	}
	return results, nil
}

func (t turns) each(of func(load.Result) float64) []float64 {
	values := make([]float64, len(t))
	for i, r := range t {
		values[i] = of(r)
	}
	return values
}

func (t turns) median(of func(load.Result) float64) float64 { return stat.Median(t.each(of)) }

func cpu(r load.Result) float64 { return float64(r.CPU.Nanoseconds()) / 1e3 }

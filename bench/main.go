// Command bench measures Argosy beside its peers and the machine's limits, in
// turns of one run, and holds the ratios against their targets. A run checks what
// it gets; what it prints is Markdown. docs/performance.md says how to read it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/peer"
)

func main() {
	quick := flag.Bool("quick", false, "smaller lists, fewer and shorter turns")
	rounds := flag.Int("rounds", 3, "turns of each server in a workload; the medians count")
	only := flag.String("only", "", "one workload, by name")
	out := flag.String("o", "results/bench.md", "file for the table")
	self := flag.String("self", "", "run one of the limits: memory or disk")
	addr := flag.String("addr", "", "with -self: where to listen")
	folder := flag.String("folder", "", "with -self disk: where to write")
	flag.Parse()
	var err error
	if *self != "" {
		err = serveSelf(*self, *addr, *folder)
	} else {
		err = run(*quick, *rounds, *only, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(quick bool, rounds int, only, out string) error {
	scale, turn := data.Full, 3*time.Second
	if quick {
		scale, turn = data.Quick, time.Second
	}
	work, err := os.MkdirTemp("", "argosy-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	bench := &bench{sets: load.NewSets(scale), work: work, rounds: rounds, turn: turn, servers: map[string]*peer.Server{}}
	defer bench.stop()
	if err := bench.start(); err != nil {
		return err
	}
	if err := bench.fill(); err != nil {
		return err
	}
	text, err := bench.table(only)
	if err != nil {
		return err
	}
	if only == "" {
		text += bench.memory()
	}
	fmt.Print(text)
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// bench is one run.
type bench struct {
	sets    *load.Sets
	work    string
	rounds  int
	turn    time.Duration
	servers map[string]*peer.Server
	idle    int64 // bytes of argosy before any load
}

func (b *bench) start() error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := peer.Build(context.Background(), root, b.work); err != nil {
		return err
	}
	files, disk := filepath.Join(b.work, "files"), filepath.Join(b.work, "disk")
	for _, dir := range []string{files, disk} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, s := range []func() (*peer.Server, error){
		func() (*peer.Server, error) { return peer.Argosy(b.work, filepath.Join(b.work, "argosy-data")) },
		func() (*peer.Server, error) { return peer.Distribution(b.work, filepath.Join(b.work, "distribution")) },
		func() (*peer.Server, error) { return peer.Nginx(filepath.Join(b.work, "nginx"), files) },
		func() (*peer.Server, error) { return peer.Self("memory") },
		func() (*peer.Server, error) { return peer.Self("disk", "-folder", disk) },
	} {
		server, err := s()
		if err != nil {
			return err
		}
		b.servers[server.Name] = server
	}
	time.Sleep(time.Second)
	b.idle, _ = load.Memory(b.servers["argosy"].PID)
	return nil
}

func (b *bench) stop() {
	for _, s := range b.servers {
		s.Stop()
	}
}

// fill pushes the data sets to the registries and lays them out as files.
func (b *bench) fill() error {
	sets := []data.Set{b.sets.Images.Set(), b.sets.Blobs.Set(), data.Tags(b.sets.Scale), data.Catalog(b.sets.Scale), b.sets.Referrers.Set()}
	for _, s := range sets {
		for _, name := range []string{"argosy", "distribution"} {
			begin := time.Now()
			if err := load.Fill(b.servers[name].Target, s); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "filled %s with %s in %.1f s\n", name, s.Name, time.Since(begin).Seconds())
		}
		if s.Name == "image" || s.Name == "blobs" {
			if err := data.WriteFiles(filepath.Join(b.work, "files"), s); err != nil {
				return err
			}
		}
	}
	return nil
}

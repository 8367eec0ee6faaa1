package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/peer"
)

// bench is one run, with the servers that it needs.
type bench struct {
	options
	ctx     context.Context
	sets    *load.Sets
	work    string // folder of everything the run writes
	turn    time.Duration
	servers map[string]*peer.Server
}

// newBench builds the programs. Servers come when they are needed.
func newBench(ctx context.Context, o options) (*bench, error) {
	scale, turn := o.scale()
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "argosy-bench")
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, ctx: ctx, work: work, turn: turn, servers: map[string]*peer.Server{}}
	if err := peer.Build(ctx, root, work); err != nil {
		b.close()
		return nil, fmt.Errorf("run this from the project's root: %w", err)
	}
	b.sets = load.NewSets(scale)
	return b, nil
}

func (b *bench) close() {
	b.stop()
	if err := os.RemoveAll(b.work); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

func (b *bench) stop() {
	for name, s := range b.servers {
		s.Stop()
		delete(b.servers, name)
	}
}

// interrupted says whether the run was told to end; every turn asks.
func (b *bench) interrupted() error {
	if b.ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return nil
}

// start starts all servers beside each other, on empty folders.
func (b *bench) start() error {
	files, disk := filepath.Join(b.work, "files"), filepath.Join(b.work, "disk")
	for _, dir := range []string{files, disk} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, start := range []func() (*peer.Server, error){
		func() (*peer.Server, error) { return peer.Argosy(b.work, filepath.Join(b.work, "argosy-data")) },
		func() (*peer.Server, error) { return peer.Distribution(b.work, filepath.Join(b.work, "distribution")) },
		func() (*peer.Server, error) { return peer.Nginx(filepath.Join(b.work, "nginx"), files) },
		func() (*peer.Server, error) { return peer.Self("memory") },
		func() (*peer.Server, error) { return peer.Self("disk", "-folder", disk) },
	} {
		server, err := start()
		if err != nil {
			return err
		}
		b.servers[server.Name] = server
	}
	return nil
}

// fill pushes the data sets that the workload reads to the registries, all for
// none, and lays them out as files.
func (b *bench) fill(workload string) error {
	for _, s := range []data.Set{b.sets.Images.Set(), b.sets.Blobs.Set(), data.Tags(b.sets.Scale), data.Catalog(b.sets.Scale), b.sets.Referrers.Set()} {
		if workload != "" && load.Workloads[workload].Set != s.Name {
			continue
		}
		for _, name := range []string{"argosy", "distribution"} {
			if err := b.fillOne(b.servers[name], s); err != nil {
				return err
			}
		}
		if s.Name == "image" || s.Name == "blobs" {
			if err := data.WriteFiles(filepath.Join(b.work, "files"), s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) fillOne(server *peer.Server, s data.Set) error {
	if err := b.interrupted(); err != nil {
		return err
	}
	begin := time.Now()
	if err := load.Fill(b.ctx, server.Target, s); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "filled %s with %s in %.1f s\n", server.Name, s.Name, time.Since(begin).Seconds())
	return nil
}

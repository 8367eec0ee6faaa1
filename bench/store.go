package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/argosy-registry/argosy/bench/data"
	"github.com/argosy-registry/argosy/bench/load"
	"github.com/argosy-registry/argosy/bench/peer"
	"github.com/argosy-registry/argosy/bench/stat"
)

const (
	pushers    = 64        // large pushes at once
	idleLimit  = 30 << 20  // bytes
	pushLimit  = 150 << 20 // bytes
	readyLimit = time.Second
)

// fresh starts another Argosy on a folder that is there or not.
func (b *bench) fresh(folder string) (*peer.Server, error) {
	if err := b.interrupted(); err != nil {
		return nil, err
	}
	return peer.Argosy(b.work, filepath.Join(b.work, folder))
}

// memory says what Argosy takes, idle and under 64 large pushes at once.
func (b *bench) memory() (string, error) {
	const folder = "memory-data"
	defer os.RemoveAll(filepath.Join(b.work, folder))
	s, err := b.fresh(folder)
	if err != nil {
		return "", err
	}
	defer s.Stop()
	time.Sleep(2 * time.Second) // what the start needed for a moment has gone
	idle, _ := load.Memory(s.PID)
	push := load.Workloads["blob-put-large"]
	push.Each = 1
	r, err := load.Measure(s.Target, push, b.sets, pushers, 0)
	if err != nil {
		return "", err
	}
	if r.Errors > 0 {
		return "", fmt.Errorf("%d large pushes at once: %d errors, first: %w", pushers, r.Errors, r.FirstError)
	}
	_, peak := load.Memory(s.PID)
	return fmt.Sprintf("| memory of argosy | MB | target | |\n| --- | ---: | --- | --- |\n"+
		"| idle, empty store | %d | < %d | %s |\n| peak of %d pushes of 256 MiB at once, %.0f MB/s | %d | < %d | %s |\n",
		idle>>20, idleLimit>>20, verdict(idle < idleLimit),
		pushers, float64(r.Bytes)/r.Seconds/1e6, peak>>20, pushLimit>>20, verdict(peak < pushLimit)), nil
}

func verdict(reached bool) string {
	if reached {
		return "reached"
	}
	return "missed"
}

// ready says how long Argosy takes from its start to an answer with a big
// store, and what it needs then.
func (b *bench) ready() (string, error) {
	const folder = "store-data"
	defer os.RemoveAll(filepath.Join(b.work, folder))
	s, err := b.fresh(folder)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	err = b.fillOne(s, data.Store(b.manifests))
	filled := time.Since(begin)
	s.Stop()
	if err != nil {
		return "", err
	}
	var starts, idle []float64
	for range 5 {
		begin := time.Now()
		s, err := b.fresh(folder)
		if err != nil {
			return "", err
		}
		err = s.Answer("/readyz")
		starts = append(starts, time.Since(begin).Seconds())
		time.Sleep(2 * time.Second)
		now, _ := load.Memory(s.PID)
		idle = append(idle, float64(now>>20))
		s.Stop()
		if err != nil {
			return "", err
		}
	}
	took := stat.Median(starts)
	return fmt.Sprintf("| start with %d manifests in the store (pushed at %.0f a second) | | target | |\n| --- | ---: | --- | --- |\n"+
		"| from the start to the first answer of /readyz, s | %.3f | < %g | %s |\n| idle memory after it, MB | %.0f | | |\n",
		b.manifests, float64(b.manifests)/filled.Seconds(), took, readyLimit.Seconds(), verdict(took < readyLimit.Seconds()), stat.Median(idle)), nil
}

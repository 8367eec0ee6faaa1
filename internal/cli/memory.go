package cli

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// memoryFloor is the limit in bytes below which the heap may grow freely.
const memoryFloor = 128 << 20

// tuneMemory lets the heap grow further between collections than Go does by
// itself: a registry's live heap is small, and on the hot paths a fifth of the
// time went into collecting it. A limit brings the usual pace back where the heap
// does get large; it follows what is live, since one that the live heap came near
// would have the program do nothing but collect. Both end with ctx.
func tuneMemory(ctx context.Context) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryFloor)
		go followHeap(ctx)
	}
}

func followHeap(ctx context.Context) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			metrics.Read(live)
			debug.SetMemoryLimit(memoryLimit(live[0].Value.Uint64()))
		case <-ctx.Done():
			return
		}
	}
}

// memoryLimit is the limit for a live heap of so many bytes: twice as much, as Go
// itself would have it, and something for what is not heap.
func memoryLimit(live uint64) int64 { return max(memoryFloor, 2*int64(live)+memoryFloor/4) }

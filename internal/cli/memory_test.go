package cli

import "testing"

// The limit never comes near what is live.
func TestMemoryLimitFollowsTheHeap(t *testing.T) {
	for _, live := range []uint64{0, 10 << 20, 100 << 20, 127 << 20, 128 << 20, 1 << 30} {
		if got := memoryLimit(live); got < memoryFloor || got < int64(live)*3/2 {
			t.Errorf("with %d MiB live the limit is %d MiB", live>>20, got>>20)
		}
	}
}

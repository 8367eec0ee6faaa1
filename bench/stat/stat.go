// Package stat condenses measurements: quantiles of latencies, medians over
// rounds, ratios of turns that ran beside each other. It does not know what
// was measured.
package stat

import (
	"math"
	"slices"
	"time"
)

// Quantile is the value below which the share q (0 to 1) of the sorted values
// lies, by the nearest rank; 0 for none.
func Quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

// Median is the middle value, the mean of the two middle ones for an even
// number; NaN for none. The order of values is left alone.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// Ratio is how two measured series relate, turn by turn.
type Ratio struct {
	Median   float64 // NaN without any pair
	Min, Max float64 // how far the pairs lie apart: the noise of the run
}

// Paired divides a's value of each round by b's value of the same round, so
// that what slows the whole machine for a while slows both sides of a quotient.
// Rounds that one of them lacks are left out.
func Paired(a, b []float64) Ratio {
	quotients := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		if b[i] != 0 && !math.IsNaN(a[i]) && !math.IsNaN(b[i]) {
			quotients = append(quotients, a[i]/b[i])
		}
	}
	if len(quotients) == 0 {
		return Ratio{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	}
	return Ratio{Median: Median(quotients), Min: slices.Min(quotients), Max: slices.Max(quotients)}
}

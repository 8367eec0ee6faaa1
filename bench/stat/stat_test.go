package stat

import (
	"math"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	ten := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, tc := range []struct {
		in   []time.Duration
		q    float64
		want time.Duration
	}{
		{ten, 0.5, 5}, {ten, 0.99, 10}, {ten, 0, 1}, {ten, 1, 10}, {ten, 0.11, 2},
		{ten[:1], 0.5, 1}, {nil, 0.5, 0},
	} {
		if got := Quantile(tc.in, tc.q); got != tc.want {
			t.Errorf("Quantile(%v, %v) = %d, want %d", tc.in, tc.q, got, tc.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tc := range []struct {
		in   []float64
		want float64
	}{
		{[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}, {[]float64{7}, 7},
	} {
		before := tc.in[0]
		if got := Median(tc.in); got != tc.want {
			t.Errorf("Median(%v) = %v, want %v", tc.in, got, tc.want)
		}
		if tc.in[0] != before {
			t.Errorf("the values were moved")
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestPaired(t *testing.T) {
	// The machine is half as fast in the second round: each pair still says 2.
	got := Paired([]float64{200, 100, 210}, []float64{100, 50, 100})
	if got != (Ratio{Median: 2, Min: 2, Max: 2.1}) {
		t.Errorf("%+v", got)
	}
	got = Paired([]float64{math.NaN(), 30}, []float64{100, 10, 5})
	if got != (Ratio{Median: 3, Min: 3, Max: 3}) {
		t.Errorf("%+v", got)
	}
	if got := Paired([]float64{1}, []float64{0}); !math.IsNaN(got.Median) {
		t.Errorf("%+v", got)
	}
}

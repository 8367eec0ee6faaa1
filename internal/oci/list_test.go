package oci_test

import (
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

func TestPageLimit(t *testing.T) {
	for n, want := range map[int]int{-1: oci.MaxPage, 0: 0, 1: 1, oci.MaxPage: oci.MaxPage, oci.MaxPage + 1: oci.MaxPage, 1 << 30: oci.MaxPage} {
		if got := (oci.Page{N: n}).Limit(); got != want {
			t.Errorf("n=%d has limit %d, want %d", n, got, want)
		}
	}
}

func TestMemoBuildsOnce(t *testing.T) {
	var m oci.Memo
	built := 0
	for range 3 {
		if got := m.Get(func() any { built++; return "kept" }); got != "kept" {
			t.Errorf("memo holds %v", got)
		}
	}
	if built != 1 {
		t.Errorf("built %d times", built)
	}
}

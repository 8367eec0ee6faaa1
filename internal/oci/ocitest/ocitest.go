// Package ocitest holds what every implementation of [oci.Registry] must do: a
// suite of cases, [Run], and an HTTP client that is a Registry itself, [Client],
// so that the same suite goes over the wire. [Points] ties the specification's
// points to the cases that hold them.
//
// It knows a registry only by the specification: nothing of how content is
// stored or who may do what.
package ocitest

import (
	"context"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// A Case is one rule of the specification, or one guarantee, as a test. Its
// name is "area/rule".
type Case struct {
	Name string
	Test func(f *Fixture)
}

// Run holds the registries that open returns against every case. Each case gets
// an empty registry of its own, with the settings that argosy has by default:
// an index may name what is missing, an image manifest may not, and every
// caller may do all.
func Run(t *testing.T, open func(t *testing.T) oci.Registry) {
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Test(&Fixture{T: t, R: open(t), ctx: context.Background()})
		})
	}
}

// Cases lists the suite.
func Cases() []Case {
	var all []Case
	for _, area := range [][]Case{blobCases, uploadCases, mountCases, manifestCases, strictCases, referenceCases, tagCases, conditionCases, referrerCases, deleteCases, listCases, nameCases} {
		all = append(all, area...)
	}
	return all
}

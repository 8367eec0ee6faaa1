// Package e2e holds the tests that use the built binary as people use it: with the
// clients they have, the official conformance program, a browser, kill -9 and a
// full disk. What needs more than the binary runs when ARGOSY_E2E=1 is set, as
// 'make test' does; then a client that is missing is a failure and not a skip.
//
// It knows the program by its flags, its output and the wire, and nothing of the
// code within.
package e2e

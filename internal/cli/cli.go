// Package cli is the command line: one file per command. It does not know how a
// command's work is done.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1 // the command could not do its work
	exitProblem = 2 // the command worked and found problems, as fsck does
)

// errProblems ends a command that found what it looked for.
var errProblems = errors.New("problems were found")

// exitError ends a command with an exit code of its own; without an error nothing more
// is said.
type exitError struct {
	code int
	error
}

// Unwrap is what happened.
func (e *exitError) Unwrap() error { return e.error }

// Main runs the command line and returns the exit code. It ends early, and
// gracefully, on SIGINT and SIGTERM.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	code := exitFailed
	if own := (*exitError)(nil); errors.As(err, &own) {
		if own.error == nil {
			return own.code
		}
		code = own.code
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitProblem
	}
	fmt.Fprintln(stderr, "argosy:", err)
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "argosy",
		Short: "An artifact registry that knows what everything in it is",
		Long: `Argosy is an OCI registry in one binary. It finds the type of every artifact
from its manifest, and shows what it is and how to use it.

  argosy serve            run a registry on localhost:5000
  argosy ls               list what a registry holds, with type and action
  argosy lint             find what is wrong with an artifact, for its author`,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), lsCommand(), lintCommand(), fsckCommand(), typesCommand(), policyCommand(), quarantineCommand(), versionCommand())
	return root
}

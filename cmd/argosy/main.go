// Command argosy is an artifact registry in one binary, and the commands to
// look into one.
package main

import (
	"os"

	"github.com/argosy-registry/argosy/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }

package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/compose"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/operator"
)

// owned is a command's data folder.
type owned struct{ data string }

func (o *owned) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.data, "data", "./argosy-data", "data folder of the registry")
}

// withOwner has use work on a data folder as its owner: through the server that runs
// on it, else in the folder itself.
func withOwner(cmd *cobra.Command, data string, use func(operator.Owner) error) error {
	client, err := operator.Dial(cmd.Context(), data)
	if err == nil {
		return use(operator.Owner{Types: client, Admission: client})
	}
	if !errors.Is(err, operator.ErrNotRunning) {
		return err
	}
	if _, err := os.Stat(filepath.Join(data, "format")); err != nil { // one must not be made now
		return fmt.Errorf("%s is no data folder of argosy: name it with --data", data)
	}
	c, err := config.Load("", os.Environ(), map[string]string{"data": data})
	if err != nil {
		return err
	}
	logs := newLog(cmd.ErrOrStderr(), c)
	defer logs.Close()
	d, err := compose.OpenData(c, logs.Logger)
	if err != nil {
		return err
	}
	_ = d.Policy.Reload(cmd.Context()) // as a start would; policy show says what is wrong
	return errors.Join(use(operator.Owner{Types: d.Types(), Admission: d.Admission()}), d.Close())
}

// withTypes is withOwner for the catalog.
func withTypes(cmd *cobra.Command, data string, use func(operator.Types) error) error {
	return withOwner(cmd, data, func(o operator.Owner) error { return use(o.Types) })
}

// withAdmission is withOwner for what is taken and what is kept apart.
func withAdmission(cmd *cobra.Command, o owned, use func(operator.Admission) error) error {
	return withOwner(cmd, o.data, func(o operator.Owner) error { return use(o.Admission) })
}

// local is a reference without the registry's host, which the data folder stands
// for: HOST:PORT/REPOSITORY:TAG or REPOSITORY:TAG. A first part without a port is the
// repository's, since names can have dots.
func local(reference string) string {
	_, after, scheme := strings.Cut(reference, "://")
	if scheme {
		reference = after
	}
	host, rest, ok := strings.Cut(reference, "/")
	if ok && (scheme || host == "localhost" || strings.Contains(host, ":")) {
		return rest
	}
	return reference
}

package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/compose"
)

func fsckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fsck",
		Short: "Check every row of a data folder against its bytes",
		Long: `Check every manifest and blob of a data folder against its digest, and every
stored object against the rows. Nothing is changed. The server must be stopped.

Exit code 0: all is right. 2: damage was found. 1: the check could not be made.`,
		Args: cobra.NoArgs,
	}
	file := configFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(cmd, *file)
		if err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(c.Data, "format")); err != nil { // one must not be made now
			return fmt.Errorf("fsck: %s is no data folder of argosy: name it with --data", c.Data)
		}
		logs := newLog(cmd.ErrOrStderr(), c)
		defer logs.Close()
		data, err := compose.OpenData(c, logs.Logger)
		if err != nil {
			return err
		}
		defer data.Close()
		return fsck(cmd, data)
	}
	return cmd
}

func fsck(cmd *cobra.Command, data *compose.Data) error {
	report, err := data.Registry.Fsck(cmd.Context())
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	for _, p := range report.Problems {
		fmt.Fprintln(out, "damaged:", p)
	}
	for _, o := range report.Orphans {
		fmt.Fprintln(out, "left over, harmless, removed in time:", o)
	}
	fmt.Fprintf(out, "%d manifests, %d blobs, %d bytes checked: %d damaged, %d left over\n",
		report.Manifests, report.Blobs, report.Bytes, len(report.Problems), len(report.Orphans))
	if len(report.Problems) > 0 {
		return errProblems
	}
	return nil
}

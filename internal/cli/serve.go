package cli

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/compose"
	"github.com/argosy-registry/argosy/internal/config"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a registry",
		Long: `Run a registry that keeps everything in one data folder. Without any setting it
listens on localhost:5000, for this machine only, and needs no login.

Every setting can stand in a file (--config), in the environment as ARGOSY_NAME,
or in a flag, each over the one before.`,
		Args: cobra.NoArgs,
	}
	file := configFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := loadConfig(cmd, *file)
		if err != nil {
			return err
		}
		return serve(cmd, c)
	}
	return cmd
}

// configFlags adds a flag for every key of the configuration.
func configFlags(cmd *cobra.Command) (file *string) {
	file = cmd.Flags().String("config", os.Getenv("ARGOSY_CONFIG"), "YAML file of the settings below ($ARGOSY_CONFIG)")
	for _, k := range config.Keys {
		cmd.Flags().String(k.Name, k.Default, k.Help+" ($"+k.Env()+")")
	}
	return file
}

// loadConfig reads the configuration with the flags that were given.
func loadConfig(cmd *cobra.Command, file string) (*config.Config, error) {
	flags := map[string]string{}
	for _, k := range config.Keys {
		if f := cmd.Flags().Lookup(k.Name); f != nil && f.Changed {
			flags[k.Name] = f.Value.String()
		}
	}
	return config.Load(file, os.Environ(), flags)
}

func serve(cmd *cobra.Command, c *config.Config) error {
	tuneMemory(cmd.Context())
	logs := newLog(cmd.ErrOrStderr(), c)
	defer logs.Close()
	if err := serveProfiles(c.DebugListen); err != nil {
		return err
	}
	for _, name := range config.Strangers(os.Environ()) {
		logs.Warn("the environment variable sets nothing: 'argosy serve --help' names those that do", "variable", name)
	}
	s, err := compose.OpenServer(c, logs.Logger, logs.requests(c))
	if err != nil {
		return err
	}
	_ = greet(cmd.OutOrStdout(), c, s.Addr()) // nobody may be reading
	debug.FreeOSMemory()                      // what starting took: most of it is not needed again
	err = s.Run(cmd.Context())
	logs.Info("stopped")
	return err
}

// serveProfiles serves profiles of the process on a loopback address.
func serveProfiles(address string) error {
	if address == "" {
		return nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("debug-listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	go func() { _ = http.Serve(l, mux) }() // ends with the process
	return nil
}

// level is the least level that is logged.
func level(word string) slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(word)) // checked with the configuration
	return l
}

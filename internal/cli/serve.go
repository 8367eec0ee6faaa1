package cli

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"strings"

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
	greet(cmd.OutOrStdout(), c, s.Addr())
	debug.FreeOSMemory() // what starting took: most of it is not needed again
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

// greet says where the registry is and what to do first.
func greet(w io.Writer, c *config.Config, addr string) {
	scheme, host := "http", reachable(addr)
	if c.TLSCert != "" {
		scheme = "https"
	}
	url := scheme + "://" + host
	if c.ExternalURL != "" {
		url = c.ExternalURL
		_, host, _ = strings.Cut(url, "://")
	}
	plain, insecure := "", ""
	if strings.HasPrefix(url, "http://") {
		plain, insecure = " --plain-http", " --dest-tls-verify=false"
	}
	fmt.Fprintf(w, `Argosy is ready.
  Listing   %[1]s/
  Registry  %[1]s/v2/
  Data      %[2]s

Push something:
  docker tag alpine %[3]s/demo/alpine:1 && docker push %[3]s/demo/alpine:1
  skopeo copy%[5]s docker://docker.io/library/alpine:3 docker://%[3]s/demo/alpine:3
  helm create hello && helm package hello && helm push%[4]s hello-0.1.0.tgz oci://%[3]s/charts
  oras push%[4]s %[3]s/files/notes:1 README.md

See what it is:
  argosy ls %[3]s

`, url, c.Data, host, plain, insecure)
	if c.Anonymous == "all" && !c.Loopback() {
		fmt.Fprintf(w, "Warning: everybody who reaches %s may push and delete (anonymous=all).\n\n", addr)
	}
	if c.TLSCert == "" && !c.Loopback() && !strings.HasPrefix(c.ExternalURL, "https://") {
		fmt.Fprintf(w, "Warning: plain HTTP beyond this machine: passwords and content can be read on the way. Give --tls-cert and --tls-key, or --external-url of the proxy with TLS.\n\n")
	}
}

// reachable is how a person on this machine writes a listening address.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// level is the least level that is logged.
func level(word string) slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(word)) // checked with the configuration
	return l
}

// Package compose puts the parts together. It is the only package that knows
// all the others, and it decides nothing.
package compose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"

	"github.com/argosy-registry/argosy/internal/auth"
	"github.com/argosy-registry/argosy/internal/blob/fs"
	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/catalog"
	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/datafolder"
	"github.com/argosy-registry/argosy/internal/follow"
	"github.com/argosy-registry/argosy/internal/operator"
	"github.com/argosy-registry/argosy/internal/policy"
	"github.com/argosy-registry/argosy/internal/registry"
	"github.com/argosy-registry/argosy/internal/server"
	"github.com/argosy-registry/argosy/internal/server/api"
	v2 "github.com/argosy-registry/argosy/internal/server/v2"
	"github.com/argosy-registry/argosy/internal/server/web"
	"github.com/argosy-registry/argosy/internal/store"
)

// Data is an open data folder with the registry over it.
type Data struct {
	Registry *registry.Registry
	Catalog  *catalog.Live
	Policy   *policy.Live
	store    *store.DB
	folder   *datafolder.Folder
	log      *slog.Logger
}

// OpenData opens the data folder of c, which this process must be the only one
// to use, and makes it if it is not there.
func OpenData(c *config.Config, log *slog.Logger) (*Data, error) {
	folder, err := datafolder.Open(c.Data)
	if err != nil {
		return nil, err
	}
	d := &Data{folder: folder, log: log}
	if err := d.open(c, log); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Data) open(c *config.Config, log *slog.Logger) error {
	// First the reserve: on a full disk it gives the database room to open.
	reserve, err := d.folder.Reserve()
	if err != nil {
		return err
	}
	if d.store, err = store.OpenSQLite(d.folder.Path("argosy.db"), store.Options{Reserve: reserve}); err != nil {
		return err
	}
	d.Catalog, err = catalog.Open(catalog.Options{
		Store: d.store, Folder: d.folder.Path("types"), Log: log, Changed: func() { d.Registry.CatalogChanged() },
	})
	if err != nil {
		return err
	}
	d.Policy, err = policy.Open(policy.Options{
		Store: d.store, File: d.folder.Path(policy.FileName), Catalog: d.Catalog.Current, Log: log,
	})
	if err != nil {
		return err
	}
	blobs, err := fs.Open(d.folder.Path("blobs"), fs.Options{MinFree: datafolder.ReserveSize / 2})
	if err != nil {
		return err
	}
	d.Registry, err = registry.New(registry.Options{
		Store: d.store, Blobs: blobs, Catalog: d.Catalog.Current, Policy: d.Policy.Current, Reserve: reserve, Exclusive: true, Log: log,
		SparseImages: c.SparseImages(), SparseIndexes: c.SparseIndexes(),
		Grace: c.GCGrace, VerifyAfter: c.VerifyAfter, UploadExpiry: c.UploadExpiry,
	})
	return err
}

// Close closes what is open, in order.
func (d *Data) Close() error {
	var err error
	if d.Registry != nil {
		d.Registry.Close()
	}
	if d.store != nil {
		err = d.store.Close()
	}
	return errors.Join(err, d.folder.Close())
}

// Server is a registry that serves.
type Server struct {
	*Data
	server   *server.Server
	listener *server.Listener
	follower *follow.Follower
}

// OpenServer opens the data folder and the listener of c. Requests are logged to
// requests, which may be nil.
func OpenServer(c *config.Config, log *slog.Logger, requests *server.RequestLog) (*Server, error) {
	access, err := accessOf(c, log)
	if err != nil {
		return nil, err
	}
	catalogs, err := followed(c)
	if err != nil {
		return nil, err
	}
	data, err := OpenData(c, log)
	if err != nil {
		return nil, err
	}
	listener, err := server.Listen(c.Listen, c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, errors.Join(err, data.Close())
	}
	s := &Server{Data: data, listener: listener, follower: &follow.Follower{Catalogs: catalogs, Live: data.Catalog, Log: log}}
	s.server = s.assemble(c, access, log, requests)
	return s, nil
}

// accessOf is who may do what.
func accessOf(c *config.Config, log *slog.Logger) (*auth.Access, error) {
	a := &auth.Access{Anonymous: auth.Identity{Rights: auth.Rights{
		Pull: c.Anonymous == "pull" || c.Anonymous == "all", Push: c.Anonymous == "all",
	}}}
	if c.Htpasswd == "" {
		return a, nil
	}
	users, err := auth.OpenHtpasswd(c.Htpasswd, func(err error) { log.Warn("the password file cannot be read", "error", err) })
	a.Users = users
	return a, err
}

func (s *Server) assemble(c *config.Config, access *auth.Access, log *slog.Logger, requests *server.RequestLog) *server.Server {
	browser := &browse.Browser{Store: s.store, Catalog: s.Catalog.Current, Config: s.Registry.Config, Identifying: s.identifying}
	visible := func(r *http.Request) browse.Visible { return browse.Visible{All: auth.Of(r.Context()).Rights.Pull} }
	listing := api.New(api.Options{Browser: browser, ExternalURL: c.ExternalURL, Visible: visible})
	o := server.Options{
		Protocol: v2.New(v2.Options{
			Registry: &auth.Guard{Registry: s.Registry}, Challenge: server.Challenge, ExternalURL: c.ExternalURL, Log: log,
			Extensions: extensions(listing),
		}),
		Pages:  web.New(web.Options{Browser: browser, ExternalURL: c.ExternalURL, Visible: visible, Log: log}),
		Access: access, Ready: s.Registry.Ready, Log: log, Requests: requests,
		KnownType: func(id string) bool { _, ok := s.Catalog.Current().Type(id); return ok },
	}
	if c.Loopback() && (access.Users == nil || access.Anonymous.Rights.Push) {
		o.OwnHosts = server.LoopbackHosts(hostOf(c.ExternalURL))
	}
	return server.New(o)
}

// extensions are what the listing API adds to the protocol.
func extensions(listing *api.Handler) (all []v2.Extension) {
	for _, e := range api.Extensions {
		all = append(all, v2.Extension{
			Name: e.Name, Description: e.Description, URL: e.URL,
			Endpoints: e.Endpoints, RepositoryEndpoints: e.RepositoryEndpoints, Serve: listing.Serve,
		})
	}
	return all
}

// identifying is what listings say of a catalog that has just changed.
func (s *Server) identifying() browse.Progress { return browse.Progress(s.Registry.Identifying()) }

// Addr is the address that the server listens on, host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, then closes everything.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Catalog.Keep(ctx, s.follower.Terms()); err != nil {
		return errors.Join(err, s.listener.Close(), s.Close())
	}
	_ = s.Catalog.Reload(ctx)                                        // refused: reported, and what was in force before stays
	if err := s.Policy.Reload(ctx); err != nil && s.Policy.Never() { // else what was in force before stays
		return errors.Join(fmt.Errorf("%s is there to keep something out, and cannot be read: mend it, or take it away: %w", policy.FileName, err), s.listener.Close(), s.Close())
	}
	s.Registry.Run()
	beside, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.Catalog.Watch(beside) })
	running.Go(func() { s.Policy.Watch(beside) })
	running.Go(func() { s.follower.Run(beside) })
	running.Go(func() {
		if err := operator.Serve(beside, s.folder.Path(), operator.Owner{Types: s.Types(), Admission: s.Admission()}); err != nil {
			s.log.Error("operator commands do not reach this server", "error", err)
		}
	})
	err := s.server.Run(ctx, s.listener)
	stop()
	running.Wait()
	if errors.Is(err, os.ErrClosed) || errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.Close())
}

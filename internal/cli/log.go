package cli

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/argosy-registry/argosy/internal/config"
	"github.com/argosy-registry/argosy/internal/server"
)

// logs is a logger that writes requests in batches: a system call per request
// costs more than answering one. Warnings and errors are written at once.
type logs struct {
	*slog.Logger
	out  *batched
	stop chan struct{}
}

// flushEvery is how long a line may wait to be written.
const flushEvery = 250 * time.Millisecond

func newLog(w io.Writer, c *config.Config) *logs {
	out := &batched{w: bufio.NewWriterSize(w, 64<<10)}
	options := &slog.HandlerOptions{Level: level(c.LogLevel)}
	var handler slog.Handler = slog.NewTextHandler(out, options)
	if c.LogFormat == "json" {
		handler = slog.NewJSONHandler(out, options)
	}
	l := &logs{slog.New(urgent{handler, out}), out, make(chan struct{})}
	go l.run()
	return l
}

func (l *logs) run() {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.out.flush()
		case <-l.stop:
			return
		}
	}
}

// requests is where a server logs its requests; nil when they are below the
// least level.
func (l *logs) requests(c *config.Config) *server.RequestLog {
	if level(c.LogLevel) > slog.LevelInfo {
		return nil
	}
	return server.NewRequestLog(l.out, c.LogFormat == "json")
}

// Close writes what waits.
func (l *logs) Close() {
	close(l.stop)
	l.out.flush()
}

// batched is a buffered writer for several goroutines.
type batched struct {
	mu sync.Mutex
	w  *bufio.Writer
}

func (b *batched) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.w.Write(p)
}

func (b *batched) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.w.Flush() // nowhere to say it
}

// urgent flushes what is a warning or worse.
type urgent struct {
	slog.Handler
	out *batched
}

func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		u.out.flush()
	}
	return err
}

func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.out}
}

func (u urgent) WithGroup(name string) slog.Handler { return urgent{u.Handler.WithGroup(name), u.out} }

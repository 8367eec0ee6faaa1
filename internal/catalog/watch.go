package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/argosy-registry/argosy/internal/bundle"
)

const (
	lookEvery = 150 * time.Millisecond // how often the folder is looked at
	quiet     = 300 * time.Millisecond // how long nothing must change before it is read
)

// Watch reads the folder at once, and whenever something in it has changed and then was left
// alone for a moment, until ctx ends. It looks rather than being told: that works
// for links, mounted folders and folders that are not there yet alike, and a look
// is one system call for a folder and one for each file.
func (l *Live) Watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	read := "never" // whoever read it before may have missed what came then
	seen, since := look(l.o.Folder), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := look(l.o.Folder); now != seen {
			seen, since = now, time.Now()
		}
		if seen != read && time.Since(since) >= quiet {
			read = seen
			_ = l.Reload(ctx) // reported there
		}
	}
}

// look says what the folder looks like from outside: names, sizes, times.
func look(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range entries {
		if !bundle.IsEntryFile(e.Name()) {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name())) // the link's target
		if err != nil {
			fmt.Fprintln(&b, e.Name(), err)
			continue
		}
		fmt.Fprintln(&b, e.Name(), info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}

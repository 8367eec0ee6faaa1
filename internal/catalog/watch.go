package catalog

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/argosy-registry/argosy/internal/bundle"
	"github.com/argosy-registry/argosy/internal/watch"
)

// Watch reads the folder at once, and whenever something in it has changed and then
// was left alone for a moment, until ctx ends.
func (l *Live) Watch(ctx context.Context) {
	watch.Files(ctx, func() string { return look(l.o.Folder) }, func() {
		_ = l.Reload(ctx) // reported there
	})
}

// look says what the folder looks like from outside: names, sizes, times. It is one
// system call for the folder and one for each file.
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

package policy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/watch"
)

// Options are what a Live policy is made of.
type Options struct {
	Store   *store.DB
	File    string                   // the owner's; need not be there
	Catalog func() *artifact.Catalog // the one in force
	Log     *slog.Logger
}

// Live is the policy in force. The owner's file is input, not truth: it is read
// whole, checked whole and put into force by one transaction that keeps a copy in the
// store; a file that is refused changes nothing, also across restarts. It is safe for
// concurrent use.
type Live struct {
	o       Options
	current atomic.Pointer[Policy]
	refused atomic.Pointer[string]
	mu      sync.Mutex // held while a file is read and put into force
	text    []byte     // of the policy in force
}

// settingPolicy is the setting that holds the policy in force.
const settingPolicy = "policy"

// Open brings the policy into force that was in force last; the file is read by
// Reload and Watch. A policy that this program cannot read is an error: without it
// the registry would take what it must not.
func Open(o Options) (*Live, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Live{o: o}
	kept, _, err := o.Store.Setting(settingPolicy)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	p := &Policy{}
	if len(kept) > 0 {
		p, err = Parse(kept)
	}
	if err != nil {
		return nil, fmt.Errorf("the policy that was in force before cannot be read by this program: use the one that wrote it, and write a policy that both know: %w", err)
	}
	l.text = kept
	l.current.Store(p)
	return l, nil
}

// Current is the policy in force.
func (l *Live) Current() *Policy { return l.current.Load() }

// Never says that no policy was ever in force, though there may be a file.
func (l *Live) Never() bool { return len(l.Text()) == 0 }

// Text is the policy in force as it was written; empty for none.
func (l *Live) Text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// Refused says why the file is not in force, or what is wrong with the policy that is;
// empty when all is in order.
func (l *Live) Refused() string {
	if text := l.refused.Load(); text != nil {
		return *text
	}
	return ""
}

// Reload reads the file and puts it into force. The error, which Refused repeats
// until the file is in order, names line and column of everything that is wrong.
func (l *Live) Reload(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.reload(ctx)
	if err == nil {
		l.refused.Store(nil)
		return nil
	}
	text := err.Error()
	if old := l.refused.Swap(&text); old == nil || *old != text {
		l.o.Log.Error("the policy is not in order", "file", l.o.File, "error", text)
	}
	return err
}

func (l *Live) reload(ctx context.Context) error {
	text, err := watch.Read(l.o.File, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		if len(l.text) == 0 {
			return nil
		}
		return fmt.Errorf("%s is gone: its rules stay in force; write \"admission: []\" into it to have none", l.o.File)
	}
	if err != nil {
		return err
	}
	if bytes.Equal(text, l.text) {
		if err := l.Current().Check(l.o.Catalog()); err != nil {
			return fmt.Errorf("the policy is in force and names what the catalog does not have any more:\n%w", err)
		}
		return nil
	}
	p, err := Parse(text)
	if err == nil {
		err = p.Check(l.o.Catalog())
	}
	if err != nil {
		return fmt.Errorf("what is in the file is not in force, and what was in force before stays:\n%w", err)
	}
	err = l.o.Store.Write(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { l.current.Store(p) }) // before any later push is decided
		return tx.SetSetting(settingPolicy, text)
	})
	if err != nil {
		return fmt.Errorf("keep the policy: %w", err)
	}
	l.text = text
	l.o.Log.Info("policy in force", "rules", len(p.rules))
	return nil
}

// Watch reads the file at once, and whenever it has changed and then was left alone
// for a moment, until ctx ends; also when the catalog has changed, which may know by
// now what the file names, or not know it any more.
func (l *Live) Watch(ctx context.Context) {
	watch.Files(ctx, func() string { return look(l.o.File) + l.o.Catalog().Fingerprint() }, func() {
		_ = l.Reload(ctx) // reported there
	})
}

// look says what a file looks like from outside.
func look(name string) string {
	info, err := os.Stat(name) // the link's target
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintln(info.Size(), info.ModTime().UnixNano())
}

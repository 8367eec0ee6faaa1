package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium that goes nowhere but to the server under test,
// and remembers what it complained about.
type browser struct {
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
	asked      []string // addresses requested
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(program(t, "chromium")),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // Chromium refuses to run its sandbox as root
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.ProxyServer("http://127.0.0.1:9"), // nothing listens there
		chromedp.Flag("proxy-bypass-list", "localhost"),
		chromedp.WindowSize(1280, 900),
	)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	tab, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{}
	if err := chromedp.Listen(tab, b.note); err != nil {
		t.Fatal(err)
	}
	b.ctx, cancel = context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(cancel)
	return b
}

// note collects the console's errors, exceptions, and the addresses asked.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.complaints = append(b.complaints, fmt.Sprintf("%s %s", e.Entry.Text, e.Entry.URL))
		}
	case *cdruntime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	case *cdruntime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			b.complaints = append(b.complaints, fmt.Sprintf("console.%s", e.Type))
		}
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	}
}

// run does the actions; the test ends when one fails.
func (b *browser) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates a script in the page.
func ask[T any](t *testing.T, b *browser, script string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// row is a line of the page's table, as the browser shows it.
type row struct {
	Text  string `json:"text"`
	Icons []struct {
		Source string `json:"source"`
		Width  int    `json:"width"` // natural, 0 when the picture did not load
		Shown  bool   `json:"shown"`
		Label  string `json:"label"`
	} `json:"icons"`
}

// tableRows reads the listing off the page.
const tableRows = `[...document.querySelectorAll("table tbody tr")].map(r => ({
  text: r.innerText,
  icons: [...r.querySelectorAll("img")].map(i => ({
    source: i.src, width: i.complete ? i.naturalWidth : 0,
    shown: i.getClientRects().length > 0 && i.width > 0, label: i.alt || i.title,
  })),
}))`

// The page at / in a browser, after the README's walk: a row for each of the seven
// kinds with an icon that loads, the type's name and the action; nothing fetched
// from elsewhere, nothing on the console, no sideways scrolling. The picture of
// the README is taken here.
func TestListingInBrowser(t *testing.T) {
	whole(t)
	s := serve(t)
	tenMinutes(t, s)
	items := s.artifacts(t, "/v2/_argosy/artifacts")
	b := openBrowser(t)
	b.run(t, chromedp.Navigate(s.url("/")), chromedp.WaitVisible(chromedp.CSS("table tbody tr")))
	rows := ask[[]row](t, b, tableRows)
	for _, want := range seven {
		checkRow(t, rows, want.name, find(t, items, want.name))
	}
	multi := rows[rowOf(t, rows, "shop/multi:1.0")]
	if len(multi.Icons) != 2 {
		t.Errorf("shop/multi:1.0 has %d icons, want one for each of its two platforms", len(multi.Icons))
	}
	if title := ask[string](t, b, "document.title"); title == "" {
		t.Error("the page has no title")
	}
	if ask[bool](t, b, tooWide) {
		t.Error("the page is wider than a window of 1280 pixels")
	}
	b.screenshot(t, "listing.png")

	b.run(t, chromedp.EmulateViewport(390, 844))
	if ask[bool](t, b, tooWide) {
		t.Error("the page is wider than a telephone")
	}
	b.screenshot(t, "listing-narrow.png")
	b.checkQuiet(t, s)
}

// tooWide is true when the page scrolls sideways.
const tooWide = "document.documentElement.scrollWidth > window.innerWidth"

// rowOf finds the row that shows repository:tag, together or in two cells.
func rowOf(t *testing.T, rows []row, name string) int {
	t.Helper()
	repo, tag, _ := strings.Cut(name, ":")
	i := slices.IndexFunc(rows, func(r row) bool {
		return strings.Contains(r.Text, name) || slices.Contains(strings.Fields(r.Text), repo) && slices.Contains(strings.Fields(r.Text), tag)
	})
	if i < 0 {
		t.Fatalf("the page has no row for %s among %d", name, len(rows))
	}
	return i
}

func checkRow(t *testing.T, rows []row, name string, want item) {
	t.Helper()
	got := rows[rowOf(t, rows, name)]
	if !strings.Contains(got.Text, want.Type.Name) && !strings.Contains(got.Text, want.Type.Short) {
		t.Errorf("the row of %s does not name its type %q:\n%s", name, want.Type.Name, got.Text)
	}
	if !strings.Contains(got.Text, want.Actions[0].Command) {
		t.Errorf("the row of %s does not show %q:\n%s", name, want.Actions[0].Command, got.Text)
	}
	if len(got.Icons) == 0 {
		t.Errorf("the row of %s has no icon", name)
	}
	for _, icon := range got.Icons {
		if icon.Width == 0 || !icon.Shown {
			t.Errorf("the icon %s of %s does not load", icon.Source, name)
		}
		if icon.Label == "" {
			t.Errorf("the icon %s of %s has no text for those who cannot see it", icon.Source, name)
		}
	}
}

// screenshot keeps what the browser shows in results/.
func (b *browser) screenshot(t *testing.T, name string) {
	t.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "results", "browser")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkQuiet fails when the browser complained, or went elsewhere.
func (b *browser) checkQuiet(t *testing.T, s *server) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		t.Errorf("the browser's console: %s", c)
	}
	for _, address := range b.asked {
		if !strings.HasPrefix(address, s.url("/")) && !strings.HasPrefix(address, "data:") && !strings.HasPrefix(address, "about:") {
			t.Errorf("the page asks for %s", address)
		}
	}
}

package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/argosy-registry/argosy/internal/browse"
	"github.com/argosy-registry/argosy/internal/oci"
)

// maxIcons is how many platforms a row draws; it counts the rest.
const maxIcons = 12

// row is an artifact as the table shows it.
type row struct {
	browse.Item
	Host      string // the reference's parts
	Suffix    string // ":tag"
	Icons     []browse.Icon
	MoreIcons int      // platforms that are not drawn
	On        string   // the platforms, in words
	Also      []string // the digest's other tags
	Attached  string   // what is folded under it, in words
	Size      string
	Ago       string
}

func (h *Handler) rows(items []browse.Item) []row {
	now := h.o.Now()
	all := make([]row, len(items))
	for i, item := range items {
		all[i] = h.row(item, now)
	}
	return all
}

func (h *Handler) row(item browse.Item, now time.Time) row {
	r := row{Item: item, Icons: item.Icons(), Size: size(item.Size), Ago: ago(now.Sub(item.Pushed))}
	r.Suffix = oci.Reference{Tag: oci.Tag(item.Tag)}.Suffix()
	r.Host = strings.TrimSuffix(item.Reference, string(item.Repository)+r.Suffix)
	if extra := len(r.Icons) - maxIcons; extra > 0 {
		r.Icons, r.MoreIcons = r.Icons[:maxIcons], extra
	}
	r.Also = slices.DeleteFunc(slices.Clone(item.Tags), func(t string) bool { return t == item.Tag })
	r.On = platforms(item.Platforms)
	r.Attached = h.attached(item.Attachments)
	return r
}

// platforms are the names of some platforms: "linux/amd64, linux/arm64 and 3 more".
func platforms(all []browse.Platform) string {
	const most = 4
	names := make([]string, 0, most)
	for _, p := range all[:min(len(all), most)] {
		names = append(names, p.Name)
	}
	text := strings.Join(names, ", ")
	if more := len(all) - most; more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text
}

// attached says what is folded under an artifact: "2 × Cosign signature, 1 × SBOM".
func (h *Handler) attached(a browse.Attachments) string {
	parts := make([]string, 0, len(a.ByType))
	for _, id := range slices.Sorted(maps.Keys(a.ByType)) {
		parts = append(parts, strconv.Itoa(a.ByType[id])+" × "+h.o.Browser.TypeName(id))
	}
	return strings.Join(parts, ", ")
}

// size is a number of bytes for people, in powers of 1000 as disks and tools count.
func size(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f, unit := float64(n), 0
	for f >= 999.5 && unit < len(units) {
		f /= 1000
		unit++
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %s", f, units[unit-1])
	}
	return fmt.Sprintf("%.0f %s", f, units[unit-1])
}

var units = [...]string{"kB", "MB", "GB", "TB", "PB", "EB"}

// ago is how long something is past, for people.
func ago(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return count(d/time.Minute, "minute")
	case d < day:
		return count(d/time.Hour, "hour")
	case d < 60*day:
		return count(d/day, "day")
	case d < 730*day:
		return count(d/(30*day), "month")
	}
	return count(d/(365*day), "year")
}

func count(n time.Duration, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return strconv.FormatInt(int64(n), 10) + " " + unit + " ago"
}

package cli

import (
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/lint"
)

// tally is how much was found.
type tally struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

func count(all []linted) (n tally) {
	for _, m := range all {
		for _, f := range m.Findings {
			switch f.Severity {
			case artifact.SeverityError:
				n.Errors++
			case artifact.SeverityWarning:
				n.Warnings++
			default:
				n.Notes++
			}
		}
	}
	return n
}

// String is the tally in words.
func (n tally) String() string {
	return fmt.Sprintf("%s, %s, %s", plural(n.Errors, "error"), plural(n.Warnings, "warning"), plural(n.Notes, "note"))
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// maxShown is the most characters of a place in a line of text.
const maxShown = 60

// writeText writes findings for people, one manifest after the other: severity, place
// and rule in columns, and below them how to mend it.
func writeText(out io.Writer, all []linted) error {
	for _, m := range all {
		fmt.Fprintf(out, "%s: %s (%s)\n", printable(m.Name), printable(m.TypeName), m.Type)
		places := make([]string, len(m.Findings))
		widest, widestRule := 0, 0
		for i, f := range m.Findings {
			places[i] = printable(placeText(f))
			widest = max(widest, utf8.RuneCountInString(places[i]))
			widestRule = max(widestRule, len(f.Rule))
		}
		for i, f := range m.Findings {
			fmt.Fprintf(out, "  %-7s  %-*s  %-*s  %s\n", f.Severity, widestRule, f.Rule, widest, places[i], printable(f.Why))
			fmt.Fprintf(out, "  %-7s  %s\n  %-7s  %s\n", "", printable(f.Mend), "", printable(f.Link))
		}
	}
	_, err := fmt.Fprintf(out, "%s in %s\n", count(all), plural(len(all), "manifest"))
	return err
}

// placeText is where a finding is: line and column, and the pointer.
func placeText(f lint.Finding) string {
	text := ""
	if f.In == lint.InConfig {
		text = "config "
	}
	if f.Line > 0 {
		text += fmt.Sprintf("%d:%d ", f.Line, f.Column)
	}
	pointer := []rune(f.Place)
	if len(pointer) > maxShown {
		return text + string(pointer[:maxShown]) + "…"
	}
	if len(pointer) == 0 {
		return text + "/"
	}
	return text + string(pointer)
}

func writeJSON(out io.Writer, all []linted) error {
	return printJSON(out, struct {
		Manifests []linted `json:"manifests"`
		tally
	}{all, count(all)})
}

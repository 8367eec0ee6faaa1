package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/argosy-registry/argosy/internal/browse"
)

// lsOptions say how to reach a registry and what to print.
type lsOptions struct {
	remote
	typ    string
	output string
}

func lsCommand() *cobra.Command {
	var o lsOptions
	cmd := &cobra.Command{
		Use:   "ls [HOST[/REPOSITORY]]",
		Short: "List artifacts with type and action",
		Long: `List what a registry holds, one line a tag: its reference, its type, the programs
for it and the command that uses it. HOST is localhost:5000 unless named. Loopback hosts are
asked over plain HTTP, others over HTTPS.

The password of --user is read from ARGOSY_PASSWORD.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := "localhost:5000"
			if len(args) > 0 {
				target = args[0]
			}
			return ls(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), target, o)
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "form of the list: text or json")
	cmd.Flags().StringVarP(&o.typ, "type", "t", "", "only artifacts of the type with this id, such as helm-chart")
	o.addFlags(cmd)
	return cmd
}

func ls(ctx context.Context, out, errs io.Writer, target string, o lsOptions) error {
	if o.output != "text" && o.output != "json" {
		return fmt.Errorf("output is %q: want text or json", o.output)
	}
	next, err := o.listURL(target)
	if err != nil {
		return err
	}
	if o.typ != "" {
		next.RawQuery = url.Values{"type": {o.typ}}.Encode()
	}
	all := []browse.Item{}
	client, err := o.client()
	if err != nil {
		return err
	}
	for next != nil {
		var page *lsPage
		if page, next, err = o.fetchPage(ctx, client, next); err != nil {
			return err
		}
		if len(page.Artifacts) == 0 && next != nil {
			return fmt.Errorf("%s answers with an empty page and names another: the list has no end", next.Host)
		}
		if p := page.Identifying; p.Total > 0 && len(all) == 0 {
			sayProgress(errs, p.Done, p.Total)
		}
		all = append(all, page.Artifacts...)
	}
	if o.output == "json" {
		return printJSON(out, map[string]any{"artifacts": all})
	}
	return printItems(out, all)
}

// fetchPage asks for a page of the list and says where the next one is.
func (o lsOptions) fetchPage(ctx context.Context, client *http.Client, at *url.URL) (*lsPage, *url.URL, error) {
	res, err := o.get(ctx, client, at)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	page := new(lsPage)
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(page); err != nil {
		return nil, nil, fmt.Errorf("%s does not answer as argosy does: %w", at.Host, err)
	}
	next, err := nextPage(at, res.Header.Get("Link"))
	return page, next, err
}

// lsPage is a part of the list.
type lsPage struct {
	Artifacts   []browse.Item
	Identifying browse.Progress
}

// nextPage reads a Link header with rel="next"; nil when there is none.
func nextPage(at *url.URL, link string) (*url.URL, error) {
	target, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		return nil, nil
	}
	next, err := at.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("%s names a next page that is no URL: %w", at.Host, err)
	}
	if next.Host != at.Host || next.Scheme != at.Scheme {
		return nil, errors.New("the next page of the list is on another host: not followed")
	}
	if *next == *at {
		return nil, fmt.Errorf("%s says that a page of the list follows itself: not followed", at.Host)
	}
	return next, nil
}

func printItems(out io.Writer, items []browse.Item) error {
	if len(items) == 0 {
		_, err := fmt.Fprintln(out, "nothing is here yet")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REFERENCE\tTYPE\tTOOLS\tACTION\tNOTE")
	for _, i := range items {
		var action, note string
		if len(i.Actions) > 0 {
			action, note = i.Actions[0].Command+i.Actions[0].URL, noteOn(i.Actions[0])
		}
		tools := make([]string, len(i.Type.Tools))
		for n, t := range i.Type.Tools {
			tools[n] = t.Title
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", printable(i.Reference), printable(i.Type.Name), printable(strings.Join(tools, ", ")), printable(action), note)
	}
	return w.Flush()
}

// noteOn says of a command that no test runs it, as the page does.
func noteOn(a browse.Action) string {
	if a.Command == "" || a.Verified {
		return ""
	}
	return "not tried"
}

// printJSON prints v so that a terminal shows it and obeys none of it: what is
// not printed stands in escapes.
func printJSON(out io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	safe := make([]byte, 0, len(text)+1)
	for _, r := range string(text) {
		if r == '\n' || unicode.IsPrint(r) {
			safe = utf8.AppendRune(safe, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			safe = fmt.Appendf(safe, "\\u%04x", unit)
		}
	}
	_, err = out.Write(append(safe, '\n'))
	return err
}

// printable takes out what a terminal would obey: control characters and those
// that turn the direction of writing.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !unicode.IsPrint(r) && r != ' ' {
			return -1
		}
		return r
	}, s)
}

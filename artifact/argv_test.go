package artifact_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/artifact"
)

// wide is an entry that fills in every variable there is, in words of their own
// and within words.
const wide = `id: wide
title: Wide
short: wide
match:
  - artifactType: application/vnd.acme.wide
facts:
  version: [annotation:v]
layers:
  - {role: content, title: "*"}
actions:
  - {id: registry, label: R, command: "tool {registry} x={registry}"}
  - {id: repository, label: R, command: "tool {repository} {name} oci://{registry}/{repository}"}
  - {id: tag, label: T, command: "tool {tag} --tag={tag} {version}"}
  - {id: digest, label: D, command: "tool {digest} @{digest}"}
  - {id: ref, label: R, command: "tool {ref} {plainHTTP:--plain-http} {tls:--tls}"}
  - {id: subject, label: S, command: "tool {subject}"}
  - {id: layer, label: L, command: "tool {layer:content}"}
  - {id: file, label: F, command: "tool {file:content} file://{file:content} @{file:content}"}
  - {id: fact, label: F, command: "tool {fact:version} --set=v={fact:version}"}
  - {id: link, label: L, link: "https://acme.example/{name}/deploy?image={ref}&v={fact:version}&f={file:content}"}
  - {id: glob, label: G, command: "tool * [a] ? ~ a=b"}
`

// A shell that reads a filled-in command sees the words of Argv, whatever the
// values were; a link stays at its host.
func TestShellReadsTheWordsThatWereMeant(t *testing.T) {
	c, err := load(map[string]string{"wide.yaml": strings.Replace(wide, " ~ ", " ", 1), "wide.svg": goodIcon})
	if err != nil {
		t.Fatal(err)
	}
	values := slices.Concat(hostile, []string{"&&", "|", "<x>", "$HOME", "~", "a*", "#", "a\tb", "\x00", "\u2028", "A", "a..b", "a//b", "a/", "/a", "x:y", "v1", "a_b", "1.0", "localhost:5000", "[::1]:80", "file name.txt", someDigest})
	var commands []artifact.Action
	for _, v := range values {
		id := artifact.Identification{
			Type: "wide", Subject: v, Facts: artifact.Facts{"version": v},
			Layers: []artifact.Layer{{Role: "content", Digest: v, File: v}},
		}
		for _, to := range []artifact.Target{
			{Registry: v, Repository: "a/b", Tag: "v1", Digest: someDigest},
			{Registry: "r.example", Repository: v, Tag: "v1", Digest: someDigest, PlainHTTP: true},
			{Registry: "r.example", Repository: "a/b", Tag: v, Digest: someDigest},
			{Registry: "r.example", Repository: "a/b", Digest: v},
			{Registry: v, Repository: v, Tag: v, Digest: v},
			{},
		} {
			for _, a := range c.Actions(id, to) {
				if a.URL != "" {
					if !strings.HasPrefix(a.URL, "https://acme.example/") || strings.ContainsAny(a.URL, " \"'<>\n`\\") || strings.Count(a.URL, "?") != 1 {
						t.Errorf("%q: link %q", v, a.URL)
					}
					continue
				}
				commands = append(commands, a)
				for _, w := range a.Argv[1:] {
					if strings.HasPrefix(w, "-") && w != "--plain-http" && w != "--tls" && !strings.HasPrefix(w, "--tag=") && !strings.HasPrefix(w, "--set=v=") {
						t.Errorf("%q becomes a flag in %q", v, a.Command)
					}
				}
			}
		}
	}
	if len(commands) < 100 {
		t.Errorf("only %d commands were filled in", len(commands))
	}
	readBack(t, commands)
}

// readBack has a shell read commands, without running their programs, and
// compares the words it sees with those that were meant.
func readBack(t *testing.T, actions []artifact.Action) {
	t.Helper()
	var script strings.Builder
	for _, a := range actions {
		_, rest, _ := strings.Cut(a.Command, " ")
		script.WriteString("printf '%s\\0' " + rest + "; printf '\\001'\n")
	}
	sh := exec.CommandContext(t.Context(), "sh", "-s")
	sh.Stdin = strings.NewReader(script.String())
	out, err := sh.Output()
	if err != nil {
		t.Fatal(err)
	}
	read := strings.Split(string(out), "\x01")
	if len(read) != len(actions)+1 {
		t.Fatalf("%d commands were read as %d", len(actions), len(read)-1)
	}
	for i, a := range actions {
		words := strings.Split(strings.TrimSuffix(read[i], "\x00"), "\x00")
		if !cmp.Equal(words, a.Argv[1:]) {
			t.Errorf("a shell reads %q as %q, meant is %q", a.Command, words, a.Argv)
		}
	}
}

// Every action of the catalog can be filled in for some example of its type, over
// plain HTTP and over TLS, by tag and by digest, as far as it says it can.
func TestEveryActionIsReachable(t *testing.T) {
	c := builtin(t)
	var commands []artifact.Action
	for _, typ := range c.Types() {
		reached := map[string]bool{}
		for _, x := range c.Examples(typ.ID) {
			id := c.Identify(artifact.Input{MediaType: x.MediaType, Manifest: x.Manifest, Config: x.Config})
			for _, to := range []artifact.Target{
				{Registry: "r.example", Repository: "team/app", Tag: "1.0.0", Digest: someDigest},
				{Registry: "localhost:5000", Repository: "team/app", Tag: "latest", Digest: someDigest, PlainHTTP: true},
				{Registry: "localhost:5000", Repository: "app", Digest: someDigest, PlainHTTP: true},
				{Registry: "r.example", Repository: "app", Digest: someDigest},
				{Registry: "r.example", Repository: "plugins/diff", Digest: someDigest, PlainHTTP: true}, // a file of an example is called so
				{Registry: "r.example", Repository: "app", Tag: strings.Replace(someDigest, ":", "-", 1) + ".att", Digest: someDigest},
			} {
				actions := c.Actions(id, to)
				if len(actions) == 0 {
					t.Errorf("%s, %s: nothing can be done with %+v", typ.ID, x.Name, to)
				}
				for _, a := range actions {
					reached[a.ID] = true
					if len(a.Argv) > 1 {
						commands = append(commands, a)
					}
					if a.Command == "" && a.URL == "" || strings.ContainsAny(a.Command, "{}") {
						t.Errorf("%s: action %+v", typ.ID, a)
					}
				}
			}
		}
		if len(c.Examples(typ.ID)) == 0 {
			continue
		}
		for _, id := range c.ActionIDs(typ.ID) {
			if !reached[id] {
				t.Errorf("%s: no example shows the action %s", typ.ID, id)
			}
		}
	}
	readBack(t, commands)
}

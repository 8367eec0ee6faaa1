package artifact

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// filler fills templates in for one artifact.
type filler struct {
	id Identification
	to Target
}

// Forms of values that go into commands.
var (
	hostForm    = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
	nameForm    = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+|/)[a-z0-9]+)*$`)
	tagForm     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)
	digestForm  = regexp.MustCompile(`^[a-z0-9]+([+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$`)
	fileForm    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9 ._+-]{0,127}$`)
	factForm    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+:/@-]*$`)
	labelForm   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$`)
	versionForm = regexp.MustCompile(`^v?` + number + `(\.` + number + `){0,2}(-` + prerelease + `(\.` + prerelease + `)*)?(\+` + build + `(\.` + build + `)*)?$`)
)

// The pieces of a semantic version. Tools that compare versions take one or two
// numbers for three, and refuse the rest: four numbers, or zeros before a number
// of a pre-release.
const (
	number     = `[0-9]{1,18}`
	prerelease = `(0|[1-9][0-9]{0,17}|[0-9]*[A-Za-z-][A-Za-z0-9-]*)`
	build      = `[A-Za-z0-9-]+`
)

func (f *filler) action(t *actionTemplate) (Action, bool) {
	for _, w := range t.when {
		if !f.so(w) {
			return Action{}, false
		}
	}
	a := t.Action
	if t.link != nil {
		link, ok := f.fill(t.link, escape)
		a.URL = link
		return a, ok
	}
	plain := true
	var shown []string
	for _, parts := range t.words {
		word, ok := f.fill(parts, func(s string) string { return s })
		if !ok {
			return Action{}, false
		}
		switch {
		case word == "":
			continue // a flag that does not apply
		case len(parts) == 1 && (slices.Contains(operators, word) || blank.MatchString(word)):
			plain = false
			shown = append(shown, word)
		default:
			a.Argv = append(a.Argv, word)
			shown = append(shown, Quote(word))
		}
	}
	if !plain {
		a.Argv = nil
	}
	a.Command = strings.Join(shown, " ")
	return a, true
}

// escape writes a value so that it stays one piece of a URL's path or query.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// so reports whether a word of when holds.
func (f *filler) so(when string) bool {
	switch when {
	case "tagged":
		return f.to.Tag != ""
	case "untagged":
		return f.to.Tag == ""
	case "version":
		return versionForm.MatchString(version(f.to.Tag))
	case "standard":
		return f.standard()
	case "titled":
		return f.id.Titled && f.standard()
	case "plainHTTP":
		return f.to.PlainHTTP
	case "tls":
		return !f.to.PlainHTTP
	case "secure":
		return !f.to.PlainHTTP || loopback(f.to.Registry)
	}
	word, role, _ := strings.Cut(when, ":")
	l, ok := f.layer(role)
	return ok && (word == "role" || strings.HasPrefix(l.File, f.name()+"-"))
}

// fill joins the parts of a word; false when a variable has no sound value.
func (f *filler) fill(parts []part, escape func(string) string) (string, bool) {
	var b strings.Builder
	for _, p := range parts {
		if p.variable == "" {
			b.WriteString(p.text)
			continue
		}
		value, ok := f.value(p)
		if !ok {
			return "", false
		}
		b.WriteString(escape(value))
	}
	return b.String(), true
}

func (f *filler) value(p part) (string, bool) {
	switch p.variable {
	case "registry":
		return sound(f.to.Registry, hostForm)
	case "repository":
		return sound(f.to.Repository, nameForm)
	case "name":
		return sound(f.name(), nameForm)
	case "label":
		return sound(f.name(), labelForm)
	case "tag":
		return sound(f.to.Tag, tagForm)
	case "version":
		_, ok := sound(f.to.Tag, tagForm)
		return version(f.to.Tag), ok
	case "digest":
		return sound(f.to.Digest, digestForm)
	case "ref":
		return f.ref()
	case "subject":
		return sound(f.id.Subject, digestForm)
	case "fact":
		return sound(f.id.Facts[p.argument], factForm)
	case "plainHTTP":
		return when(f.to.PlainHTTP, p.argument), true
	case "tls":
		return when(!f.to.PlainHTTP, p.argument), true
	}
	l, ok := f.layer(p.argument)
	if !ok {
		return "", false
	}
	if p.variable == "file" {
		return sound(l.File, fileForm)
	}
	return sound(l.Digest, digestForm)
}

// standard reports whether the manifest is in a format of OCI or Docker: of one in
// another, tools can do no more than show it.
func (f *filler) standard() bool {
	_, ok := forms[normal(f.id.MediaType)]
	return ok
}

// name is the last part of the repository's name.
func (f *filler) name() string {
	return f.to.Repository[strings.LastIndexByte(f.to.Repository, '/')+1:]
}

// loopback reports whether a registry is on the machine that asks it. Tools that
// have no flag for plain HTTP take it from there, as browsers do.
func loopback(registry string) bool {
	host := registry
	if h, _, err := net.SplitHostPort(registry); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ref is registry, repository and tag, or digest.
func (f *filler) ref() (string, bool) {
	host, ok := sound(f.to.Registry, hostForm)
	repo, ok2 := sound(f.to.Repository, nameForm)
	if !ok || !ok2 {
		return "", false
	}
	if f.to.Tag != "" {
		tag, ok := sound(f.to.Tag, tagForm)
		return host + "/" + repo + ":" + tag, ok
	}
	digest, ok := sound(f.to.Digest, digestForm)
	return host + "/" + repo + "@" + digest, ok
}

func (f *filler) layer(role string) (Layer, bool) {
	for _, l := range f.id.Layers {
		if l.Role == role {
			return l, true
		}
	}
	return Layer{}, false
}

func sound(value string, form *regexp.Regexp) (string, bool) {
	return value, len(value) <= 512 && form.MatchString(value)
}

func when(so bool, text string) string {
	if so {
		return text
	}
	return ""
}

// version is a tag as a version: tags cannot hold the plus sign, so tools write
// an underscore for it.
func version(tag string) string { return strings.ReplaceAll(tag, "_", "+") }

// Quote writes a word so that a POSIX shell reads it as it is.
func Quote(word string) string {
	if word != "" && strings.IndexFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r))
	}) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

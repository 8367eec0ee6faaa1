package lint

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/argosy-registry/argosy/artifact"
	"github.com/argosy-registry/argosy/internal/oci"
)

// entry says what the entry of the manifest's type asks for and does not find.
func (d *document) entry(l *list, c *artifact.Catalog) {
	id := d.review.Identification
	d.configIsJSON(l)
	if id.Type == artifact.Invalid {
		return // other rules have said why
	}
	d.known(l, c)
	place := "/layers"
	if !d.has("layers") {
		place = ""
	}
	for _, role := range d.review.Missing {
		l.add(ruleByID("role-missing"), place, "No layer is the %s of %s.", role, theType(id))
	}
	for _, fact := range d.review.Unstated {
		l.add(ruleByID("fact-missing"), "", "%s states its %s, and this one does not.", sentence(theType(id)), fact)
	}
	for _, f := range d.review.Config {
		l.addConfig(ruleByID("config-schema"), f.Place, "%s.", sentence(f.Problem))
	}
	for _, r := range d.review.Remarks {
		link := r.Docs
		if link == "" {
			link = ofLint
		}
		l.put(Finding{Rule: id.Type + "/" + r.ID, Severity: r.Severity, In: InManifest, Place: r.Place, Why: r.Message, Mend: r.Mend, Link: link})
	}
}

// known says whether the catalog knows the type, and whether it is one of the past.
func (d *document) known(l *list, c *artifact.Catalog) {
	id := d.review.Identification
	if !id.Known {
		place := ""
		if d.artifactType != "" {
			place = "/artifactType"
		} else if d.config != nil {
			place = "/config/mediaType"
		}
		l.add(ruleByID("type-unknown"), place, "No entry of the catalog knows %s.", d.marks())
		return
	}
	if t, ok := c.Type(id.Type); ok && t.Status != "" && t.Status != "current" {
		what := "is of the past"
		if t.Status == "proposal" {
			what = "was proposed, and no tool is known to write it"
		}
		l.add(ruleByID("type-historical"), "", "%s (%s) %s.", t.Title, t.ID, what)
	}
}

// marks names the media types by which an entry could know the manifest.
func (d *document) marks() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+quote(value))
		}
	}
	add("artifactType", d.artifactType)
	if d.config != nil {
		add("config", d.config.MediaType)
	}
	if len(d.layers) > 0 {
		add("layer", d.layers[0].MediaType)
	}
	if len(parts) == 0 {
		add("media type", d.mediaType)
	}
	if len(parts) == 0 {
		return "a manifest that names no media type"
	}
	return strings.Join(parts, ", ")
}

// configIsJSON checks a config at hand whose media type says JSON.
func (d *document) configIsJSON(l *list) {
	if d.config == nil || d.in.Config == nil || json.Valid(d.in.Config) {
		return
	}
	t := oci.BaseMediaType(d.config.MediaType)
	if strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "/json") {
		rule := *ruleByID("config-json")
		if len(d.in.Config) == 0 {
			rule.Severity = artifact.SeverityWarning // some tools mean nothing at all by it, and read it so
		}
		l.addConfig(&rule, "", "The config is %s, and its %s are no JSON.", quote(d.config.MediaType), countOf(len(d.in.Config), "byte"))
	}
}

// theType is the type of a manifest in a sentence.
func theType(id artifact.Identification) string { return "a " + id.Name + " (" + id.Type + ")" }

// sentence makes what others say the beginning of a sentence: without the full stop,
// and not endless.
func sentence(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".")
	if len(s) > 4*maxQuote {
		s = cut(s, 4*maxQuote) + "…"
	}
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

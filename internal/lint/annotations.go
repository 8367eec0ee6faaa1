package lint

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/argosy-registry/argosy/internal/oci"
)

// The keys that the OCI specifications define, without their common prefix.
const reservedKeys = "org.opencontainers."

var definedKeys = []string{
	"image.created", "image.authors", "image.url", "image.documentation", "image.source", "image.version",
	"image.revision", "image.vendor", "image.licenses", "image.ref.name", "image.title", "image.description",
	"image.base.digest", "image.base.name",
	"referrers.filtersApplied", // distribution-spec
}

const titleKey = "org.opencontainers.image.title"

// annotate checks the annotations of the manifest and of all descriptors.
func (d *document) annotate(l *list) {
	if d.has("annotations") {
		annotations(l, "", d.members["annotations"])
	}
	for _, x := range d.all() {
		var m struct{ Annotations json.RawMessage }
		if json.Unmarshal(x.raw, &m) == nil && m.Annotations != nil && string(m.Annotations) != "null" {
			annotations(l, x.place, m.Annotations)
		}
	}
}

// annotations checks the annotations of what is at place.
func annotations(l *list, place string, raw json.RawMessage) {
	at := below(place, "annotations")
	wrong, ok := stringMembers(raw)
	if !ok {
		l.add(ruleByID("annotation-value"), at, "The annotations are no object.")
		return
	}
	for _, key := range wrong {
		l.add(ruleByID("annotation-value"), below(at, key), "The annotation %s is no string.", quote(key))
	}
	values := stringsOf(raw)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		annotation(l, below(at, key), key, values[key])
	}
}

// keyForm is a key that begins with a domain name, in reverse or not: some tools put a
// slash and a name after theirs.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+([^A-Za-z0-9._-]\P{C}*)?$`)

func annotation(l *list, at, key, value string) {
	name, reserved := strings.CutPrefix(key, reservedKeys)
	switch {
	case !keyForm.MatchString(key):
		l.add(ruleByID("annotation-key"), at, "The key %s does not begin with a domain name in reverse.", quote(key))
		return
	case reserved && !slices.Contains(definedKeys, name):
		l.add(ruleByID("annotation-reserved"), at, "No specification defines the key %s.", quote(key))
		return
	case !reserved:
		return
	}
	switch name {
	case "image.created":
		if _, err := time.Parse(time.RFC3339, strings.ToUpper(value)); err != nil {
			l.add(ruleByID("annotation-created"), at, "%s is no time of RFC 3339.", quote(value))
		}
	case "image.licenses":
		if value != "" && !isLicence(value) {
			l.add(ruleByID("annotation-licenses"), at, "%s is no SPDX expression.", quote(value))
		}
	case "image.url", "image.source", "image.documentation":
		if value != "" && !isURL(value) {
			l.add(ruleByID("annotation-url"), at, "%s is no URL.", quote(value))
		}
	case "image.base.digest":
		if _, err := oci.ParseDigest(value); err != nil {
			l.add(ruleByID("annotation-digest"), at, "%s is no digest.", quote(value))
		}
	}
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "") && !strings.ContainsFunc(s, unicode.IsSpace)
}

var (
	licenceToken = regexp.MustCompile(`[()]|[^()\s]+`)
	licenceName  = regexp.MustCompile(`^([A-Za-z0-9.-]+\+?|(DocumentRef-[A-Za-z0-9.-]+:)?(LicenseRef|AdditionRef)-[A-Za-z0-9.-]+)$`)
)

// isLicence reports whether s has the shape of an SPDX expression: names joined by
// AND, OR and WITH, in parentheses or not. Which names there are is not looked at.
func isLicence(s string) bool {
	if len(s) > 4096 {
		return false
	}
	open, operand := 0, false // operand: one stands before
	for _, token := range licenceToken.FindAllString(s, -1) {
		switch word := strings.ToUpper(token); {
		case token == "(":
			if operand {
				return false
			}
			open++
		case token == ")":
			if open--; open < 0 || !operand {
				return false
			}
		case word == "AND" || word == "OR" || word == "WITH":
			if !operand {
				return false
			}
			operand = false
		case operand || !licenceName.MatchString(token):
			return false
		default:
			operand = true
		}
	}
	return operand && open == 0
}

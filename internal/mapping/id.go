package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/argosy-registry/argosy/artifact"
)

// idOf is an id for the type of a media type: its words but for those that most
// media types have. application/vnd.acme.rocket.config.v1+json is acme-rocket-v1.
func idOf(mediaType string) string {
	s := strings.ToLower(mediaType)
	s = strings.TrimPrefix(s, "application/")
	s, _, _ = strings.Cut(s, "+")
	var words []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }) {
		if w != "vnd" && w != "config" {
			words = append(words, w)
		}
	}
	id := strings.Join(words, "-")
	if id == "" {
		return marked("type", mediaType)
	}
	if !artifact.ValidID(id) {
		return marked(id, mediaType)
	}
	return id
}

// marked is an id that no other media type has.
func marked(id, mediaType string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(mediaType)))
	return strings.Trim(id[:min(len(id), 50)], "-") + "-" + hex.EncodeToString(sum[:3])
}

// maxShort is how many characters the short name of a type has at most.
const maxShort = 20

// shortOf is a title in one or two words.
func shortOf(title string) string {
	short := ""
	for w := range strings.FieldsSeq(title) {
		if short != "" {
			w = short + " " + w
		}
		if utf8.RuneCountInString(w) > maxShort {
			break
		}
		short = w
	}
	if short == "" {
		return string([]rune(title)[:maxShort])
	}
	return short
}

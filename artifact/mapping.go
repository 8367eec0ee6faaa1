package artifact

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Mapping is what a mapping file of the 2019 proposal said of a type, and an entry
// has no other place for. It is what the file says, kept so that it can be said
// again: nothing of it is shown as a link or fetched later.
type Mapping struct {
	MediaType        string `json:"mediaType" yaml:"mediaType"`                         // as written
	Source           string `json:"source,omitempty" yaml:"source"`                     // the file: its URL, or its name
	Number           int    `json:"number,omitempty" yaml:"number"`                     // its place in the file, from 1
	IconSVG          string `json:"icon.svg,omitempty" yaml:"icon.svg"`                 // URL
	IconPNG          string `json:"icon.png,omitempty" yaml:"icon.png"`                 // URL
	SchemaValidation string `json:"schemaValidation,omitempty" yaml:"schemaValidation"` // URL of a JSON Schema, or a word such as none
	Other            string `json:"other,omitempty" yaml:"other"`                       // a JSON object: members that the entry does not say, or says otherwise
	File             string `json:"file,omitempty" yaml:"file"`                         // a JSON object: members of the file itself; of its first mapping only
}

// maxOrigin is the most bytes of a URL that is kept.
const maxOrigin = 2048

// vet refuses what no mapping file says.
func (m *Mapping) vet() error {
	if err := mediaTypes(words{m.MediaType}); err != nil {
		return fmt.Errorf("mediaType: %w", err)
	}
	if m.MediaType == wordNone || strings.Contains(m.MediaType, "*") {
		return fmt.Errorf("mediaType %q: want a whole media type", m.MediaType)
	}
	for i, u := range []string{m.Source, m.IconSVG, m.IconPNG, m.SchemaValidation} {
		if len(u) > maxOrigin || strings.ContainsFunc(u, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("%.80q: want one line of at most %d bytes", u, maxOrigin)
		}
		if i == 0 {
			continue // the name of a file may be anything
		}
		if at, err := url.Parse(u); err != nil || at.Scheme != "" && at.Scheme != "http" && at.Scheme != "https" {
			return fmt.Errorf("%.80q is no http or https URL", u)
		}
	}
	for _, text := range []string{m.Other, m.File} {
		var object map[string]json.RawMessage
		if text != "" && (json.Unmarshal([]byte(text), &object) != nil || object == nil) {
			return errors.New("other and file hold a JSON object, in a text")
		}
	}
	return nil
}

package artifact

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxIcon is the most bytes of an icon.
const maxIcon = 64 << 10

// What an icon may hold: shapes and how they are painted. Everything that runs,
// loads or links is left out.
var (
	iconElements = set("svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop clipPath mask use symbol")
	iconForbids  = []string{"javascript:", "data:", "url(http", "url(//", "@import", "expression("}
)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// vetIcon refuses an SVG image that could do anything but be seen.
func vetIcon(icon []byte) error {
	if len(icon) > maxIcon {
		return fmt.Errorf("the icon has %d bytes: at most %d", len(icon), maxIcon)
	}
	d := xml.NewDecoder(bytes.NewReader(icon))
	depth, seen := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the icon is no SVG image: %w", err)
		}
		line, column := d.InputPos()
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 && (seen || t.Name.Local != "svg") {
				return fmt.Errorf(":%d:%d: the icon's element is <%s>, not <svg>", line, column, t.Name.Local)
			}
			depth, seen = depth+1, true
			if err := vetElement(t); err != nil {
				return fmt.Errorf(":%d:%d: %w", line, column, err)
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return fmt.Errorf(":%d:%d: the icon has a document type or entities", line, column)
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf(":%d:%d: the icon has a processing instruction", line, column)
			}
		}
	}
	if !seen {
		return errors.New("the icon is no SVG image")
	}
	return nil
}

func vetElement(t xml.StartElement) error {
	if !iconElements[t.Name.Local] {
		return fmt.Errorf("the icon has an element <%s>: only shapes and paint are taken", t.Name.Local)
	}
	for _, a := range t.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
		if strings.HasPrefix(name, "on") {
			return fmt.Errorf("the icon has a handler %s", a.Name.Local)
		}
		if name == "href" && !strings.HasPrefix(value, "#") {
			return fmt.Errorf("the icon links to %q: only to parts of itself", a.Value)
		}
		for _, f := range iconForbids {
			if strings.Contains(strings.ReplaceAll(value, " ", ""), f) {
				return fmt.Errorf("the icon's attribute %s holds %q", a.Name.Local, f)
			}
		}
	}
	return nil
}

package artifact

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"path"
	"regexp"
	"strings"
)

// Limits of icons: bytes of an SVG image and of a PNG image, and the pixels of the
// latter in each direction.
const (
	maxIcon    = 64 << 10
	maxPicture = 256 << 10
	maxPixels  = 1024
)

// Media types of icons.
const (
	typeSVG = "image/svg+xml"
	typePNG = "image/png"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// IconType is the media type of an icon that was vetted.
func IconType(icon []byte) string {
	if bytes.HasPrefix(icon, []byte(pngMagic)) {
		return typePNG
	}
	return typeSVG
}

// IconExts are the ends of names of icons' files.
var IconExts = []string{".svg", ".png"}

// IconExt is how the file of an icon is called after the id of its entry.
func IconExt(icon []byte) string {
	if IconType(icon) == typePNG {
		return ".png"
	}
	return ".svg"
}

// VetIcon refuses an image that could do anything but be seen: an SVG image with
// more than shapes and paint, a PNG image that is broken, large, or holds something
// behind it. Errors name the file and, of SVG, line and column.
func VetIcon(name string, icon []byte) error {
	vet := vetSVG
	switch ext := IconExt(icon); {
	case ext == ".png":
		vet = vetPNG
	case path.Ext(name) == ".png":
		return fmt.Errorf("%s:1:1: the icon is no PNG image", name)
	}
	if err := vet(icon); err != nil {
		return fmt.Errorf("%s%w", name, err)
	}
	if ext := IconExt(icon); ext != path.Ext(name) {
		return fmt.Errorf("%s:1:1: the icon is a %s image: call it so", name, ext[1:])
	}
	return nil
}

// vetPNG decodes the image whole. What is in its chunks beside the pixels is not
// looked at by anybody who is told that it is a PNG image.
func vetPNG(icon []byte) error {
	if len(icon) > maxPicture {
		return fmt.Errorf(":1:1: the icon has more than %d bytes", maxPicture)
	}
	size, err := png.DecodeConfig(bytes.NewReader(icon))
	if err == nil && (size.Width > maxPixels || size.Height > maxPixels) {
		return fmt.Errorf(":1:1: the icon has %d x %d pixels: at most %d x %d", size.Width, size.Height, maxPixels, maxPixels)
	}
	rest := bytes.NewReader(icon)
	if err == nil {
		_, err = png.Decode(rest)
	}
	if err != nil {
		return fmt.Errorf(":1:1: the icon is no PNG image: %w", err)
	}
	if rest.Len() > 0 {
		return fmt.Errorf(":1:1: %d bytes stand behind the image of the icon", rest.Len())
	}
	return nil
}

// What an icon may hold: shapes and how they are painted. Everything that runs,
// loads, links or styles is left out.
var (
	iconElements = set("svg g defs title desc path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath")

	iconAttributes = set("xmlns version viewBox preserveAspectRatio width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points " +
		"transform id fill fill-rule fill-opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset " +
		"stroke-miterlimit stroke-opacity opacity color clip-path clip-rule clipPathUnits offset stop-color stop-opacity " +
		"gradientUnits gradientTransform spreadMethod role aria-label aria-hidden")

	// iconValue is what attributes are written with: numbers, words, colours, and
	// references to parts of the icon itself.
	iconValue = regexp.MustCompile(`^([^:;\\@<>&"'(]|(url\(#[A-Za-z0-9_-]+\))|\b(matrix|translate|scale|rotate|skewX|skewY|rgba?|hsla?)\()*$`)
)

const (
	svgSpace = "http://www.w3.org/2000/svg"
	xmlSpace = "http://www.w3.org/XML/1998/namespace"
)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// vetSVG refuses an SVG image that could do anything but be seen. Its errors
// begin with ":line:column:", for the file's name to go before.
func vetSVG(icon []byte) error {
	if len(icon) > maxIcon {
		return fmt.Errorf(":1:1: the icon has more than %d bytes", maxIcon)
	}
	d := xml.NewDecoder(bytes.NewReader(icon))
	depth, seen := 0, false
	for {
		line, column := d.InputPos()
		token, err := d.Token()
		if errors.Is(err, io.EOF) && seen {
			return nil
		}
		if err != nil {
			return fmt.Errorf(":%d:%d: the icon is no SVG image: %w", line, column, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = vetElement(t, depth == 0 && !seen)
			depth, seen = depth+1, true
		case xml.EndElement:
			depth--
		case xml.Directive:
			err = errors.New("the icon has a document type or entities")
		case xml.ProcInst:
			if t.Target != "xml" {
				err = errors.New("the icon has a processing instruction")
			}
		}
		if depth > maxNesting {
			err = errors.New("the icon is nested too deeply")
		}
		if err != nil {
			return fmt.Errorf(":%d:%d: %w", line, column, err)
		}
	}
}

func vetElement(t xml.StartElement, root bool) error {
	if root != (t.Name.Local == "svg") {
		return fmt.Errorf("the icon has an element <%s> there: it is one <svg> with shapes in it", t.Name.Local)
	}
	if t.Name.Space != svgSpace || !iconElements[t.Name.Local] {
		return fmt.Errorf("the icon has an element <%s>: only shapes and paint of %s are taken", t.Name.Local, svgSpace)
	}
	box := false
	for _, a := range t.Attr {
		box = box || a.Name.Local == "viewBox"
		switch {
		case a.Name.Local == "xmlns" && a.Value == svgSpace, a.Name.Space == xmlSpace && a.Name.Local == "space":
		case a.Name.Space != "" || !iconAttributes[a.Name.Local]:
			return fmt.Errorf("the icon has an attribute %s: only shapes and paint are taken", a.Name.Local)
		case !iconValue.MatchString(a.Value):
			return fmt.Errorf("the icon's attribute %s holds %q: it refers to nothing outside the icon", a.Name.Local, a.Value)
		}
	}
	if root && !box {
		return errors.New(`the icon has no viewBox, as in viewBox="0 0 24 24"`)
	}
	return nil
}

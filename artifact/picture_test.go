package artifact_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/artifact"
)

func picture(t *testing.T, width, height int) string {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnIconCanBeAPicture(t *testing.T) {
	good := picture(t, 64, 64)
	c, err := load(map[string]string{"rocket.yaml": rocket, "rocket.png": good})
	if err != nil {
		t.Fatal(err)
	}
	icon, ok := c.Icon("rocket")
	if !ok || string(icon) != good || artifact.IconType(icon) != "image/png" || artifact.IconExt(icon) != ".png" {
		t.Errorf("icon %t, %s", ok, artifact.IconType(icon))
	}
	if unknown, _ := c.Icon(artifact.Unknown); artifact.IconType(unknown) != "image/svg+xml" {
		t.Errorf("an SVG image is %s", artifact.IconType(unknown))
	}
	for _, f := range c.Files() {
		if f.ID == "rocket" && (string(f.Icon) != good || string(f.Entry) != rocket || f.Origin != artifact.OriginLocal) {
			t.Errorf("its files are %+v", f)
		}
	}
	for what, icon := range map[string]string{
		"no PNG image: ":     good[:len(good)/2],
		"no PNG image":       "<html>",
		"bytes stand behind": good + "<script>alert(1)</script>",
		"1025 x 1 pixels":    picture(t, 1025, 1),
		"1 x 2000 pixels":    picture(t, 1, 2000),
		"more than 262144":   good + strings.Repeat("x", 256<<10),
		"an SVG":             "",
	} {
		files := map[string]string{"rocket.yaml": rocket, "rocket.png": icon}
		if what == "an SVG" {
			files["rocket.png"], what = goodIcon, "no PNG image"
		}
		if _, err := load(files); err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "rocket.png:1:1: ") {
			t.Errorf("%q: error %v", what, err)
		}
	}
	if _, err := load(map[string]string{"rocket.yaml": rocket, "rocket.svg": good}); err == nil || !strings.Contains(err.Error(), "call it so") {
		t.Errorf("a picture called .svg: %v", err)
	}
	if _, err := load(map[string]string{"rocket.yaml": rocket, "rocket.svg": goodIcon, "rocket.png": good}); err == nil || !strings.Contains(err.Error(), "two icons") {
		t.Errorf("two icons: %v", err)
	}
}

package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// assetPath is what the addresses of style, script and images begin with: no
// repository can be called so.
const assetPath = "/_/"

//go:embed pages
var files embed.FS

// asset is a file that pages load.
type asset struct {
	content     []byte
	contentType string
	version     string // changes with the content
}

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// assets are the files by name, read once.
var assets = loadAssets()

func loadAssets() map[string]asset {
	found := map[string]asset{}
	entries, err := files.ReadDir("pages")
	if err != nil {
		panic(err) // the folder is in the program
	}
	for _, e := range entries {
		if t := assetTypes[path.Ext(e.Name())]; t != "" {
			content, err := files.ReadFile("pages/" + e.Name())
			if err != nil {
				panic(err)
			}
			sum := sha256.Sum256(content)
			found[e.Name()] = asset{content, t, hex.EncodeToString(sum[:6])}
		}
	}
	return found
}

// assetURL is the address of an asset. It changes with the content, so that
// clients may keep what they have got by it.
func assetURL(name string) string { return assetPath + name + "?v=" + assets[name].version }

func serveAsset(w http.ResponseWriter, r *http.Request, name string) error {
	a, ok := assets[name]
	if !ok {
		return errNoPage
	}
	header := w.Header()
	etag := `"` + a.version + `"`
	header.Set("Etag", etag)
	header.Set("Cache-Control", "max-age=300")
	if r.URL.Query().Get("v") == a.version {
		header.Set("Cache-Control", "max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Content-Length", strconv.Itoa(len(a.content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.content)
	}
	return nil
}

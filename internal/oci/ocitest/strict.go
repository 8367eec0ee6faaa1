package ocitest

import (
	"fmt"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

var strictCases = []Case{
	{"strict/refused", strictRefused},
	{"strict/accepted", strictAccepted},
	{"strict/depth", strictDepth},
}

// corpus is a manifest as text, with %CONFIG%, %LAYER% and %EMPTY% standing for
// the descriptors of blobs that are there.
type corpus struct {
	rule        string // of a refusal
	contentType string // empty: image manifest
	body        string
}

const (
	image = oci.MediaTypeImageManifest
	list  = oci.MediaTypeImageIndex
)

// refusals is the closed list: what two readers could understand differently,
// and what cannot be true.
var refusals = []corpus{
	{"json", "", ``},
	{"json", "", `{"schemaVersion":2`},
	{"json", "", `{"schemaVersion":NaN}`},
	{"json", "", "\xef\xbb\xbf" + `{"schemaVersion":2,"config":%CONFIG%,"layers":[]}`},
	{"object", "", `[]`},
	{"object", "", `null`},
	{"object", "", `"manifest"`},
	{"trailing", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[]}x`},
	{"trailing", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[]}{"manifests":[]}`},
	{"trailing", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[]}` + "\x00"},
	{"utf-8", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"annotations":{"a":"` + "\xff" + `"}}`},
	{"duplicate-key", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"layers":[%LAYER%]}`},
	{"duplicate-key", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"\u006cayers":[%LAYER%]}`},
	{"duplicate-key", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"annotations":{"a":"1","b":"2","a":"1"}}`},
	{"duplicate-key", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"unknown":[{"x":{"y":1,"y":2}}]}`},
	{"duplicate-key", "", `{"schemaVersion":2,"config":{"size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","mediaType":"a/b","size":2},"layers":[]}`},
	{"letter-case", "", `{"schemaVersion":2,"config":%CONFIG%,"Layers":[%LAYER%]}`},
	{"letter-case", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"MANIFESTS":[]}`},
	{"letter-case", "", `{"SchemaVersion":2,"config":%CONFIG%,"layers":[]}`},
	{"letter-case", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[{"Digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}]}`},
	{"letter-case", list, `{"schemaVersion":2,"manifests":[{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"platform":{"os":"linux","Architecture":"amd64"}}]}`},
	{"letter-case", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"subject":{"mediaType":"a/b","Size":3,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}`},
	{"ambiguous", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"manifests":[]}`},
	{"ambiguous", list, `{"schemaVersion":2,"manifests":[],"layers":[]}`},
	{"ambiguous", list, `{"schemaVersion":2,"manifests":[],"config":%CONFIG%}`},
	{"media-type", "", `{"schemaVersion":2,"mediaType":"` + list + `","manifests":[]}`},
	{"media-type", list, `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%,"layers":[]}`},
	{"media-type", oci.MediaTypeDockerManifest, `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%,"layers":[]}`},
	{"schema1", "application/vnd.docker.distribution.manifest.v1+prettyjws", `{"schemaVersion":1,"name":"x","tag":"y","fsLayers":[],"history":[],"signatures":[]}`},
	{"schema1", "application/vnd.docker.distribution.manifest.v1+json", `{"schemaVersion":1,"name":"x","tag":"y","fsLayers":[],"history":[]}`},
	{"digest", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:abc","size":2},"layers":[]}`},
	{"digest", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","size":2},"layers":[]}`},
	{"digest", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A","size":2},"layers":[]}`},
	{"digest", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[{"mediaType":"a/b","digest":"sha256:../../etc/passwd","size":2}]}`},
	{"digest", "", `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"subject":{"mediaType":"a/b","digest":"latest","size":2}}`},
	{"size", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":-1},"layers":[]}`},
	{"size", list, `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":-9223372036854775808}]}`},
	{"size", list, `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":9223372036854775808}]}`},
	{"size", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":3},"layers":[]}`},
	{"data", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"W10="},"layers":[]}`},
	{"data", "", `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"!!"},"layers":[]}`},
	{"data", list, `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":3,"data":"e30="}]}`},
}

// acceptances are what real tools write, and what nothing forbids.
var acceptances = []corpus{
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[%LAYER%]}`},
	{body: `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%,"layers":null}`},
	{body: `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%}`},
	{body: `{"config":%CONFIG%,"layers":[]}`},
	{body: " \r\n\t" + `{"schemaVersion":2,"config":%CONFIG%,"layers":[]}` + "\n \t\r\n"},
	{body: `{"schemaVersion":2,"config":%EMPTY%,"layers":[%LAYER%]}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[%EMPTY%,%LAYER%,%LAYER%]}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"annotations":{"title":"a","Title":"b","TITLE":"c","Layers":"d","DIGEST":"e"}}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"annotations":null}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"annotations":{"number":1,"list":[1],"string":"kept"}}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"subject":null,"artifactType":""}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"unknown":{"Digest":1,"digest":2,"Layers":[],"layers":{}},"x-y":null}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"artifactType":"no media type at all"}`},
	{contentType: image + "; charset=utf-8", body: `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%,"layers":[]}`},
	{contentType: "none", body: `{"schemaVersion":2,"mediaType":"` + image + `","config":%CONFIG%,"layers":[]}`},
	{contentType: "none", body: `{"schemaVersion":2,"mediaType":"` + list + `","manifests":[]}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[%ODD%]}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}`},
	{body: `{"schemaVersion":2,"config":%CONFIG%,"layers":[],"subject":{"mediaType":"a/b","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b","size":0}}`},
	{contentType: list, body: `{"schemaVersion":2,"manifests":[]}`},
	{contentType: list, body: `{"schemaVersion":2,"manifests":null,"annotations":{}}`},
	{contentType: list, body: `{"schemaVersion":2,"manifests":[%LAYER%,%CONFIG%,%EMPTY%]}`},
	{contentType: list, body: `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"blake3:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":5,"platform":{"os":"plan9","architecture":"quantum","variant":"v0","os.features":["x"],"unknown":1}}]}`},
	{contentType: list, body: `{"schemaVersion":2,"manifests":[{"mediaType":"a/b","digest":"made+up.algo:AZ_-=09","size":9223372036854775807,"platform":"not an object"}]}`},
	{contentType: oci.MediaTypeDockerList, body: `{"schemaVersion":2,"mediaType":"` + oci.MediaTypeDockerList + `","manifests":[{"mediaType":"` + oci.MediaTypeDockerManifest + `","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b","size":2,"platform":{"os":"linux","architecture":"arm","features":["sse4"]}}]}`},
}

// filled puts the descriptors of pushed blobs into the corpus.
func (f *Fixture) filled() *strings.Replacer {
	d := func(o oci.Descriptor, mediaType string) string {
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, mediaType, o.Digest, o.Size)
	}
	layer := f.blob(repo, "layer of the corpus")
	return strings.NewReplacer(
		"%CONFIG%", d(f.blob(repo, "{}"), "application/vnd.oci.image.config.v1+json"),
		"%LAYER%", d(layer, "application/vnd.oci.image.layer.v1.tar+gzip"),
		"%ODD%", d(layer, "application/vnd.cncf.helm.chart.content.v1.tar+gzip; charset=utf-8; x=Y"),
		"%EMPTY%", d(f.blob(repo, ""), "application/octet-stream"),
	)
}

func (f *Fixture) pushText(contentType, body string) (oci.Pushed, error) {
	switch contentType {
	case "":
		contentType = image
	case "none":
		contentType = ""
	}
	return f.R.Push(f.ctx, repo, oci.Push{MediaType: contentType, Content: []byte(body), Tags: []oci.Tag{"v1"}, Grant: oci.Everything})
}

func strictRefused(f *Fixture) {
	fill := f.filled()
	for _, c := range refusals {
		body := fill.Replace(c.body)
		_, err := f.pushText(c.contentType, body)
		if oci.AsError(err) == nil || oci.AsError(err).Code != oci.ManifestInvalid {
			f.Errorf("%s: %s\nerror is %v, want MANIFEST_INVALID", c.rule, body, err)
			continue
		}
		f.names(oci.AsError(err), `"rule":"`+c.rule+`"`)
		f.gone(repo, "v1")
		f.gone(repo, string(oci.SHA256.Sum([]byte(body))))
	}
}

func strictAccepted(f *Fixture) {
	fill := f.filled()
	for _, c := range acceptances {
		body := fill.Replace(c.body)
		p, err := f.pushText(c.contentType, body)
		if err != nil {
			f.Errorf("%s\nis refused: %v", body, err)
			continue
		}
		f.holds(repo, "v1", p.Descriptor.Digest, []byte(body))
	}
}

// 64 levels are taken, and not one more, however many there are.
func strictDepth(f *Fixture) {
	fill := f.filled()
	nested := func(levels int) string { // the object itself is the first level
		return fill.Replace(`{"config":%CONFIG%,"layers":[],"x":`) + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
	}
	_, err := f.pushText("", nested(64))
	f.no(err)
	for _, levels := range []int{65, 1000, 100_000} {
		_, err := f.pushText("", nested(levels))
		f.names(f.fails(err, oci.ManifestInvalid), `"rule":"depth"`)
	}
	_, err = f.pushText("", strings.Repeat(`{"a":`, 100_000))
	f.fails(err, oci.ManifestInvalid)
	_, err = f.pushText("", fill.Replace(`{"config":%CONFIG%,"layers":[],"brackets":"`)+strings.Repeat("[{", 500)+`\"`+strings.Repeat("[", 500)+`"}`)
	f.no(err)
}

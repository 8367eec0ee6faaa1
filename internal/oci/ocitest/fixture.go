package ocitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Fixture is what a case works with: an empty registry and the test.
type Fixture struct {
	*testing.T
	R   oci.Registry
	ctx context.Context
}

const repo = oci.Name("library/one")

// no fails the case on an error.
func (f *Fixture) no(err error) {
	f.Helper()
	if err != nil {
		f.Fatalf("unexpected error: %v", err)
	}
}

// fails wants an error of one of the codes, and returns it.
func (f *Fixture) fails(err error, codes ...oci.Code) *oci.Error {
	f.Helper()
	e := oci.AsError(err)
	if e == nil || !slices.Contains(codes, e.Code) {
		f.Fatalf("error is %v, want %v", err, codeNames(codes))
	}
	return e
}

func codeNames(codes []oci.Code) (names []string) {
	for _, c := range codes {
		names = append(names, string(c))
	}
	return names
}

// names wants an error whose message or detail holds every one of the words.
func (f *Fixture) names(e *oci.Error, words ...string) {
	f.Helper()
	detail, err := json.Marshal(e.Detail)
	f.no(err)
	said := e.Message + " " + string(detail)
	for _, w := range words {
		if !strings.Contains(said, w) {
			f.Errorf("error %q does not name %s", said, w)
		}
	}
}

// upload starts an upload.
func (f *Fixture) upload(name oci.Name) oci.Upload {
	f.Helper()
	up, err := f.R.StartUpload(f.ctx, name, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	f.no(err)
	return up
}

// resume goes on with an upload.
func (f *Fixture) resume(name oci.Name, id string) oci.Upload {
	f.Helper()
	up, err := f.R.ResumeUpload(f.ctx, name, id)
	f.no(err)
	return up
}

func (f *Fixture) write(up oci.Upload, content string) {
	f.Helper()
	up.Expect(int64(len(content)))
	n, err := io.WriteString(up, content)
	f.no(err)
	if n != len(content) {
		f.Fatalf("wrote %d bytes of %d", n, len(content))
	}
}

// blob pushes content under its digest by a, and describes it as a layer.
func (f *Fixture) blobAs(name oci.Name, a oci.Algorithm, content string) oci.Descriptor {
	f.Helper()
	up := f.upload(name)
	f.write(up, content)
	d := a.Sum([]byte(content))
	f.no(up.Commit(d))
	return oci.Descriptor{MediaType: "application/vnd.oci.image.layer.v1.tar", Digest: d, Size: int64(len(content))}
}

func (f *Fixture) blob(name oci.Name, content string) oci.Descriptor {
	f.Helper()
	return f.blobAs(name, oci.SHA256, content)
}

// read wants a blob to be readable with this content.
func (f *Fixture) read(name oci.Name, d oci.Digest, content string) {
	f.Helper()
	stat, err := f.R.StatBlob(f.ctx, name, d)
	f.no(err)
	if stat.Digest != d || stat.Size != int64(len(content)) {
		f.Errorf("blob is %s of %d bytes, want %s of %d", stat.Digest, stat.Size, d, len(content))
	}
	b, err := f.R.OpenBlob(f.ctx, name, d)
	f.no(err)
	got, err := io.ReadAll(b.Content)
	f.no(errors.Join(err, b.Close()))
	if string(got) != content {
		f.Errorf("blob %s has %d bytes that are not the %d pushed", d, len(got), len(content))
	}
}

// noBlob wants a blob to be unknown in name.
func (f *Fixture) noBlob(name oci.Name, d oci.Digest) {
	f.Helper()
	_, err := f.R.StatBlob(f.ctx, name, d)
	f.fails(err, oci.BlobUnknown, oci.NameUnknown)
	_, err = f.R.OpenBlob(f.ctx, name, d)
	f.fails(err, oci.BlobUnknown, oci.NameUnknown)
}

// manifest is a manifest under construction: the members of a JSON object.
type manifest map[string]any

func (m manifest) bytes() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// image is a small image manifest with its config and one layer, both pushed.
// The label makes it differ from others.
func (f *Fixture) image(name oci.Name, label string) manifest {
	f.Helper()
	config := f.blob(name, `{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}`)
	config.MediaType = "application/vnd.oci.image.config.v1+json"
	return manifest{
		"schemaVersion": 2, "mediaType": oci.MediaTypeImageManifest,
		"config": config, "layers": []oci.Descriptor{f.blob(name, "layer of "+label)},
		"annotations": map[string]string{"label": label},
	}
}

// index is an image index of the children.
func index(children ...oci.Descriptor) manifest {
	if children == nil {
		children = []oci.Descriptor{}
	}
	return manifest{"schemaVersion": 2, "mediaType": oci.MediaTypeImageIndex, "manifests": children}
}

// empty pushes the empty JSON object and describes it.
func (f *Fixture) empty(name oci.Name) oci.Descriptor {
	f.Helper()
	d := f.blob(name, "{}")
	d.MediaType = oci.MediaTypeEmpty
	return d
}

// push pushes a manifest with tags, by digest when there are none, and returns
// its descriptor.
func (f *Fixture) push(name oci.Name, m manifest, tags ...oci.Tag) oci.Descriptor {
	f.Helper()
	p, err := f.tryPush(name, m, tags...)
	f.no(err)
	return p.Descriptor
}

func (f *Fixture) tryPush(name oci.Name, m manifest, tags ...oci.Tag) (oci.Pushed, error) {
	mediaType, _ := m["mediaType"].(string)
	p := oci.Push{MediaType: mediaType, Content: m.bytes(), Tags: tags, Grant: oci.Everything}
	return f.R.Push(f.ctx, name, p)
}

// get fetches a manifest, wants Resolve to agree with it, and returns it.
func (f *Fixture) get(name oci.Name, ref string) *oci.Manifest {
	f.Helper()
	r, err := oci.ParseReference(ref)
	f.no(err)
	m, err := f.R.Manifest(f.ctx, name, r)
	f.no(err)
	head, err := f.R.Resolve(f.ctx, name, r)
	f.no(err)
	if head.Descriptor.Digest != m.Descriptor.Digest || head.Descriptor.Size != m.Descriptor.Size || head.Descriptor.MediaType != m.Descriptor.MediaType || head.Type != m.Type {
		f.Errorf("%s: Resolve says %+v, Manifest says %+v", ref, head.Descriptor, m.Descriptor)
	}
	return m
}

// holds wants a reference to name a manifest with these bytes.
func (f *Fixture) holds(name oci.Name, ref string, d oci.Digest, content []byte) {
	f.Helper()
	m := f.get(name, ref)
	if m.Descriptor.Digest != d || m.Descriptor.Size != int64(len(content)) || !bytes.Equal(m.Content, content) {
		f.Errorf("%s is %s of %d bytes, want %s of %d, byte for byte", ref, m.Descriptor.Digest, m.Descriptor.Size, d, len(content))
	}
}

// gone wants a reference to be unknown.
func (f *Fixture) gone(name oci.Name, ref string) {
	f.Helper()
	r, err := oci.ParseReference(ref)
	f.no(err)
	_, err = f.R.Manifest(f.ctx, name, r)
	f.fails(err, oci.ManifestUnknown, oci.NameUnknown)
	_, err = f.R.Resolve(f.ctx, name, r)
	f.fails(err, oci.ManifestUnknown, oci.NameUnknown)
}

// tagNames lists all tags of name.
func (f *Fixture) tagNames(name oci.Name) []string {
	f.Helper()
	l, err := f.R.Tags(f.ctx, name, oci.Page{N: -1})
	f.no(err)
	return l.Names
}

// each runs work n times at once and returns the errors by place.
func each(n int, work func(i int) error) []error {
	errs := make([]error, n)
	done := make(chan struct{})
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			errs[i] = work(i)
		}()
	}
	for range n {
		<-done
	}
	return errs
}

// pattern is n bytes that repeat nowhere near.
func pattern(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%08x", i*2654435761)
	}
	return b.String()[:n]
}

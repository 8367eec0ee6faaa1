package sign

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/errdef"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
)

// payload is what the classic form signs.
type payload struct {
	Critical struct {
		Identity struct {
			Reference string `json:"docker-reference"`
		} `json:"identity"`
		Image struct {
			Digest string `json:"docker-manifest-digest"`
		} `json:"image"`
		Type string `json:"type"`
	} `json:"critical"`
	Optional map[string]any `json:"optional"`
}

// Sign writes the key's signature of what a descriptor names, which is at an address,
// in the classic form, beside those of others. What is signed by the key already stays
// as it is.
func (k *PrivateKey) Sign(ctx context.Context, to oras.GraphTarget, at oci.Address, d ocispec.Descriptor) error {
	m, err := signatures(ctx, to, d)
	if err != nil {
		return fmt.Errorf("signatures under the tag %s: %w", tagOf(d), err)
	}
	there, err := findTag(ctx, to, d)
	if err != nil {
		return err
	}
	for _, s := range there {
		if s.about != nil && s.about[0] == oci.Digest(d.Digest) && k.public.verifies(s.message, s.signature) {
			return nil
		}
	}
	var p payload
	p.Critical.Identity.Reference = at.Host + "/" + string(at.Name)
	p.Critical.Image.Digest = string(d.Digest)
	p.Critical.Type = words().Tag.Payload
	message, err := json.Marshal(p)
	if err != nil {
		return err
	}
	signature, err := k.sign(message)
	if err != nil {
		return err
	}
	layer, err := put(ctx, to, words().Tag.Layer, message)
	if err != nil {
		return err
	}
	layer.Annotations = map[string]string{words().Tag.Annotation: base64.StdEncoding.EncodeToString(signature)}
	m.Layers = append(m.Layers, layer)
	return k.write(ctx, to, m, tagOf(d))
}

// signatures is the manifest with the signatures that are there, else an empty one.
func signatures(ctx context.Context, from Source, d ocispec.Descriptor) (*ocispec.Manifest, error) {
	m := &ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	in, err := from.Resolve(ctx, tagOf(d))
	if errors.Is(err, errdef.ErrNotFound) {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := share.Get(ctx, from, in, maxManifest)
	if err != nil {
		return nil, err
	}
	return m, json.Unmarshal(text, m)
}

// write puts the manifest of signatures under its tag. Its config is that of an image
// whose layers are the payloads: tools take it for one.
func (k *PrivateKey) write(ctx context.Context, to oras.GraphTarget, m *ocispec.Manifest, tag string) error {
	image := ocispec.Image{RootFS: ocispec.RootFS{Type: "layers"}}
	for _, l := range m.Layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, l.Digest)
	}
	config, err := json.Marshal(image)
	if err != nil {
		return err
	}
	if m.Config, err = put(ctx, to, ocispec.MediaTypeImageConfig, config); err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	d, err := put(ctx, to, m.MediaType, text)
	if err != nil {
		return err
	}
	return to.Tag(ctx, d, tag)
}

// put stores content that is not there yet.
func put(ctx context.Context, to oras.GraphTarget, mediaType string, content []byte) (ocispec.Descriptor, error) {
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	there, err := to.Exists(ctx, d)
	if err == nil && !there {
		err = to.Push(ctx, d, bytes.NewReader(content))
	}
	if err != nil && !errors.Is(err, errdef.ErrAlreadyExists) {
		return d, fmt.Errorf("push %s %s: %w", mediaType, d.Digest, err)
	}
	return d, nil
}

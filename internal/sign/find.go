package sign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"

	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/share"
)

// Signature is somebody's word for an artifact, not verified yet.
type Signature struct {
	In  ocispec.Descriptor // the manifest that holds it
	Tag string             // of that manifest; empty when it is attached

	message   []byte
	signature []byte
	about     []oci.Digest // what the message says is signed
}

// Find reads the signatures of what a descriptor names, in both forms. What is in their
// place and is none of these is an error.
func Find(ctx context.Context, from Source, d ocispec.Descriptor) ([]Signature, error) {
	byTag, err := findTag(ctx, from, d)
	if err != nil {
		return nil, fmt.Errorf("signatures under the tag %s: %w", tagOf(d), err)
	}
	attached, err := findAttached(ctx, from, d)
	if err != nil {
		return nil, fmt.Errorf("signatures attached to %s: %w", d.Digest, err)
	}
	return slices.Concat(byTag, attached), nil
}

// findTag reads the classic form.
func findTag(ctx context.Context, from Source, d ocispec.Descriptor) (all []Signature, err error) {
	in, err := from.Resolve(ctx, tagOf(d))
	if errors.Is(err, errdef.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m, err := readManifest(ctx, from, in)
	if err != nil {
		return nil, err
	}
	for _, layer := range m.Layers {
		if layer.MediaType != words().Tag.Layer {
			continue // a manifest that others write may hold more
		}
		s := Signature{In: in, Tag: tagOf(d)}
		if s.signature, err = base64.StdEncoding.DecodeString(layer.Annotations[words().Tag.Annotation]); err != nil {
			return nil, fmt.Errorf("%s: %w", in.Digest, err)
		}
		if s.message, err = share.Get(ctx, from, describe(layer), maxPayload); err != nil {
			return nil, err
		}
		s.about = aboutPayload(s.message)
		all = append(all, s)
	}
	return all, nil
}

// aboutPayload is what the payload of a classic signature is about.
func aboutPayload(message []byte) []oci.Digest {
	var p payload
	if json.Unmarshal(message, &p) != nil || p.Critical.Type != words().Tag.Payload {
		return nil
	}
	return []oci.Digest{oci.Digest(p.Critical.Image.Digest)}
}

// findAttached reads the newer form.
func findAttached(ctx context.Context, from Source, d ocispec.Descriptor) (all []Signature, err error) {
	referrers, err := registry.Referrers(ctx, from, ocispec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size}, "")
	if err != nil {
		return nil, err
	}
	for _, in := range referrers {
		if !strings.HasPrefix(in.ArtifactType, words().Bundle.ArtifactType) {
			continue
		}
		if len(all) == maxSignatures {
			return nil, fmt.Errorf("there are more than %d", maxSignatures)
		}
		s, err := readBundle(ctx, from, in)
		if err != nil {
			return nil, err
		}
		all = append(all, s...)
	}
	return all, nil
}

// bundle is a Sigstore bundle, as far as a key needs it.
type bundle struct {
	Envelope struct {
		Payload    []byte `json:"payload"`
		Type       string `json:"payloadType"`
		Signatures []struct {
			Sig []byte `json:"sig"`
		} `json:"signatures"`
	} `json:"dsseEnvelope"`
}

// statement is an in-toto statement.
type statement struct {
	Subject []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Predicate string `json:"predicateType"`
}

func readBundle(ctx context.Context, from Source, in ocispec.Descriptor) (all []Signature, err error) {
	m, err := readManifest(ctx, from, in)
	if err != nil {
		return nil, err
	}
	if says, ok := m.Annotations[words().Bundle.Annotation]; ok && says != words().Bundle.Predicate {
		return nil, nil // it says something else, maybe at length
	}
	for _, layer := range m.Layers {
		text, err := share.Get(ctx, from, describe(layer), maxPayload)
		if err != nil {
			return nil, err
		}
		var b bundle
		if err := json.Unmarshal(text, &b); err != nil {
			return nil, fmt.Errorf("%s: %w", layer.Digest, err)
		}
		about := aboutStatement(b.Envelope.Type, b.Envelope.Payload)
		for _, s := range b.Envelope.Signatures {
			all = append(all, Signature{In: in, message: envelope(b.Envelope.Type, b.Envelope.Payload), signature: s.Sig, about: about})
		}
	}
	return all, nil
}

// envelope is the encoding that DSSE signs (its protocol.md, "PAE").
func envelope(kind string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
}

// aboutStatement is what a statement says is signed. One of another predicate says
// something else of it, such as what is wrong with it.
func aboutStatement(kind string, payload []byte) (all []oci.Digest) {
	var s statement
	if kind != words().Bundle.Payload || json.Unmarshal(payload, &s) != nil || s.Predicate != words().Bundle.Predicate {
		return nil
	}
	for _, subject := range s.Subject {
		for algorithm, encoded := range subject.Digest {
			all = append(all, oci.Digest(algorithm+":"+encoded))
		}
	}
	return all
}

func readManifest(ctx context.Context, from Source, d ocispec.Descriptor) (*oci.Parsed, error) {
	text, err := share.Get(ctx, from, d, maxManifest)
	if err != nil {
		return nil, err
	}
	m, err := oci.ParseManifest(d.MediaType, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Digest, err)
	}
	if len(m.Layers) > maxSignatures {
		return nil, fmt.Errorf("%s has %d layers: at most %d are looked at", d.Digest, len(m.Layers), maxSignatures)
	}
	return m, nil
}

func describe(d oci.Descriptor) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: d.MediaType, Digest: digest.Digest(d.Digest), Size: d.Size}
}

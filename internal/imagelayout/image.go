package imagelayout

import (
	"archive/tar"
	"bytes"
	"compress/gzip"

	"github.com/argosy-registry/argosy/internal/oci"
)

// mediaTypeLayer is that of an image's layer (image-spec media-types.md).
const mediaTypeLayer = "application/vnd.oci.image.layer.v1.tar+gzip"

// Image is a container image of one layer.
type Image struct {
	Platform oci.Platform
	Files    []File
	Config   Config
	Labels   map[string]string // annotations of the manifest and labels of the config
}

// File is a member of the layer.
type File struct {
	Name    string // without a leading slash
	Mode    int64  // permission bits
	Owner   int    // user and group id
	Folder  bool
	Content []byte
}

// Config says how the image runs (image-spec config.md).
type Config struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	Volumes      map[string]struct{} `json:"Volumes,omitempty"`
	WorkingDir   string              `json:"WorkingDir,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
	StopSignal   string              `json:"StopSignal,omitempty"`
}

type configFile struct {
	oci.Platform
	Config Config `json:"config"`
	RootFS rootFS `json:"rootfs"`
}

type rootFS struct {
	Type    string       `json:"type"`
	DiffIDs []oci.Digest `json:"diff_ids"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        oci.Descriptor    `json:"config"`
	Layers        []oci.Descriptor  `json:"layers"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// write stores layer, config and manifest, and returns the manifest's descriptor
// with its platform.
func (i Image) write(dir string) (oci.Descriptor, error) {
	plain, packed, err := pack(i.Files)
	if err != nil {
		return oci.Descriptor{}, err
	}
	layer, err := writeBlob(dir, mediaTypeLayer, packed)
	if err != nil {
		return oci.Descriptor{}, err
	}
	run := i.Config
	run.Labels = i.Labels
	config, err := writeJSON(dir, oci.MediaTypeImageConfig, configFile{
		Platform: i.Platform,
		Config:   run,
		RootFS:   rootFS{Type: "layers", DiffIDs: []oci.Digest{oci.SHA256.Sum(plain)}},
	})
	if err != nil {
		return oci.Descriptor{}, err
	}
	d, err := writeJSON(dir, oci.MediaTypeImageManifest, manifest{
		SchemaVersion: 2,
		MediaType:     oci.MediaTypeImageManifest,
		Config:        config,
		Layers:        []oci.Descriptor{layer},
		Annotations:   i.Labels,
	})
	d.Platform = &i.Platform
	return d, err
}

// pack makes the layer, as a plain and as a gzipped tar without times or names
// of users in it.
func pack(files []File) (plain, packed []byte, err error) {
	var archive bytes.Buffer
	tw := tar.NewWriter(&archive)
	for _, f := range files {
		if err := tw.WriteHeader(f.header()); err != nil {
			return nil, nil, err
		}
		if _, err := tw.Write(f.Content); err != nil {
			return nil, nil, err
		}
	}
	if err := tw.Close(); err != nil {
		return nil, nil, err
	}
	var zipped bytes.Buffer
	zw := gzip.NewWriter(&zipped)
	if _, err := zw.Write(archive.Bytes()); err != nil {
		return nil, nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, nil, err
	}
	return archive.Bytes(), zipped.Bytes(), nil
}

func (f File) header() *tar.Header {
	h := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     f.Name,
		Mode:     f.Mode,
		Uid:      f.Owner,
		Gid:      f.Owner,
		Size:     int64(len(f.Content)),
		Format:   tar.FormatUSTAR,
	}
	if f.Folder {
		h.Typeflag = tar.TypeDir
		h.Name += "/"
	}
	return h
}

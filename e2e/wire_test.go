package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
)

const (
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeEmpty    = "application/vnd.oci.empty.v1+json"
)

// answer is a whole HTTP answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends one request with a body of known length, or of unknown length when body
// is neither nil nor a *bytes.Reader.
func (s *server) do(method, path string, body io.Reader, headers ...string) (answer, error) {
	target := path
	if strings.HasPrefix(path, "/") {
		target = s.url(path)
	}
	req, err := http.NewRequest(method, target, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, content}, err
}

// must is do for a request that has to be answered with the given status.
func (s *server) must(status int, method, path string, body io.Reader, headers ...string) answer {
	s.t.Helper()
	a, err := s.do(method, path, body, headers...)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		s.t.Fatalf("%s %s answered %d, want %d:\n%.600s", method, path, a.status, status, a.body)
	}
	return a
}

// digestOf is the sha256 digest of content.
func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// noise is n bytes that do not compress, the same for the same seed.
func noise(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24), 1})
	content := make([]byte, n)
	r.Read(content)
	return content
}

// pushBlob uploads content with POST and PUT, and returns the status of the PUT.
func (s *server) pushBlob(repo string, content []byte) (int, error) {
	a, err := s.do("POST", "/v2/"+repo+"/blobs/uploads/", nil)
	if err != nil || a.status != http.StatusAccepted {
		return a.status, err
	}
	to, err := s.location(a, "digest", digestOf(content))
	if err != nil {
		return 0, err
	}
	a, err = s.do("PUT", to, bytes.NewReader(content), "Content-Type", "application/octet-stream")
	return a.status, err
}

// location resolves an answer's Location and adds query parameters to it.
func (s *server) location(a answer, query ...string) (string, error) {
	base, err := url.Parse(s.url("/"))
	if err != nil {
		return "", err
	}
	to, err := base.Parse(a.header.Get("Location"))
	if err != nil {
		return "", err
	}
	q := to.Query()
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	to.RawQuery = q.Encode()
	return to.String(), nil
}

// pushManifest puts a manifest under a tag or digest and returns the status.
func (s *server) pushManifest(repo, ref, mediaType string, content []byte) (int, error) {
	a, err := s.do("PUT", "/v2/"+repo+"/manifests/"+ref, bytes.NewReader(content), "Content-Type", mediaType)
	return a.status, err
}

// descriptor is the part of an image-spec descriptor that the tests write and read.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

func describe(mediaType string, content []byte) descriptor {
	return descriptor{MediaType: mediaType, Digest: digestOf(content), Size: len(content)}
}

// artifactManifest is an artifact of the given type with one layer and no config.
func artifactManifest(artifactType string, layer []byte) []byte {
	content, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     typeManifest,
		"artifactType":  artifactType,
		"config":        describe(typeEmpty, []byte("{}")),
		"layers":        []descriptor{describe("application/octet-stream", layer)},
	})
	if err != nil {
		panic(err) // strings and numbers only
	}
	return content
}

// pushArtifact pushes layer, empty config and manifest, and returns the manifest.
// The error tells the first step that was not answered with 201.
func (s *server) pushArtifact(repo, tag, artifactType string, layer []byte) ([]byte, error) {
	for _, blob := range [][]byte{[]byte("{}"), layer} {
		if status, err := s.pushBlob(repo, blob); err != nil || status != http.StatusCreated {
			return nil, fmt.Errorf("blob of %d bytes: status %d (%v)", len(blob), status, err)
		}
	}
	manifest := artifactManifest(artifactType, layer)
	if status, err := s.pushManifest(repo, tag, typeManifest, manifest); err != nil || status != http.StatusCreated {
		return manifest, fmt.Errorf("manifest: status %d (%v)", status, err)
	}
	return manifest, nil
}

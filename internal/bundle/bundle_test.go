package bundle_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argosy-registry/argosy/internal/bundle"
)

func TestThereAndBack(t *testing.T) {
	want := map[string][]byte{"a.yaml": []byte("id: a\n"), "a.svg": []byte("<svg/>"), "b.yaml": []byte("\x00\xff"), "b.png": {}}
	packed, err := bundle.Pack(want)
	if err != nil || !strings.HasPrefix(string(packed), bundle.Magic) {
		t.Fatal(err)
	}
	got, err := bundle.Unpack(packed)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if again, _ := bundle.Pack(got); !bytes.Equal(again, packed) {
		t.Error("the same set has other bytes")
	}
	if none, err := bundle.Pack(nil); none != nil || err != nil {
		t.Errorf("none: %q, %v", none, err)
	}
	if none, err := bundle.Unpack(nil); len(none) > 0 || err != nil {
		t.Errorf("none: %q, %v", none, err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	archive := func(write func(w *zip.Writer)) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		write(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	add := func(w *zip.Writer, name string, size int) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for says, packed := range map[string][]byte{
		"cannot be read":      []byte("no archive"),
		"../a.yaml":           archive(func(w *zip.Writer) { add(w, "../a.yaml", 1) }),
		"/etc/a.yaml":         archive(func(w *zip.Writer) { add(w, "/etc/a.yaml", 1) }),
		"sub/a.yaml":          archive(func(w *zip.Writer) { add(w, "sub/a.yaml", 1) }),
		`c:\\a.yaml`:          archive(func(w *zip.Writer) { add(w, `c:\a.yaml`, 1) }),
		".hidden.yaml":        archive(func(w *zip.Writer) { add(w, ".hidden.yaml", 1) }),
		"run.sh":              archive(func(w *zip.Writer) { add(w, "run.sh", 1) }),
		"twice":               archive(func(w *zip.Writer) { add(w, "a.yaml", 1); add(w, "a.yaml", 1) }),
		"more than":           archive(func(w *zip.Writer) { add(w, "a.yaml", 100<<20) }),
		"too much":            archive(func(w *zip.Writer) { bomb(w, add) }),
		"b.yaml in the bundl": archive(func(w *zip.Writer) { raw(w, "b.yaml") }),
	} {
		if files, err := bundle.Unpack(packed); err == nil || !strings.Contains(err.Error(), says) || files != nil {
			t.Errorf("want %q: %v", says, err)
		}
	}
}

func bomb(w *zip.Writer, add func(*zip.Writer, string, int)) {
	for i := range 20 {
		add(w, fmt.Sprintf("a%d.yaml", i), 1<<20)
	}
}

// raw writes a file whose bytes are not as the archive says.
func raw(w *zip.Writer, name string) {
	f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: 4, UncompressedSize64: 4})
	if err == nil {
		_, _ = f.Write([]byte("\xff\xff\xff\xff"))
	}
}

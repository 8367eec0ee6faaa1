package registry_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argosy-registry/argosy/internal/blob/mem"
	"github.com/argosy-registry/argosy/internal/oci"
	"github.com/argosy-registry/argosy/internal/registry/registrytest"
	"github.com/argosy-registry/argosy/internal/store"
	"github.com/argosy-registry/argosy/internal/store/storetest"
)

// An upload that came and went without a row has ended all the same.
func TestAnUploadWithoutARowEnds(t *testing.T) {
	r := registrytest.Open(t)
	u, err := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write([]byte("all")); err != nil {
		t.Fatal(err)
	}
	if err := u.Commit(oci.SHA256.Sum([]byte("all"))); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ResumeUpload(ctx, repo, u.ID()); !errors.Is(err, oci.BlobUploadUnknown) {
		t.Errorf("the upload goes on after its commit: %v", err)
	}
}

// Two requests for one upload come one after the other; one that would have to
// wait for long is told how far the upload is.
func TestOneRequestAtATimeWritesAnUpload(t *testing.T) {
	r := registrytest.Open(t)
	first, err := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	sizes := make(chan int64)
	go func() {
		second, err := r.ResumeUpload(ctx, repo, first.ID())
		if err != nil {
			t.Error(err)
			close(sizes)
			return
		}
		sizes <- second.Size()
	}()
	time.Sleep(10 * time.Millisecond) // the other way round is right too, and tests less
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n := <-sizes; n != 3 {
		t.Errorf("the second begins at %d bytes, want 3", n)
	}
	_, err = r.ResumeUpload(ctx, repo, first.ID()) // the second still holds it
	var e *oci.Error
	if !errors.As(err, &e) || e.Code != oci.RangeInvalid || e.Offset != 3 {
		t.Errorf("a third one gets %v, want RangeInvalid at 3", err)
	}
}

// Acknowledged bytes stay when the disk is too full to end their upload.
func TestAFullDiskLeavesAcknowledgedBytes(t *testing.T) {
	full := false
	db, err := store.OpenSQLite(filepath.Join(storetest.Dir(t), "argosy.db"), store.Options{Fault: func(statement string) error {
		if full && strings.HasPrefix(statement, "INSERT INTO blob ") {
			return oci.StorageFull.With(nil, "full")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	r := registrytest.New(t, registrytest.Options(t, db, mem.New(0)))
	content := bytesOf(50_000, 7)
	d := oci.SHA256.Sum(content)
	u, err := r.StartUpload(ctx, repo, oci.UploadOptions{Size: -1, Grant: oci.Everything})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	for _, full = range []bool{true, false} {
		u, err := r.ResumeUpload(ctx, repo, u.ID())
		if err != nil {
			t.Fatal(err)
		}
		if u.Size() != int64(len(content)) {
			t.Fatalf("the upload holds %d bytes, want %d", u.Size(), len(content))
		}
		if err := u.Commit(d); errors.Is(err, oci.StorageFull) != full || !full && err != nil {
			t.Fatalf("commit = %v, full disk: %v", err, full)
		}
	}
	if got, err := read(r, repo, d); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read back %d bytes: %v", len(got), err)
	}
}

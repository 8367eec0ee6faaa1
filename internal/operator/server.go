package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// socketName is the socket's file in the data folder.
const socketName = "operator.sock"

// maxRequest bounds the bytes of a request, in base64.
const maxRequest = 32 << 20

// change is the body of a request that adds entries.
type change struct {
	Files map[string][]byte `json:"files"`
}

// Serve answers on the socket in a data folder until ctx ends. The caller holds
// the folder: a socket that is there already was left by a process that is gone.
func Serve(ctx context.Context, folder string, o Owner) error {
	l, err := listen(folder)
	if err != nil {
		return fmt.Errorf("operator's socket: %w", err)
	}
	s := &http.Server{Handler: handler(o), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		grace, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer done()
		err = s.Shutdown(grace)
	}
	if rm := os.Remove(filepath.Join(folder, socketName)); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

func listen(folder string) (net.Listener, error) {
	name := filepath.Join(folder, socketName)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	near, done, err := shortPath(folder)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: near})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // the short path is good for now only
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// shortPath is another name of the socket in a folder: the name of a socket has at
// most some hundred bytes, and folders may be deep. It is good until done is called.
func shortPath(folder string) (name string, done func(), err error) {
	dir, err := os.Open(folder)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), socketName), func() { dir.Close() }, nil
}

func handler(o Owner) http.Handler {
	mux := http.NewServeMux()
	handleTypes(mux, o.Types)
	handleAdmission(mux, o.Admission)
	return mux
}

func handleTypes(mux *http.ServeMux, types Types) {
	mux.HandleFunc("GET /types", func(w http.ResponseWriter, r *http.Request) {
		status, err := types.Status(r.Context())
		answer(w, status, err)
	})
	mux.HandleFunc("GET /types/{id}", func(w http.ResponseWriter, r *http.Request) {
		source, err := types.Source(r.Context(), r.PathValue("id"))
		answer(w, source, err)
	})
	mux.HandleFunc("GET /entries", func(w http.ResponseWriter, r *http.Request) {
		files, err := types.Files(r.Context())
		answer(w, files, err)
	})
	mux.HandleFunc("POST /types", func(w http.ResponseWriter, r *http.Request) {
		var c change
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&c); err != nil {
			answer(w, nil, fmt.Errorf("the request cannot be read: %w", err))
			return
		}
		answer(w, struct{}{}, types.Add(r.Context(), c.Files))
	})
	mux.HandleFunc("POST /preview", func(w http.ResponseWriter, r *http.Request) {
		var p Proposal
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&p); err != nil {
			answer(w, nil, fmt.Errorf("the request cannot be read: %w", err))
			return
		}
		preview, err := types.Preview(r.Context(), p)
		answer(w, preview, err)
	})
	mux.HandleFunc("DELETE /types/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, struct{}{}, types.Remove(r.Context(), r.PathValue("id")))
	})
}

// refusal is the body of an answer that says no.
type refusal struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		v = refusal{err.Error()}
	}
	_ = json.NewEncoder(w).Encode(v) // who asked may be gone
}

package auth

import (
	"net/http"

	"github.com/argosy-registry/argosy/internal/oci"
)

// Access decides who the caller of an HTTP request is, and whether the request
// goes on (Basic mode: RFC 7617, and what container clients expect of it).
type Access struct {
	Users     *Htpasswd // nil: there are no credentials, and all sent are ignored
	Anonymous Identity  // the caller without credentials, with an empty name
}

// Challenge asks for credentials. One scheme only, and no other scheme's name in
// the realm: clients parse the line loosely.
const Challenge = `Basic realm="argosy"`

// Identify finds the caller. Error: Unauthorized for wrong credentials.
func (a *Access) Identify(r *http.Request) (*Identity, error) {
	user, password, basic := r.BasicAuth()
	if a.Users == nil || !basic || user == "" && password == "" {
		// Some clients send an empty name and password, or a bearer token
		// that stands for nobody, to say that they have none.
		return &a.Anonymous, nil
	}
	if !a.Users.Check(r.Context(), user, password) {
		return nil, oci.Unauthorized.With(nil, "name or password is wrong")
	}
	return &Identity{Name: user, Rights: Rights{Pull: true, Push: true}}, nil
}

// Admit holds a request against the caller's rights before its body is read.
// The ping asks for credentials whenever there are any: clients learn from it
// alone that they will need to send them.
func (a *Access) Admit(id *Identity, r *http.Request) error {
	if a.Users != nil && id.Name == "" && (r.URL.Path == "/v2/" || r.URL.Path == "/v2") {
		return id.refused("the registry")
	}
	err := id.mayPush()
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		err = id.mayPull()
	}
	if err != nil && a.Users == nil {
		return oci.Denied.With(nil, "this registry is for reading only: there is nobody to log in as")
	}
	return err
}

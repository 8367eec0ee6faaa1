package registry

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/argosy-registry/argosy/internal/oci"
)

// uploadIDs makes and checks ids of uploads: a UUIDv7 and a signature over it
// and the repository. An id stands for an upload that nothing was stored of
// yet, so starting one writes nothing and any replica accepts it.
type uploadIDs struct{ secret []byte }

func (u uploadIDs) fresh(repo oci.Name) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	return id.String() + "." + u.sign(repo, id.String()), nil
}

func (u uploadIDs) sign(repo oci.Name, id string) string {
	mac := hmac.New(sha256.New, u.secret)
	mac.Write([]byte(id))
	mac.Write([]byte{0})
	mac.Write([]byte(repo))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// started is when an id of this registry for repo was made; false for any other.
func (u uploadIDs) started(repo oci.Name, id string) (time.Time, bool) {
	name, signature, ok := strings.Cut(id, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(u.sign(repo, name))) {
		return time.Time{}, false
	}
	parsed, err := uuid.Parse(name)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(parsed.Time().UnixTime()), true
}

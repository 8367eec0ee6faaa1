package auth

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Htpasswd checks names and passwords against a file of name:bcrypt lines. It
// reads the file again when it changes; a broken change is reported and the
// names of the last good one stay.
type Htpasswd struct {
	path  string
	slots chan struct{} // bounds the password hashing under way: each takes a core for 50 ms and more
	key   []byte        // of remembered credentials
	warn  func(error)

	mu       sync.Mutex
	users    map[string][]byte
	slowest  []byte // of the users' hashes
	stamp    string
	looked   time.Time
	accepted map[[sha256.Size]byte]time.Time
}

const (
	rememberFor  = time.Minute // a right answer is believed this long
	rememberMost = 10_000      // remembered credentials
	lookEvery    = time.Second // how often the file's stamp is looked at
	maxCost      = 16          // of bcrypt: four seconds and more a check
)

// OpenHtpasswd reads the file. warn is told of later changes that cannot be read.
func OpenHtpasswd(path string, warn func(error)) (*Htpasswd, error) {
	h := &Htpasswd{
		path: path, warn: warn, slots: make(chan struct{}, max(1, runtime.NumCPU()-1)),
		key: make([]byte, 32), accepted: map[[sha256.Size]byte]time.Time{},
	}
	if _, err := rand.Read(h.key); err != nil {
		return nil, err
	}
	stamp, err := stampOf(path)
	if err != nil {
		return nil, err
	}
	h.stamp, h.looked = stamp, time.Now()
	users, err := readUsers(path)
	if err != nil {
		return nil, err
	}
	h.take(users)
	return h, nil
}

func stampOf(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("htpasswd: %w", err)
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano()), nil
}

// readUsers reads name:hash lines. Only bcrypt is taken: the other forms that
// htpasswd writes are broken or nearly so.
func readUsers(path string) (map[string][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("htpasswd: %w", err)
	}
	users := map[string][]byte{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("htpasswd %s:%d: want name:hash", path, n)
		}
		cost, err := bcrypt.Cost([]byte(hash))
		if err != nil {
			return nil, fmt.Errorf("htpasswd %s:%d: the password of %q is not hashed with bcrypt: write it with: htpasswd -B %s %s", path, n, name, path, name)
		}
		if cost > maxCost {
			return nil, fmt.Errorf("htpasswd %s:%d: the password of %q is hashed with cost %d, which takes minutes to check: write it with: htpasswd -B -C 10 %s %s", path, n, name, cost, path, name)
		}
		if _, twice := users[name]; twice {
			return nil, fmt.Errorf("htpasswd %s:%d: %q stands twice", path, n, name)
		}
		users[name] = []byte(hash)
	}
	return users, lines.Err()
}

// Check says whether the password is the user's; bcrypt reads 72 bytes of it. An
// unknown user takes as long as a known one. When ctx ends while others are
// checked, nobody waits for the answer and it is no.
func (h *Htpasswd) Check(ctx context.Context, user, password string) bool {
	hash, known := h.hashOf(user)
	proof := h.proof(user, password, hash)
	if h.remembered(proof) {
		return true
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return false
	}
	if h.remembered(proof) { // of many at once the first one hashes
		return true
	}
	if bcrypt.CompareHashAndPassword(hash, []byte(password)) != nil || !known {
		return false
	}
	h.remember(proof)
	return true
}

// hashOf is the user's hash, or for an unknown user one that takes as long to
// check as any: the answer is no, and the time does not tell why.
func (h *Htpasswd) hashOf(user string) (hash []byte, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.Sub(h.looked) > lookEvery {
		h.looked = now
		h.reload()
	}
	if hash, known = h.users[user]; !known {
		hash = h.slowest
	}
	return hash, known
}

// reload reads the file again if it changed. Called with mu held.
func (h *Htpasswd) reload() {
	stamp, err := stampOf(h.path)
	if stamp == h.stamp {
		return
	}
	h.stamp = stamp // what is wrong with a change is said once
	var users map[string][]byte
	if err == nil {
		users, err = readUsers(h.path)
	}
	if err != nil {
		h.warn(fmt.Errorf("%w; the names read before stay", err))
		return
	}
	h.take(users)
}

// take puts users in force.
func (h *Htpasswd) take(users map[string][]byte) {
	h.users, h.slowest = users, nil
	most := -1
	for _, hash := range users {
		if cost, err := bcrypt.Cost(hash); err == nil && cost > most {
			h.slowest, most = hash, cost
		}
	}
}

// proof stands for credentials that were right for a hash: a changed password
// is not remembered under the old one.
func (h *Htpasswd) proof(user, password string, hash []byte) (p [sha256.Size]byte) {
	mac := hmac.New(sha256.New, h.key)
	fmt.Fprintf(mac, "%d:%s%d:%s%s", len(user), user, len(password), password, hash)
	copy(p[:], mac.Sum(nil))
	return p
}

func (h *Htpasswd) remembered(proof [sha256.Size]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, ok := h.accepted[proof]
	return ok && time.Since(at) < rememberFor
}

func (h *Htpasswd) remember(proof [sha256.Size]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.accepted) >= rememberMost {
		clear(h.accepted)
	}
	h.accepted[proof] = time.Now()
}

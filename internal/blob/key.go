package blob

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

const (
	maxName   = 160 // characters kept of Hint.Name; "sha512-" and 128 hex digits fit
	suffixLen = 32  // hex digits of 128 random bits
)

// NewKey returns a key that was never used: the cleaned name, if any, a dash,
// and 128 random bits in hex. For the stores; callers treat keys as opaque.
func NewKey(name string) string {
	var random [suffixLen / 2]byte
	rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	suffix := hex.EncodeToString(random[:])
	if name = CleanName(name); name == "" {
		return suffix
	}
	return name + "-" + suffix
}

// ValidKey reports whether NewKey could have returned the key. Such a key is
// also a safe file name: no separators, no dots, at most 193 characters.
func ValidKey(key string) bool {
	n := len(key) - suffixLen
	if n < 0 || strings.Trim(key[n:], "0123456789abcdef") != "" {
		return false
	}
	if n == 0 {
		return true
	}
	name, dash := key[:n-1], key[n-1]
	return dash == '-' && name != "" && name == CleanName(name)
}

// KeyName returns the cleaned name that a valid key was made with.
func KeyName(key string) string {
	return strings.TrimSuffix(key[:len(key)-suffixLen], "-")
}

// CleanName returns the part of a name that goes into keys: the characters a
// to z, 0 to 9 and dash, at most 160 of them.
func CleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, name)
	return name[:min(len(name), maxName)]
}

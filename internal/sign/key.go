package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
)

// PublicKey verifies signatures: of ECDSA over P-256 with SHA-256, or of Ed25519.
type PublicKey struct {
	key crypto.PublicKey
	der []byte
}

const wantPublic = "want a PEM file of one public key, -----BEGIN PUBLIC KEY-----, ECDSA P-256 or Ed25519"

// ReadPublicKey reads a PEM file. The error names the file and what it should hold.
func ReadPublicKey(file string) (*PublicKey, error) {
	block, err := onlyBlock(file, wantPublic)
	if err != nil {
		return nil, err
	}
	if block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("%s holds a %s: %s", file, block.Type, wantPublic)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", file, err, wantPublic)
	}
	if err := supported(key); err != nil {
		return nil, fmt.Errorf("%s %w: %s", file, err, wantPublic)
	}
	return &PublicKey{key, block.Bytes}, nil
}

// onlyBlock is the one PEM block of a file.
func onlyBlock(file, want string) (*pem.Block, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key: %s", file, want)
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, fmt.Errorf("%s holds a %s and a %s: %s", file, block.Type, more.Type, want)
	}
	return block, nil
}

// supported refuses keys of other kinds.
func supported(key crypto.PublicKey) error {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return nil
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return nil
		}
		return fmt.Errorf("holds a key over %s", key.Params().Name)
	}
	return fmt.Errorf("holds a key of another kind (%T)", key)
}

// Fingerprint is the SHA-256 of the key, in hexadecimal digits.
func (k *PublicKey) Fingerprint() string {
	sum := sha256.Sum256(k.der)
	return hex.EncodeToString(sum[:])
}

// verifies says whether a signature of a message is by the key.
func (k *PublicKey) verifies(message, signature []byte) bool {
	switch key := k.key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		return ecdsa.VerifyASN1(key, sum[:], signature)
	}
	return false
}

// PrivateKey makes signatures that its PublicKey verifies.
type PrivateKey struct {
	signer crypto.Signer
	public *PublicKey
}

const wantPrivate = "want a PEM file of one private key without a password, ECDSA P-256 or Ed25519, such as 'openssl genpkey -algorithm ed25519' writes"

// ReadPrivateKey reads a PEM file. The error names the file and what it should hold.
func ReadPrivateKey(file string) (*PrivateKey, error) {
	block, err := onlyBlock(file, wantPrivate)
	if err != nil {
		return nil, err
	}
	var key any
	switch {
	case block.Type == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case block.Type == "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case strings.Contains(block.Type, "ENCRYPTED"):
		return nil, fmt.Errorf("%s is encrypted (%s): push without --sign-key, and sign what was pushed, by its digest, with the program that made the key",
			file, block.Type)
	default:
		return nil, fmt.Errorf("%s holds a %s: %s", file, block.Type, wantPrivate)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", file, err, wantPrivate)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s holds a key that does not sign: %s", file, wantPrivate)
	}
	if err := supported(signer.Public()); err != nil {
		return nil, fmt.Errorf("%s %w: %s", file, err, wantPrivate)
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	return &PrivateKey{signer, &PublicKey{signer.Public(), der}}, err
}

// Public is the key that verifies what this one signs.
func (k *PrivateKey) Public() *PublicKey { return k.public }

// sign signs a message, each time with the same signature (RFC 6979, RFC 8032).
func (k *PrivateKey) sign(message []byte) ([]byte, error) {
	if _, ok := k.public.key.(ed25519.PublicKey); ok {
		return k.signer.Sign(nil, message, crypto.Hash(0))
	}
	sum := sha256.Sum256(message)
	return k.signer.Sign(nil, sum[:], crypto.SHA256)
}

package e2e

import "os"

// signerName is whom a client asks for.
const signerName = "Argosy test"

// newSigner makes somebody's keys, as rings that clients read: secring.gpg and
// pubring.gpg in the bench's folder.
func (b *bench) newSigner() {
	b.t.Helper()
	// The path of the agent's socket in it has to be short.
	home, err := os.MkdirTemp("", "gpg-")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { os.RemoveAll(home) })
	gpg := func(args ...string) { b.run("gpg", append([]string{"--homedir", home, "--batch"}, args...)...) }
	gpg("--passphrase", "", "--quick-generate-key", signerName+" <test@argosy.example>", "rsa2048", "sign", "never")
	gpg("--output", "secring.gpg", "--export-secret-keys")
	gpg("--output", "pubring.gpg", "--export")
	b.run("gpgconf", "--homedir", home, "--kill", "all")
}

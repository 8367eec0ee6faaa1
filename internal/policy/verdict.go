package policy

import "fmt"

// Verdict is what becomes of a push. A later one is more severe.
type Verdict uint8

// The verdicts.
const (
	Allow      Verdict = iota // taken
	Warn                      // taken, and the pusher is told
	Quarantine                // stored, and shown to nobody before an operator releases it
	Deny                      // refused
)

var verdictWords = [...]string{"allow", "warn", "quarantine", "deny"}

// String is the verdict's word.
func (v Verdict) String() string { return verdictWords[v] }

// MarshalText is String.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, w := range verdictWords {
		if w == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("%q is no verdict", text)
}

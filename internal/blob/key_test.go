package blob

import (
	"errors"
	"strings"
	"testing"
)

func TestNewKey(t *testing.T) {
	for name, prefix := range map[string]string{
		"":                                   "",
		"sha256-0a":                          "sha256-0a-",
		"../../etc/Passwd":                   "etcasswd-",
		"sha512-" + strings.Repeat("f", 300): "sha512-" + strings.Repeat("f", maxName-7) + "-",
		"\xff\x00é":                          "",
		"-":                                  "--",
	} {
		key, again := NewKey(name), NewKey(name)
		if !ValidKey(key) || key == again {
			t.Errorf("NewKey(%q) = %q, then %q: want valid and different", name, key, again)
		}
		if rest, ok := strings.CutPrefix(key, prefix); !ok || len(rest) != suffixLen {
			t.Errorf("NewKey(%q) = %q, want prefix %q and %d digits", name, key, prefix, suffixLen)
		}
	}
}

func TestValidKeyRefuses(t *testing.T) {
	digits := strings.Repeat("0", suffixLen)
	for _, key := range []string{
		"", ".", "..", "lost+found", digits[1:], "a" + digits, "-" + digits, "a_" + digits,
		"A-" + digits, "../" + digits, "a/-" + digits, "a-" + digits + "\x00", "a-" + digits[1:] + "g",
		strings.Repeat("a", maxName+1) + "-" + digits,
	} {
		if ValidKey(key) {
			t.Errorf("ValidKey(%q) = true", key)
		}
	}
}

func FuzzValidKey(f *testing.F) {
	f.Add(NewKey("sha256-00"))
	f.Add("../x-" + strings.Repeat("0", suffixLen))
	f.Fuzz(func(t *testing.T, key string) {
		if ValidKey(key) && (strings.ContainsAny(key, "/\\.\x00") || len(key) > 193) {
			t.Errorf("ValidKey(%q): not a safe file name", key)
		}
	})
}

func FuzzParseState(f *testing.F) {
	f.Add(State{Key: NewKey(""), Size: 7}.Encode())
	f.Add([]byte(`{"key":"x","size":-1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseState(text)
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Fatalf("ParseState(%q): %v is no ErrState", text, err)
			}
			return
		}
		if again, err := ParseState(s.Encode()); err != nil || again != s {
			t.Errorf("ParseState(Encode(%v)) = %v, %v", s, again, err)
		}
	})
}

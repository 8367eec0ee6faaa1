package artifact

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The functions here walk JSON that json.Valid has passed, without building a
// tree: a push is identified often, and most of a manifest is not asked for.
// Names of members are exact; of a name written twice the last one counts.

// eachMember calls f for each member of the object that raw is. It does nothing
// when raw is no object.
func eachMember(raw []byte, f func(name string, value []byte)) {
	i := space(raw, 0)
	if i >= len(raw) || raw[i] != '{' {
		return
	}
	for i = space(raw, i+1); i < len(raw) && raw[i] == '"'; i = next(raw, i) {
		end := skip(raw, i)
		name, _ := jsonText(raw[i:end])
		i = space(raw, end) + 1 // the colon
		i = space(raw, i)
		end = skip(raw, i)
		f(name, raw[i:end])
		i = end
	}
}

// eachElement calls f for each element of the array that raw is. It does nothing
// when raw is no array.
func eachElement(raw []byte, f func(value []byte)) {
	i := space(raw, 0)
	if i >= len(raw) || raw[i] != '[' {
		return
	}
	for i = space(raw, i+1); i < len(raw) && raw[i] != ']'; i = next(raw, i) {
		end := skip(raw, i)
		f(raw[i:end])
		i = end
	}
}

// next is the index of what follows the comma after i, or of the closing bracket.
func next(raw []byte, i int) int {
	i = space(raw, i)
	if i < len(raw) && raw[i] == ',' {
		i = space(raw, i+1)
	}
	return i
}

// space is the index of the first byte at or after i that is not white space.
func space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// skip is the index just after the value that begins at i.
func skip(raw []byte, i int) int {
	depth := 0
	for i < len(raw) {
		switch raw[i] {
		case '"':
			i = skipText(raw, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue // between values, so never the end of one
		default:
			i = skipWord(raw, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(raw)
}

// skipText is the index just after the string that begins at i.
func skipText(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// skipWord is the index just after the number or literal that begins at i.
func skipWord(raw []byte, i int) int {
	for i < len(raw) && !strings.ContainsRune(",]} \n\t\r:", rune(raw[i])) {
		i++
	}
	return i
}

// jsonText is the string that raw is, as valid UTF-8; false when it is none.
func jsonText(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	for _, b := range raw {
		if b == '\\' || b >= utf8.RuneSelf {
			var s string
			err := json.Unmarshal(raw, &s) // replaces what is not UTF-8
			return s, err == nil
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

// jsonSize is the whole number that raw is; 0 when it is none or is negative.
func jsonSize(raw []byte) int64 {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// isObject reports whether raw is a JSON object.
func isObject(raw []byte) bool {
	i := space(raw, 0)
	return i < len(raw) && raw[i] == '{'
}

// scalar renders a string, number or boolean, and an array of those joined with
// commas, as text. Anything else is the empty string.
func scalar(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		s, _ := jsonText(raw)
		return s
	case '[':
		var parts []string
		eachElement(raw, func(value []byte) {
			if value[0] == '[' {
				return // not walked: depth would cost its square
			}
			if s := scalar(value); s != "" {
				parts = append(parts, s)
			}
		})
		return strings.Join(parts, ", ")
	case '{', 'n':
		return ""
	}
	return string(raw)
}

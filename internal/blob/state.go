package blob

import (
	"encoding/json"
	"fmt"
)

// State is what stores that append to a file keep of a suspended upload. Its
// encoded form is the opaque state of [Writer.Suspend].
type State struct {
	Key  string `json:"key"`
	Size int64  `json:"size"` // bytes that are durable
}

// Encode returns the state in the form that ParseState reads.
func (s State) Encode() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string and a number
	}
	return text
}

// ParseState reads an encoded state. Whatever is wrong with it is an ErrState.
func ParseState(text []byte) (State, error) {
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrState, err)
	}
	if !ValidKey(s.Key) || s.Size < 0 {
		return State{}, fmt.Errorf("%w: key %q, size %d", ErrState, s.Key, s.Size)
	}
	return s, nil
}

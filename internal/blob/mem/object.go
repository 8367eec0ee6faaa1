package mem

import (
	"bytes"
	"os"
)

// object reads bytes that do not change.
type object struct {
	*bytes.Reader
	closed bool
}

func newObject(p []byte) *object { return &object{Reader: bytes.NewReader(p)} }

// Close makes a second Close fail, as that of a file does: tests find it.
func (o *object) Close() error {
	if o.closed {
		return os.ErrClosed
	}
	o.closed = true
	o.Reader.Reset(nil)
	return nil
}

// Package types holds the built-in catalog: one entry and one icon for each
// type, and icons of platforms. It embeds the files and knows nothing of them;
// docs/types.md says how to write one.
package types

import "embed"

// FS has ID.yaml and ID.svg for each type, and platforms/OS.svg.
//
//go:embed *.yaml *.svg platforms/*.svg
var FS embed.FS

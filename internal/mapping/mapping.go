// Package mapping reads and writes the mediaTypeMappings.json of the 2019 proposal,
// by which authors of artifact types told registries what their types are called:
// media type, title, description, icons, a page, tools, and a schema of the config.
// It makes entries of such a file, and such a file of entries, so that nothing is
// lost on the way there and back. It does not know how files are fetched or where
// entries go.
package mapping

// Version is the schemaVersion of the files.
const Version = 1

// Limits of a file: bytes, mappings, levels of nesting.
const (
	MaxFile     = 1 << 20
	maxMappings = 500
	maxDepth    = 20
)

// Keys of a file and of a mapping.
const (
	keyVersion     = "schemaVersion"
	keyMediaTypes  = "mediaTypes"
	keyMediaType   = "mediaType"
	keyTitle       = "title"
	keyDescription = "description"
	keyIcon        = "icon"
	keySVG         = "icon.svg"
	keyPNG         = "icon.png"
	keyMoreInfo    = "moreInfo"
	keyTools       = "tools"
	keyInstaller   = "installer"
	keySchema      = "schemaValidation"
)

// File is a mapping file.
type File struct {
	Name     string // its URL, or its name
	Mappings []Mapping
	Warnings []string // what was read otherwise than written, or is not known

	other string // a JSON object: members of the file beside the mappings
}

// Mapping is what a file says of a media type. URLs are http or https.
type Mapping struct {
	MediaType        string
	Title            string
	Description      string
	IconSVG, IconPNG string
	MoreInfo         string // URL of a page
	Tools            []Tool
	SchemaValidation string // URL of a JSON Schema, or a word such as none

	schema  []byte // the JSON Schema itself, where the file holds it
	place   string // file, line, column and path, for errors
	members []member
}

// Tool is a program that uses artifacts of a type.
type Tool struct {
	Title     string
	Installer string // URL; may be empty
}

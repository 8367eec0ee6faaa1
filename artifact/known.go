package artifact

// MediaTypeRule is a rule that looks at nothing but where a media type says what a
// manifest is: its artifactType, or its config's media type.
type MediaTypeRule struct {
	MediaType string // whole, in lower case
	Variant   string // that the rule names
}

// MediaTypes are the media types by which alone the entry of an id knows a manifest,
// each once and in the entry's order, and the rules that look at more, at something
// else or at patterns, as a person reads them.
func (c *Catalog) MediaTypes(id string) (all []MediaTypeRule, others []string) {
	k := c.types[id]
	if k == nil {
		k = c.faces[id]
	}
	if k == nil {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, r := range k.rules {
		w := &r.when[0]
		if len(r.when) > 1 || w.of != ofConfig && w.of != ofArtifactType || !w.want.onlyExact() {
			others = append(others, r.String())
			continue
		}
		for _, v := range w.want.exact {
			if !seen[v] {
				seen[v] = true
				all = append(all, MediaTypeRule{v, r.variantID()})
			}
		}
	}
	return all, others
}

// TypeOf is the id of the type that an entry of an index with that artifactType is
// taken for; empty when it is unknown, or says nothing of its own.
func (c *Catalog) TypeOf(artifactType string) string {
	if t := c.typeOf(normal(artifactType)); t != nil {
		return t.ID
	}
	return ""
}

// Generic says whether a media type says nothing of its own: ordinary images and
// files have it.
func (c *Catalog) Generic(mediaType string) bool { return c.generic[normal(mediaType)] }

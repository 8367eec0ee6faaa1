package artifact

// ActionIDs are the ids of all actions of a type and of its variants.
func (c *Catalog) ActionIDs(id string) []string {
	k := c.types[id]
	templates := k.actions
	for i := range k.Variants {
		templates = append(templates[:len(templates):len(templates)], k.Variants[i].actions...)
	}
	var ids []string
	for _, t := range templates {
		ids = append(ids, t.ID)
	}
	return ids
}

// IsFallback says whether a type is what is left when nothing else is known.
func (c *Catalog) IsFallback(id string) bool { return c.types[id].fallback }

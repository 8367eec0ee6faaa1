package artifact

// describeIndex says what stands in an index.
func (c *Catalog) describeIndex(id *Identification, e *evidence) {
	for i := range e.entries {
		d := &e.entries[i]
		place, t := c.place(d)
		if place == PlacePlatform && d.platform.real() && len(id.Platforms) < MaxEntries {
			p := *d.platform
			p.Digest = clean(d.digest, maxText)
			id.Platforms = append(id.Platforms, p)
		}
		if place == PlaceCompanion {
			if id.Companions == nil {
				id.Companions = make(map[string]int)
			}
			id.Companions[t.ID]++
		}
		if len(id.Entries) < MaxEntries {
			id.Entries = append(id.Entries, newEntry(d, place, t))
		}
	}
}

func newEntry(d *descriptor, place Place, t *kind) Entry {
	n := Entry{
		Digest: clean(d.digest, maxText), MediaType: clean(d.mediaType, maxText), ArtifactType: clean(d.artifactType, maxText),
		Size: d.size, Place: place, Platform: d.platform,
	}
	if t != nil {
		n.Type = t.ID
		n.About = clean(d.annotations[t.about], maxText)
	}
	return n
}

// agree gives an index without an artifactType of its own the one that all its
// entries have, companions and documents apart: tools write the children's into
// the descriptors, and no index says less for it.
func (c *Catalog) agree(e *evidence) {
	if e.form != formIndex || e.kind != "" && !c.generic[e.kind] {
		return
	}
	agreed := ""
	for i := range e.entries {
		d := &e.entries[i]
		switch place, _ := c.place(d); place {
		case PlaceCompanion, PlaceDocument, PlaceHidden:
			continue
		}
		kind := normal(d.artifactType)
		if kind == "" || c.generic[kind] || agreed != "" && kind != normal(agreed) {
			return
		}
		agreed = d.artifactType
	}
	if agreed != "" {
		e.agreed, e.kind = agreed, normal(agreed)
	}
}

// place says where an entry of an index belongs, by the words of the catalog's
// entries, and which type said so. Without such a word, an entry with a platform
// is one of the platforms, and any other a part.
func (c *Catalog) place(d *descriptor) (Place, *kind) {
	for i := range c.entryRules {
		if r := &c.entryRules[i]; r.match.holds(d) {
			return r.typ.Place, r.typ
		}
	}
	if t := c.typeOf(normal(d.artifactType)); t != nil {
		return t.placeOf(d), t
	}
	if d.platform.real() {
		return PlacePlatform, nil
	}
	return PlacePart, nil
}

// placeOf is the place of an entry that is known to be of the type.
func (t *kind) placeOf(d *descriptor) Place {
	if t.Place != "" && t.Place != PlacePlatform {
		return t.Place
	}
	if d.platform.real() {
		return PlacePlatform
	}
	return PlacePart
}

// PlaceOf is where a manifest of that type and variant belongs when an index
// names it: for an entry whose descriptor does not tell what it is. Its answer is
// PlacePart for types that say nothing and for ids that are not in the catalog.
func (c *Catalog) PlaceOf(id, variant string) Place {
	t := c.types[id]
	switch {
	case t == nil:
		return PlacePart
	case t.companion(variant):
		return PlaceCompanion
	case t.Place != "":
		return t.Place
	}
	return PlacePart
}

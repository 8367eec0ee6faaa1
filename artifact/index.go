package artifact

// describeIndex says what stands in an index.
func (id *Identification) describeIndex(e *evidence) {
	platforms := 0
	for i := range e.entries {
		d := &e.entries[i]
		if d.onPlatform() {
			platforms++
		}
		if d.place == PlaceCompanion {
			if id.Companions == nil {
				id.Companions = make(map[string]int)
			}
			id.Companions[d.typ.ID]++
		}
	}
	if n := min(platforms, MaxEntries); n > 0 {
		id.Platforms = make([]Platform, 0, n)
	}
	if n := min(len(e.entries), MaxEntries); n > 0 {
		id.Entries = make([]Entry, 0, n)
	}
	for i := range e.entries {
		d := &e.entries[i]
		if d.onPlatform() && len(id.Platforms) < MaxEntries {
			p := *d.platform
			p.Digest = d.digest
			id.Platforms = append(id.Platforms, p)
		}
		if len(id.Entries) < MaxEntries {
			id.Entries = append(id.Entries, newEntry(d))
		}
	}
}

// onPlatform reports whether an entry of an index is one of its platforms.
func (d *descriptor) onPlatform() bool { return d.place == PlacePlatform && d.platform.real() }

func newEntry(d *descriptor) Entry {
	n := Entry{
		Digest: d.digest, MediaType: d.mediaType, ArtifactType: d.artifactType,
		Size: d.size, Place: d.place, Platform: d.platform,
	}
	if d.typ != nil {
		n.Type = d.typ.ID
		n.About = clean(d.annotations[d.typ.about], maxText)
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
	var agreed *descriptor
	for i := range e.entries {
		d := &e.entries[i]
		switch d.place {
		case PlaceCompanion, PlaceDocument, PlaceHidden:
			continue
		}
		if d.says == "" || c.generic[d.says] || agreed != nil && d.says != agreed.says {
			return
		}
		agreed = d
	}
	if agreed != nil {
		e.agreed, e.kind = agreed.artifactType, agreed.says
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
	if t := c.typeOf(d.says); t != nil {
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

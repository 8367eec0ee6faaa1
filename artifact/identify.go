package artifact

// Identify says what a manifest is. It is pure, total and never panics: equal
// inputs get equal answers, and whatever the bytes are there is one.
func (c *Catalog) Identify(in Input) Identification {
	e := c.read(in)
	if e == nil {
		return c.invalid(in)
	}
	return c.describe(e, c.decide(e))
}

// read is what the input says; nil when it is no manifest.
func (c *Catalog) read(in Input) *evidence {
	e := readManifest(in.MediaType, in.Manifest)
	if e == nil || !e.sound() {
		return nil
	}
	e.setConfig(in.Config)
	c.agree(e)
	e.typed = e.kind != "" && !c.generic[e.kind]
	e.configured = e.configKind != "" && !c.generic[e.configKind]
	return e
}

// NeedsConfig reports whether the JSON of the config blob could change the
// answer: its type, its facts or its platforms. Only then need it be read.
func (c *Catalog) NeedsConfig(mediaType string, manifest []byte) bool {
	return c.Identify(Input{MediaType: mediaType, Manifest: manifest}).ConfigWanted
}

// decide finds the rule that decides, nil when none holds.
func (c *Catalog) decide(e *evidence) *rule {
	var best *rule
	c.candidates(e, func(r *rule) {
		if (best == nil || r.place < best.place) && r.holds(c, e) {
			best = r
		}
	})
	return best
}

// candidates calls f for every rule that could hold, some more than once.
func (c *Catalog) candidates(e *evidence, f func(*rule)) {
	try := func(prefix, value string) {
		if value == "" {
			return
		}
		var buf [128]byte // no allocation for the lookup of an ordinary key
		for _, r := range c.byAnchor[string(append(append(buf[:0], prefix...), value...))] {
			f(r)
		}
	}
	try(anchorType, e.kind)
	try(anchorConfig, e.configKind)
	for _, kind := range e.layerKinds {
		try(anchorLayer, kind)
	}
	for key := range e.annotations {
		try(anchorAnnotation, key)
	}
	for _, r := range c.always {
		f(r)
	}
}

// invalid is the answer for bytes that are no manifest.
func (c *Catalog) invalid(in Input) Identification {
	t := c.types[Invalid]
	return Identification{
		Type: Invalid, Name: t.Title, Short: t.Short,
		MediaType: clean(in.MediaType, maxText), TotalSize: int64(len(in.Manifest)),
	}
}

// describe fills in the answer, once it is decided.
func (c *Catalog) describe(e *evidence, r *rule) Identification {
	t, v := c.types[Unknown], (*Variant)(nil)
	if r != nil {
		t = r.typ
		if r.variant >= 0 {
			v = &t.Variants[r.variant]
		}
	}
	id := Identification{
		Type: t.ID, Name: t.Title, Short: t.Short, Companion: t.Companion, Known: r != nil,
		MediaType: clean(e.shown, maxText), ArtifactType: clean(e.artifactType, maxText), Subject: clean(e.subject, maxText),
		Agreed: clean(e.agreed, maxText), TotalSize: e.size, Titled: e.titled(),
		Facts: c.facts(t, e), Layers: t.layersOf(e), Traits: c.traits(e),
	}
	if v != nil {
		id.Variant, id.Name, id.Short, id.Companion = v.ID, v.Title, v.Short, v.Companion
	}
	if face := t.faceRule(c, e); face != nil {
		id.Face, id.Name, id.Short = face.typ.ID, face.typ.Title, face.typ.Short
	}
	if e.config != nil {
		id.ConfigMediaType = clean(e.config.mediaType, maxText)
		if id.ArtifactType == "" {
			id.ArtifactType = id.ConfigMediaType
		}
	}
	c.describeIndex(&id, e)
	if t.platforms && e.configJSON.raw != nil {
		if p := readPlatform(e.configJSON.raw); p.real() {
			id.Platforms = []Platform{*p}
		}
	}
	id.ConfigWanted = c.configWanted(t, e, r)
	return id
}

// configWanted reports whether a config that is not at hand could change the answer.
func (c *Catalog) configWanted(t *kind, e *evidence, decided *rule) bool {
	if e.config == nil || e.configJSON.raw != nil || e.configKind == emptyType || e.config.size > MaxConfig {
		return false
	}
	if t.platforms || t.readsConfig {
		return true
	}
	for _, r := range c.readConfig {
		wins := decided == nil || r.place < decided.place || r.typ.Trait
		if wins && r.needsConfig(c, e) {
			return true
		}
	}
	return false
}

// traits are the ids of the traits whose rules hold.
func (c *Catalog) traits(e *evidence) []string {
	var ids []string
	for _, r := range c.traitRules {
		if (len(ids) == 0 || ids[len(ids)-1] != r.typ.ID) && r.holds(c, e) {
			ids = append(ids, r.typ.ID)
		}
	}
	return ids
}

package artifact

// Review is what the entry of a manifest's type says about it, beyond what it is.
type Review struct {
	Identification Identification
	Missing        []string      // roles that some layer must have and none has
	Unstated       []string      // facts that each artifact of the type should state, and this one does not
	Remarks        []Remark      // known mistakes that it has
	Config         []ConfigFault // where its config is not as the entry's JSON Schema has it, at most MaxConfigFaults
}

// Remark is a lint rule that holds, and where: a JSON pointer into the manifest.
type Remark struct {
	LintRule
	Place string
}

// ConfigFault is a place in a config, as a JSON pointer, and what is wrong there.
type ConfigFault struct {
	Place   string
	Problem string // a stranger's words are in it: escape them wherever they are shown
}

// MaxConfigFaults is the most faults of one config that are reported.
const MaxConfigFaults = 20

// Review is Identify, with what the type's entry asks of its artifacts: roles that
// layers must have, facts, the config's JSON Schema, and mistakes that are known. It
// is as pure and total as Identify. Of a config that is not at hand nothing is said.
func (c *Catalog) Review(in Input) Review {
	r := Review{Identification: c.Identify(in)}
	e := c.read(in)
	if e == nil {
		return r
	}
	t := c.types[r.Identification.Type]
	r.Missing = t.missing(e)
	r.Remarks = c.remarks(t, r.Identification.Variant, e)
	for _, name := range t.Expect {
		if r.Identification.Facts[name] == "" && t.stated(name, e) {
			r.Unstated = append(r.Unstated, name)
		}
	}
	if t.schema != nil && e.configJSON.raw != nil {
		r.Config = t.schema.faults(e.configJSON.raw)
	}
	return r
}

// stated reports whether all that could state a fact is at hand.
func (t *kind) stated(name string, e *evidence) bool {
	for _, r := range t.factRules {
		for _, s := range r.sources {
			if r.name == name && s.of == fromConfig && e.configJSON.raw == nil {
				return false
			}
		}
	}
	return true
}

// Runs reports whether a type is an image whose config says what it runs on.
func (c *Catalog) Runs(id string) bool {
	t := c.types[id]
	return t != nil && t.platforms
}

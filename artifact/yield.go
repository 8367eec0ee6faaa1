package artifact

import "slices"

// yield refuses entries that change what farther origins know, and come from where
// that is not allowed: what they offer is pasted into shells, in the name of a type
// that people trust. Their rules come after those of all others (rule.rank).
func (l *loader) yield() {
	for _, f := range l.files {
		if !f.yields {
			continue
		}
		e := &f.entry
		others := func(id string, holds func(*file) bool) *file {
			at := slices.IndexFunc(l.files, func(o *file) bool { return o.entry.ID == id && holds(o) })
			if at < 0 {
				return nil
			}
			return l.files[at]
		}
		farther := func(o *file) bool { return o.origin < f.origin }
		foreign := func(o *file) bool { return farther(o) || o.origin == f.origin && o.from != f.from }
		const wayOut = "leave it out with only, or trust the catalog with that by override: true"
		if other := others(e.ID, farther); other != nil {
			l.failf(f, "$.id", "%q takes over an entry that is %s: %s", e.ID, other.origin, wayOut)
		}
		if other := others(e.Extends, foreign); e.Extends != "" && other != nil {
			l.failf(f, "$.extends", "%q changes %q, which is %s: %s", e.ID, e.Extends, other.origin, wayOut)
		}
		if e.Trait {
			l.failf(f, "$.trait", "%q would be shown beside types that others know: %s", e.ID, wayOut)
		}
		if len(e.Entry) > 0 {
			l.failf(f, "$.entry", "%q would say where entries of any index belong: %s", e.ID, wayOut)
		}
	}
}

// twice reports two entries of one id and origin.
func (l *loader) twice(f, other *file) {
	if f.from == other.from {
		l.failf(f, "$.id", "id %q stands in two files", f.entry.ID)
		return
	}
	l.failf(f, "$.id", "id %q is in %s and in %s: leave it out of one of them with only", f.entry.ID, other.from, f.from)
}

package lint

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/argosy-registry/argosy/internal/oci"
)

// descriptors checks each descriptor by itself, and the artifactType.
func (d *document) descriptors(l *list) {
	if d.artifactType != "" || d.has("artifactType") {
		mediaType(l, "/artifactType", "artifactType", d.artifactType)
	}
	for _, x := range d.all() {
		x.check(l)
	}
}

func (d *descriptor) check(l *list) {
	empty := oci.BaseMediaType(d.MediaType) == oci.MediaTypeEmpty
	if empty && !d.isEmpty() {
		l.add(ruleByID("empty-descriptor"), d.place, "The media type says empty, and the descriptor names %d bytes as %s.", max(d.Size, 0), quote(string(d.Digest)))
	}
	_, err := oci.ParseDescriptor(d.raw, strings.TrimPrefix(d.place, "/"))
	if err != nil {
		switch rule, said := refusal(err, strings.TrimPrefix(d.place, "/")+": "); {
		case rule == "digest" && d.Digest == "":
			l.add(ruleByID("descriptor"), d.place, "The descriptor does not say its digest.")
		case rule == "digest":
			l.add(ruleByID("digest"), below(d.place, "digest"), "%s.", said)
		case rule == "data" && !empty:
			l.add(ruleByID("data"), below(d.place, "data"), "%s.", said)
		case rule == "data":
			if !l.has(ruleByID("empty-descriptor"), d.place) {
				l.add(ruleByID("empty-descriptor"), d.place, "%s.", said)
			}
		case rule == "size":
			l.add(ruleByID("descriptor"), below(d.place, "size"), "%s.", said)
		default:
			l.add(ruleByID("descriptor"), d.place, "%s.", d.fault())
			if !d.isObject() {
				return // it has no members to look at
			}
		}
	} else if d.Size == oci.UnknownSize {
		l.add(ruleByID("descriptor"), d.place, "The descriptor does not say its size.")
	}
	if a := d.Digest.Algorithm(); err == nil && !a.Available() {
		l.add(ruleByID("digest-algorithm"), below(d.place, "digest"), "The algorithm %s is one that few can check.", quote(string(a)))
	}
	mediaType(l, below(d.place, "mediaType"), "mediaType", d.MediaType)
	if d.ArtifactType != "" {
		mediaType(l, below(d.place, "artifactType"), "artifactType", d.ArtifactType)
	}
	for _, u := range d.URLs {
		if at, err := url.Parse(u); err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
			l.add(ruleByID("urls"), below(d.place, "urls"), "%s is no http or https URL.", quote(u))
		}
	}
}

func (d *descriptor) isObject() bool { return len(d.raw) > 0 && d.raw[0] == '{' }

// fault is what makes a value no descriptor.
func (d *descriptor) fault() string {
	if !d.isObject() {
		return "A descriptor is an object, and here is " + quote(string(d.raw))
	}
	return "The size is no number, or data is no text"
}

// emptyDigest is that of the empty descriptor: of the two bytes {}.
const emptyDigest oci.Digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

// isEmpty reports whether the descriptor names the two bytes of the empty one, under
// whichever algorithm can be computed.
func (d *descriptor) isEmpty() bool {
	same := d.Digest == emptyDigest
	if a := d.Digest.Algorithm(); !same && a.Available() {
		same = d.Digest == a.Sum([]byte("{}"))
	}
	return same && d.Size == 2
}

// mediaTypeForm is a media type's name as image-spec's schema and RFC 6838 have it.
var mediaTypeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

// topLevel are the registered top-level types.
var topLevel = []string{"application", "audio", "font", "haptics", "image", "message", "model", "multipart", "text", "video"}

// mediaType checks the form of a media type that must be there.
func mediaType(l *list, place, name, value string) {
	bare, parameters, has := strings.Cut(value, ";")
	bare = strings.TrimSpace(bare)
	switch {
	case value == "":
		place, _ = splitPlace(place)
		l.add(ruleByID("media-type-form"), place, "There is no %s, or it is no text.", name)
		return
	case strings.Contains(value, "*"):
		l.add(ruleByID("media-type-form"), place, "%s %s has a wildcard: it names no type but a range of them.", name, quote(value))
		return
	case len(bare) > 255:
		l.add(ruleByID("media-type-form"), place, "%s %s has %d bytes, and each of its two parts at most 127.", name, quote(bare), len(bare))
		return
	case !mediaTypeForm.MatchString(bare) || !has && bare != value:
		l.add(ruleByID("media-type-form"), place, "%s %s is not of the form type/subtype.", name, quote(value))
		return
	case has:
		l.add(ruleByID("media-type-parameters"), place, "%s %s has parameters: %s.", name, quote(value), quote(strings.TrimSpace(parameters)))
	}
	if bare != strings.ToLower(bare) {
		l.add(ruleByID("media-type-case"), place, "%s %s has capitals.", name, quote(value))
	}
	if top, _, _ := strings.Cut(strings.ToLower(bare), "/"); !slices.Contains(topLevel, top) {
		l.add(ruleByID("media-type-top-level"), place, "%s %s begins with %s, which is no registered top-level type.", name, quote(value), quote(top))
	}
}

// splitPlace is the pointer of what a member stands in, and the member.
func splitPlace(place string) (parent, member string) {
	i := strings.LastIndexByte(place, '/')
	return place[:i], place[i+1:]
}

// layersAgree finds descriptors of one content that say different things of it. What
// is empty, of no bytes or of an empty object, may be of any type.
func (d *document) layersAgree(l *list) {
	first := map[oci.Digest]*descriptor{}
	for _, x := range d.all() {
		if x.Digest == "" {
			continue
		}
		seen := first[x.Digest]
		switch {
		case seen == nil:
			first[x.Digest] = x
		case seen.Size != x.Size && seen.Size != oci.UnknownSize && x.Size != oci.UnknownSize:
			l.add(ruleByID("conflict"), below(x.place, "size"), "The size is %d here and %d at %s for the same digest.", x.Size, seen.Size, seen.place)
		case x.Size > 2 && oci.BaseMediaType(seen.MediaType) != oci.BaseMediaType(x.MediaType) && sameList(seen.place, x.place):
			l.add(ruleByID("twice"), below(x.place, "mediaType"), "The media type is %s here and %s at %s for the same digest.", quote(x.MediaType), quote(seen.MediaType), seen.place)
		}
	}
}

// sameList reports whether two descriptors stand in one list.
func sameList(a, b string) bool {
	a, _ = splitPlace(a)
	b, _ = splitPlace(b)
	return a == b && a != ""
}

// stringMembers are the members of an object that are no strings, as they should be;
// false when raw is no object.
func stringMembers(raw json.RawMessage) (wrong []string, ok bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil, false
	}
	for name, value := range members {
		if len(value) == 0 || value[0] != '"' {
			wrong = append(wrong, name)
		}
	}
	slices.Sort(wrong)
	return wrong, true
}

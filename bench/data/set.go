package data

import (
	"fmt"
	"iter"
	"slices"
)

// Blob is a body with the repository it is pushed to.
type Blob struct {
	Repository string
	From       string // a repository to mount it from, "" to upload it
	Body
}

// Set is a data set. All blobs go before all manifests; neither have an order
// among themselves.
type Set struct {
	Name      string
	Blobs     iter.Seq[Blob]
	Manifests iter.Seq[Manifest]
}

// Repositories of the sets.
const (
	ImageRepository     = "bench/image"
	BlobRepository      = "bench/blobs"
	TagRepository       = "bench/tags"
	ReferrersRepository = "bench/referrers"
	MountRepository     = "bench/mount-source"
)

// Scale is how large the sets are. Lists are as long as the workloads say in
// their names only with Full.
type Scale struct {
	Tags         int // of one repository
	Repositories int
	Referrers    int   // of one subject
	Large        int64 // bytes of a large blob
	Larges       int   // how many of them are read
}

// Full is the scale of the published figures, Quick that of a first look.
var (
	Full  = Scale{Tags: 10_000, Repositories: 5_000, Referrers: 1_000, Large: 256 << 20, Larges: 2}
	Quick = Scale{Tags: 2_000, Repositories: 500, Referrers: 1_000, Large: 256 << 20, Larges: 1}
)

// Sizes of the blobs that are the same at every scale, in bytes.
const (
	Small  = 1 << 10
	Medium = 1 << 20
	Layer  = 4 << 10 // of a small artifact
)

// seeds keep the makers of the sets apart.
const (
	seedLayers = iota + 1
	seedSmall
	seedMedium
	seedLarge
	seedArtifact
)

// Images are 64 images of a config and 10 layers of 1 MiB in one repository,
// out of 80 layers. Manifests have about 1,800 bytes.
type Images struct {
	Layers    []Body
	Configs   []Body
	Manifests []Manifest
}

// NewImages makes them.
func NewImages() Images {
	im := Images{Layers: NewMaker(Medium, seedLayers).Take(80)}
	for i := range 64 {
		config := ImageConfig(fmt.Sprintf("image %d", i))
		layers := make([]Body, 10)
		for j := range layers {
			layers[j] = im.Layers[(i*10+j)%len(im.Layers)]
		}
		im.Configs = append(im.Configs, config)
		im.Manifests = append(im.Manifests, Image(ImageRepository, fmt.Sprintf("v1.%d", i), "", config, layers...))
	}
	return im
}

// Set is the images as a data set.
func (im Images) Set() Set {
	blobs := slices.Concat(im.Layers, im.Configs)
	return Set{Name: "image", Blobs: in(ImageRepository, blobs), Manifests: slices.Values(im.Manifests)}
}

// Blobs are single blobs of three sizes in one repository.
type Blobs struct{ Small, Medium, Large []Body }

// NewBlobs makes 256 of 1 KiB, 16 of 1 MiB and as many large ones as s says.
func NewBlobs(s Scale) Blobs {
	return Blobs{
		Small:  NewMaker(Small, seedSmall).Take(256),
		Medium: NewMaker(Medium, seedMedium).Take(16),
		Large:  NewMaker(s.Large, seedLarge).Take(s.Larges),
	}
}

// Set is the blobs as a data set.
func (b Blobs) Set() Set {
	return Set{Name: "blobs", Blobs: in(BlobRepository, slices.Concat(b.Small, b.Medium, b.Large)), Manifests: none[Manifest]}
}

// Tags is one repository of s.Tags tags on 100 manifests.
func Tags(s Scale) Set {
	config, layer := artifact("tags")
	manifests := func(yield func(Manifest) bool) {
		distinct := make([]Manifest, 100)
		for i := range distinct {
			distinct[i] = Image(TagRepository, "", fmt.Sprintf("manifest %d", i), config, layer)
		}
		for i := range s.Tags {
			m := distinct[i%len(distinct)]
			m.Tag = fmt.Sprintf("v%d.%d.%d", i/400, i/20%20, i%20)
			if !yield(m) {
				return
			}
		}
	}
	return Set{Name: "tags", Blobs: in(TagRepository, []Body{config, layer}), Manifests: manifests}
}

// Catalog is s.Repositories repositories of one tag each.
func Catalog(s Scale) Set {
	config, layer := artifact("catalog")
	name := func(i int) string { return fmt.Sprintf("bench/catalog/r%05d", i) }
	return Set{
		Name:  "catalog",
		Blobs: spread(s.Repositories, name, config, layer),
		Manifests: func(yield func(Manifest) bool) {
			for i := range s.Repositories {
				if !yield(Image(name(i), "latest", "", config, layer)) {
					return
				}
			}
		},
	}
}

// Referrers are a subject with s.Referrers SBOMs attached.
type Referrers struct {
	Subject     Manifest
	Attachments []Manifest
	bodies      []Body
}

// NewReferrers makes them.
func NewReferrers(s Scale) Referrers {
	config, layer := artifact("referrers")
	r := Referrers{bodies: []Body{config, layer}, Subject: Image(ReferrersRepository, "latest", "", config, layer)}
	for i := range s.Referrers {
		r.Attachments = append(r.Attachments, Attachment(ReferrersRepository, fmt.Sprintf("sbom %d", i), r.Subject, config, layer))
	}
	return r
}

// Set is the subject and its referrers as a data set.
func (r Referrers) Set() Set {
	return Set{Name: "referrers", Blobs: in(ReferrersRepository, r.bodies), Manifests: slices.Values(append([]Manifest{r.Subject}, r.Attachments...))}
}

// Store is a big store: n distinct manifests, each with its tag, 1,000 to a
// repository.
func Store(n int) Set {
	config, layer := artifact("store")
	name := func(i int) string { return fmt.Sprintf("bench/store/r%05d", i) }
	return Set{
		Name:  "store",
		Blobs: spread((n+999)/1000, name, config, layer),
		Manifests: func(yield func(Manifest) bool) {
			for i := range n {
				if !yield(Image(name(i/1000), fmt.Sprintf("v%d", i%1000), fmt.Sprintf("manifest %d", i), config, layer)) {
					return
				}
			}
		},
	}
}

// artifact is a config and a 4 KiB layer that belong to the set of that name.
func artifact(name string) (config, layer Body) {
	return ImageConfig(name), NewMaker(Layer, seedArtifact).Next()
}

// in puts all bodies into one repository.
func in(repository string, bodies []Body) iter.Seq[Blob] {
	return func(yield func(Blob) bool) {
		for _, b := range bodies {
			if !yield(Blob{Repository: repository, Body: b}) {
				return
			}
		}
	}
}

// spread puts the same bodies into n repositories: uploaded to the first,
// mounted from there to the others.
func spread(n int, name func(int) string, bodies ...Body) iter.Seq[Blob] {
	return func(yield func(Blob) bool) {
		from := ""
		for i := range n {
			for _, b := range bodies {
				if !yield(Blob{Repository: name(i), From: from, Body: b}) {
					return
				}
			}
			from = name(0)
		}
	}
}

func none[T any](func(T) bool) {}

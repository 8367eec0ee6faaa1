package e2e

import "testing"

// pushed tries what is offered for what clients push themselves.
func (f *fair) pushed(t *testing.T) {
	b := f.signer.in(t)
	b.write("layer.tar", layerTar(t, "cargo.bin", noise(51, 100_000)))
	b.write("notes.txt", []byte("all hands\n"))
	b.write("deck/plan.txt", []byte("three decks\n"))
	b.write("ship.tgz", chart)
	b.write("hail/plugin.yaml", []byte(pluginFiles[0][1]))
	plain, insecure := "--plain-http", "--insecure"
	if f.s.scheme == "https" {
		plain, insecure = plain+"=false", insecure+"=false"
	}
	for name, push := range map[string]func(*testing.T) []*specimen{
		"files":  func(t *testing.T) []*specimen { return f.files(t, b.in(t), plain) },
		"charts": func(t *testing.T) []*specimen { return f.charts(t, b.in(t), plain, insecure) },
		"plugin": func(t *testing.T) []*specimen { return f.plugins(t, b.in(t), plain) },
		"others": func(t *testing.T) []*specimen { return f.others(t, b.in(t), plain) },
		"images": func(t *testing.T) []*specimen { return f.images(t, b.in(t), insecure) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, sp := range push(t) {
				f.tryAll(t, sp)
			}
		})
	}
}

func (f *fair) files(t *testing.T, b *bench, plain string) []*specimen {
	b.run("oras", "push", plain, f.s.host+"/pushed/files:1", "notes.txt:text/plain", "deck/plan.txt:text/plain")
	return []*specimen{f.s.in(t).from("pushed/files", "1", "oras-files")}
}

// charts are one chart in two repositories; a release cannot be called as the
// second is.
func (f *fair) charts(t *testing.T, b *bench, plain, insecure string) []*specimen {
	b.run("helm", "push", plain, "ship.tgz", "oci://"+f.s.host+"/pushed")
	ship := f.s.host + "/pushed/ship:1.2.3"
	b.run("crane", insecure, "copy", ship, f.s.host+"/pushed/the_ship:2.0.0-rc.1_build.5")
	for _, tag := range []string{"v1.2", "stable", "1.2.3.4", "1.2.3-01"} {
		b.run("crane", insecure, "tag", ship, tag)
	}
	one, two := f.s.in(t).from("pushed/ship", "1.2.3", "helm-chart"), f.s.in(t).from("pushed/the_ship", "2.0.0-rc.1_build.5", "helm-chart")
	one.tags = append(one.tags, "v1.2", "stable", "1.2.3.4", "1.2.3-01")
	return []*specimen{one, two}
}

// plugins are one plugin: signed, not signed, and in a repository of another name,
// where its client does not find it.
func (f *fair) plugins(t *testing.T, b *bench, plain string) []*specimen {
	b.run("helm", "plugin", "package", "--key", signerName, "--keyring", "secring.gpg", "hail")
	const typ = "application/vnd.helm.plugin.v1+json"
	const file, signature = "hail-0.1.0.tgz", "hail-0.1.0.tgz.prov"
	const tar = ":application/vnd.oci.image.layer.v1.tar"
	var all []*specimen
	for repo, files := range map[string][]string{
		"signed/hail":   {file + tar, signature + tar},
		"unsigned/hail": {file + tar},
		"signed/bell":   {file + tar, signature + tar},
	} {
		b.run("oras", append([]string{"push", plain, "--artifact-type", typ, f.s.host + "/" + repo + ":0.1.0"}, files...)...)
		all = append(all, f.s.in(t).from(repo, "0.1.0", "helm-plugin"))
	}
	return all
}

// images are one in each format, and an index of two.
func (f *fair) images(t *testing.T, b *bench, insecure string) []*specimen {
	repo := f.s.host + "/pushed/app"
	for tag, base := range map[string]string{"oci": "--oci-empty-base=true", "docker": "--oci-empty-base=false"} {
		b.run("crane", insecure, "append", base, "-f", "layer.tar", "-t", repo+":"+tag)
		b.run("crane", insecure, "mutate", "--set-platform", "linux/amd64", "-t", repo+":"+tag, repo+":"+tag)
	}
	b.run("crane", insecure, "mutate", "--set-platform", "linux/arm64", "-t", repo+":arm64", repo+":oci")
	b.run("crane", insecure, "index", "append", "-t", repo+":multi", "-m", repo+":oci", "-m", repo+":arm64")
	s := f.s.in(t)
	return []*specimen{
		s.from("pushed/app", "oci", "oci-image"), s.from("pushed/app", "docker", "docker-image"),
		s.from("pushed/app", "multi", "oci-image-index"),
	}
}

// others are what no entry knows: files of a type of their own, a manifest of a
// form of its own, and one that lacks what its form has to have.
func (f *fair) others(t *testing.T, b *bench, plain string) []*specimen {
	b.run("oras", "push", plain, "--artifact-type", "application/vnd.example.unheard", f.s.host+"/pushed/unheard:1", "notes.txt:text/plain")
	s := f.s.in(t)
	s.put("pushed/form", "1", "application/vnd.example.form", []byte(`{"schemaVersion":2,"mediaType":"application/vnd.example.form"}`))
	s.put("pushed/broken", "1", typeManifest, []byte(`{"schemaVersion":2}`))
	return []*specimen{
		s.from("pushed/unheard", "1", "unknown"), s.from("pushed/form", "1", "unknown"), s.from("pushed/broken", "1", "invalid"),
	}
}

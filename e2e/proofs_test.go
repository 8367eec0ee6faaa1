package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// trial is one offered command on its way.
type trial struct {
	t       *testing.T
	b       *bench
	sp      *specimen
	words   []string
	stdout  string
	signer  string // the file with the key of who signs
	cluster *cluster
}

// proof says what a command needs before it is run, if anything, and looks
// at what it brought.
type proof struct {
	before func(*trial)
	after  func(*trial)
}

// proofs are the programs that a command may call to be run here, each with what
// it is told to do. An action is verified when all its programs are among them.
var proofs = map[string]proof{
	"oras manifest fetch": {after: (*trial).printsManifest},
	"oras blob fetch":     {after: (*trial).writesBlob},
	"oras pull":           {after: (*trial).writesFiles},
	"oras copy":           {after: (*trial).writesLayout},
	"oras discover":       {after: (*trial).printsReferrers},
	"skopeo copy":         {after: (*trial).writesFolder},
	"helm pull":           {after: (*trial).writesChart},
	"helm show values":    {after: (*trial).printsValues},
	"helm install":        {(*trial).startsCluster, (*trial).fillsCluster},
	"helm upgrade":        {(*trial).installsFirst, (*trial).fillsCluster},
	"helm plugin install": {(*trial).trustsSigner, (*trial).hasPlugin},
}

// programs are those that the tests have; a command that calls one of them in a
// way that has no proof is a gap in the list above.
var programs = []string{"oras", "helm", "skopeo", "crane", "regctl"}

// stepsOf are the proofs of a command's steps; false when one has none.
func stepsOf(command string) ([]proof, bool) {
	var steps []proof
	for _, step := range strings.FieldsFunc(strings.ReplaceAll(command, "&&", "|"), func(r rune) bool { return r == '|' }) {
		found := ""
		for verb := range proofs {
			if strings.HasPrefix(strings.TrimSpace(step)+" ", verb+" ") && len(verb) > len(found) {
				found = verb
			}
		}
		if found == "" {
			return nil, false
		}
		steps = append(steps, proofs[found])
	}
	return steps, len(steps) > 0
}

// provable reports whether the tests here can run the action.
func (a *entryAction) provable() bool {
	_, ok := stepsOf(a.Command)
	return ok && a.Kind != "publish" && !strings.Contains(a.Command, "<")
}

// after is the word that follows a flag.
func (tr *trial) after(flag string) string {
	i := slices.Index(tr.words, flag)
	if i < 0 || i+1 == len(tr.words) {
		tr.t.Fatalf("%q has nothing after %s", tr.words, flag)
	}
	return tr.words[i+1]
}

func (tr *trial) printsManifest() { same(tr.t, "what is printed", []byte(tr.stdout), tr.sp.manifest) }

func (tr *trial) writesBlob() {
	_, digest, _ := strings.Cut(tr.words[len(tr.words)-1], "@")
	want, ok := tr.sp.parts[digest]
	if !ok || len(want) == 0 {
		tr.t.Fatalf("%q fetches what was not pushed", tr.words)
	}
	same(tr.t, tr.after("--output"), tr.b.read(tr.after("--output")), want)
}

func (tr *trial) writesFiles() {
	if len(tr.sp.files) == 0 {
		tr.t.Error("files are pulled, and the artifact names none")
	}
	for name, digest := range tr.sp.files {
		same(tr.t, name, tr.b.read(name), tr.sp.parts[digest])
	}
}

// printsReferrers looks for the tree of what refers to an artifact, which begins
// with the artifact.
func (tr *trial) printsReferrers() {
	if !strings.Contains(tr.stdout, tr.sp.digest()) {
		tr.t.Errorf("what is printed does not name %s: %s", tr.sp.digest(), tr.stdout)
	}
}

// writesLayout looks for an OCI image layout.
func (tr *trial) writesLayout() {
	dir := tr.after("--to-oci-layout")
	if index := string(tr.b.read(dir + "/index.json")); !strings.Contains(index, tr.sp.digest()) {
		tr.t.Errorf("the layout's index does not name %s: %s", tr.sp.digest(), index)
	}
	same(tr.t, "the manifest", tr.b.read(dir+"/blobs/"+strings.Replace(tr.sp.digest(), ":", "/", 1)), tr.sp.manifest)
	for digest, content := range tr.sp.parts {
		same(tr.t, digest, tr.b.read(dir+"/blobs/"+strings.Replace(digest, ":", "/", 1)), content)
	}
}

// writesFolder looks for a folder of blobs and manifests, each called by its digest.
func (tr *trial) writesFolder() {
	dir := strings.TrimPrefix(tr.words[len(tr.words)-1], "dir:") + "/"
	same(tr.t, "the manifest", tr.b.read(dir+"manifest.json"), tr.sp.manifest)
	for digest, content := range tr.sp.parts {
		name := dir + strings.TrimPrefix(digest, "sha256:")
		if _, err := os.Stat(tr.b.path(name)); err != nil {
			name += ".manifest.json" // of an index's manifest
		}
		same(tr.t, digest, tr.b.read(name), content)
	}
}

func (tr *trial) writesChart() {
	found, err := filepath.Glob(tr.b.path("*.tgz"))
	if err != nil || len(found) != 1 {
		tr.t.Fatalf("%d charts were written, %v", len(found), err)
	}
	same(tr.t, filepath.Base(found[0]), tr.b.read(filepath.Base(found[0])), chart)
}

func (tr *trial) printsValues() {
	same(tr.t, "what is printed", []byte(strings.TrimSpace(tr.stdout)), []byte(strings.TrimSpace(chartFiles[1][1])))
}

func (tr *trial) startsCluster() {
	tr.cluster = newCluster(tr.t)
	tr.b.write(".kube/config", tr.cluster.kubeconfig())
}

// installsFirst installs an older chart as the release that is then upgraded.
func (tr *trial) installsFirst() {
	tr.startsCluster()
	older := slices.Clone(chartFiles)
	older[1][1] = "cargo: ballast\n"
	tr.b.write("older.tar.gz", tgz(older))
	tr.b.run("helm", "install", tr.words[2], "older.tar.gz")
	if got := tr.cluster.configMap("hold")["cargo"]; got != "ballast" {
		tr.t.Fatalf("before the upgrade the cluster holds %v", got)
	}
}

func (tr *trial) fillsCluster() {
	if got := tr.cluster.configMap("hold")["cargo"]; got != "oranges and lemons" {
		tr.t.Errorf("the cluster holds %v, and did not know %q", got, tr.cluster.unknown)
	}
}

func (tr *trial) trustsSigner() {
	key, err := os.ReadFile(tr.signer)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.b.write(".gnupg/pubring.gpg", key)
}

func (tr *trial) hasPlugin() {
	same(tr.t, "the plugin", tr.b.read(".local/share/helm/plugins/hail/plugin.yaml"), []byte(pluginFiles[0][1]))
}

// tgz is a compressed archive of files, each with its name and content.
func tgz(files [][2]string) []byte {
	var archive bytes.Buffer
	z := gzip.NewWriter(&archive)
	w := tar.NewWriter(z)
	for _, f := range files {
		w.WriteHeader(&tar.Header{Name: f[0], Mode: 0o644, Size: int64(len(f[1]))})
		w.Write([]byte(f[1]))
	}
	w.Close()
	z.Close() // a bytes.Buffer takes everything
	return archive.Bytes()
}

// words are a command's, as a shell reads them.
func words(b *bench, command string) []string {
	b.t.Helper()
	var all []string
	list := b.run("sh", "-c", `printf '%s\n' `+strings.NewReplacer("&&", "'&&'", " | ", " '|' ").Replace(command))
	for line := range strings.Lines(list) {
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
	return all
}

// Package datafolder is the one folder that an embedded registry keeps all its
// data in: who holds it, which format it has, and space set aside in it. It does
// not know what is stored in it.
package datafolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Format is the version of the folder's layout. A folder with a higher one was
// written by a newer argosy.
const Format = 1

// Folder is a data folder that this process alone holds.
type Folder struct {
	path string
	lock *os.File
}

// marker is the content of the format file.
type marker struct {
	App    string `json:"app"`
	Format int    `json:"format"`
}

// Open makes or opens the data folder at path and holds it until Close. It
// refuses a folder that another process holds, that a newer argosy wrote, that
// holds something else, or that is on a network file system, where neither locks
// nor syncs can be trusted.
func Open(path string) (*Folder, error) {
	if err := makeFolder(path); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := local(path); err != nil {
		return nil, err
	}
	if err := ours(path); err != nil {
		return nil, err
	}
	f := &Folder{path: path}
	if err := f.hold(); err != nil {
		return nil, err
	}
	if err := f.mark(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// makeFolder makes the folder, for this account alone: tenants' data is in it.
// Its name is synced even if it was there: who made it may have died before.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	err := Sync(filepath.Dir(filepath.Clean(path)))
	if errors.Is(err, fs.ErrPermission) {
		return nil // a parent that may not be read was not made here
	}
	return err
}

// Path is a path in the folder.
func (f *Folder) Path(elem ...string) string {
	return filepath.Join(append([]string{f.path}, elem...)...)
}

// Close lets others hold the folder.
func (f *Folder) Close() error { return f.lock.Close() }

// ours refuses a folder that has files and no format marker.
func ours(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	strange := ""
	for _, e := range entries {
		switch e.Name() {
		case "format":
			return nil
		case "lock", "lock.format", "lost+found":
		case "types", "policy.yaml": // the owner put them there before the first start
		default:
			strange = e.Name()
		}
	}
	if strange != "" {
		return fmt.Errorf("data folder %s holds %q and is not a folder of argosy: name an empty or new one with --data", path, strange)
	}
	return nil
}

// hold takes the lock, which ends with the process whatever happens to it.
func (f *Folder) hold() error {
	lock, err := os.OpenFile(f.Path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
		lock.Close()
		return fmt.Errorf("data folder %s cannot be locked: %w: use a local disk", f.path, err)
	}
	if err != nil {
		holder := "another process"
		if pid, readErr := os.ReadFile(lock.Name()); readErr == nil && len(pid) > 0 {
			holder = "process " + strings.TrimSpace(string(pid))
		}
		lock.Close()
		return fmt.Errorf("data folder %s is in use by %s: stop that, or name another folder with --data", f.path, holder)
	}
	f.lock = lock
	// The pid is for people: on a full disk it may be missing.
	if err := lock.Truncate(0); err == nil {
		_, _ = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return nil
}

// mark writes the format marker, or refuses a newer one.
func (f *Folder) mark() error {
	text, err := os.ReadFile(f.Path("format"))
	if errors.Is(err, fs.ErrNotExist) {
		return f.writeMarker()
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	var m marker
	if err := json.Unmarshal(text, &m); err != nil || m.App != "argosy" {
		return fmt.Errorf("data folder %s: the file %q is not argosy's: name another folder with --data", f.path, f.Path("format"))
	}
	if m.Format > Format {
		return fmt.Errorf("data folder %s has format %d, this program knows %d: use the newer argosy that wrote it", f.path, m.Format, Format)
	}
	return nil
}

// writeMarker writes the marker whole or not at all.
func (f *Folder) writeMarker() error {
	text, err := json.Marshal(marker{"argosy", Format})
	if err != nil {
		return err
	}
	temp, err := os.OpenFile(f.Path("lock.format"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), f.Path("format"))
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", errors.Join(err, os.Remove(temp.Name())))
	}
	return Sync(f.path)
}

// Sync makes the names in a folder durable.
func Sync(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// remote are file systems over a network, by their magic number.
var remote = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.SMB2_SUPER_MAGIC: "SMB2",
	unix.SMB_SUPER_MAGIC:  "SMB",
	unix.AFS_SUPER_MAGIC:  "AFS",
	unix.AFS_FS_MAGIC:     "AFS",
	unix.CODA_SUPER_MAGIC: "Coda",
	unix.CEPH_SUPER_MAGIC: "CephFS",
}

// local refuses a folder on a network file system.
func local(path string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return fmt.Errorf("data folder %s: %w", path, err)
	}
	return localType(path, uint32(st.Type))
}

func localType(path string, magic uint32) error {
	if name, ok := remote[magic]; ok {
		return fmt.Errorf("data folder %s is on %s, where locks and syncs cannot be trusted: name a folder on a local disk with --data", path, name)
	}
	return nil
}

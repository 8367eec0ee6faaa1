package storetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// server is the one PostgreSQL of this test binary.
var server struct {
	once      sync.Once
	dir       string
	cmd       *exec.Cmd
	err       error
	databases atomic.Int64
}

// Main runs the tests of a package and stops the PostgreSQL that they started.
func Main(m *testing.M) {
	code := m.Run()
	if server.cmd != nil {
		_ = server.cmd.Process.Signal(syscall.SIGINT)
		_ = server.cmd.Wait()
	}
	if server.dir != "" {
		_ = os.RemoveAll(server.dir)
	}
	os.Exit(code)
}

// Postgres gives a test an empty database of its own on a PostgreSQL that is
// started for the test binary, and returns its URL. The package's TestMain must
// call Main. Without a PostgreSQL installed the test is skipped, or fails where
// CI is set.
func Postgres(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = start() })
	if server.err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(server.err)
		}
		t.Skip(server.err)
	}
	name := fmt.Sprintf("argosy%d", server.databases.Add(1))
	admin, err := sql.Open("pgx", databaseURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.Exec(`CREATE DATABASE ` + name); err != nil {
		t.Fatal(err)
	}
	return databaseURL(name)
}

func databaseURL(name string) string {
	q := url.Values{"host": {server.dir}, "user": {"argosy"}}
	return "postgres:///" + name + "?" + q.Encode()
}

// start initialises and starts a server that listens on a socket in a folder of
// its own. PostgreSQL refuses to run as root, so root runs it as another user.
func start() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	if server.dir, err = os.MkdirTemp("/tmp", "argosy-pg"); err != nil {
		return err
	}
	as, err := other(server.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(server.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username=argosy", "--auth=trust", "--encoding=UTF8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = &syscall.SysProcAttr{Credential: as}, server.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// Not durable: a test's database does not outlive it.
	server.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", server.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100")
	server.cmd.SysProcAttr, server.cmd.Dir = &syscall.SysProcAttr{Credential: as}, server.dir
	if err := server.cmd.Start(); err != nil {
		return err
	}
	return await()
}

func await() error {
	admin, err := sql.Open("pgx", databaseURL("postgres"))
	if err != nil {
		return err
	}
	defer admin.Close()
	for range 300 {
		if err = admin.Ping(); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("PostgreSQL does not answer: %w", err)
}

// binaries finds the folder of PostgreSQL's programs, the newest of Debian's first.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(p), "initdb")); err == nil {
				return filepath.Dir(p), nil
			}
		}
	}
	return "", fmt.Errorf("PostgreSQL is missing: apt-get install postgresql")
}

// other is the user to run PostgreSQL as when this process is root, to whom dir
// is given; nil otherwise.
func other(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}

package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/argosy-registry/argosy/internal/oci"
)

//go:embed schema
var schemas embed.FS

const (
	sqliteReaders = 4 // more are slower on few cores
	postgresConns = 16
)

// dialect is all that differs between the engines, beside the schema folders.
type dialect struct {
	name string // the folder under schema
	lock string // keeps others from migrating at the same time
}

var (
	sqliteDialect   = dialect{name: "sqlite"}
	postgresDialect = dialect{name: "postgres", lock: `SELECT pg_advisory_xact_lock(20190531)`}
)

// sqliteDSN carries every pragma, since those set through a pool reach one
// connection only. FULL: with NORMAL a power cut may take acknowledged commits.
// temp_store(2) is memory: a container may have no folder for temporary files,
// which a large transaction otherwise needs for its savepoint.
func sqliteDSN(path string) string {
	return sqliteURL(path,
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(2)",
		"mmap_size(1073741824)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)", "cell_size_check(1)",
	)
}

func sqliteURL(path string, pragmas ...string) string {
	v := url.Values{}
	for _, p := range pragmas {
		v.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: v.Encode()}).String()
}

// migrate brings the schema up to date in one transaction: the version is moved
// with the tables, so a killed migration leaves the old ones.
func migrate(ctx context.Context, pool *sql.DB, d dialect) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer tx.Rollback()
	if d.lock != "" {
		if _, err := tx.ExecContext(ctx, d.lock); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)`); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	var at int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&at); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if err := applyFrom(ctx, tx, d, at); err != nil {
		return err
	}
	return tx.Commit()
}

func applyFrom(ctx context.Context, tx *sql.Tx, d dialect, at int) error {
	dir := path.Join("schema", d.name)
	files, err := schemas.ReadDir(dir)
	if err != nil {
		return err
	}
	if at > len(files) {
		return fmt.Errorf("the database has schema version %d, this program knows %d: use the newer argosy that wrote it", at, len(files))
	}
	for i := at; i < len(files); i++ {
		text, err := schemas.ReadFile(path.Join(dir, files[i].Name()))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("schema %s: %w", files[i].Name(), err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES ($1)`, i+1); err != nil {
			return err
		}
	}
	return nil
}

// isFull says whether an engine refused for want of space.
func isFull(err error) bool {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return e.Code()&0xff == sqlite3.SQLITE_FULL
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) {
		return e.Code == "53100" // disk_full
	}
	return false
}

// isConflict says whether a transaction lost against another and can be run again.
func isConflict(err error) bool {
	e := (*pgconn.PgError)(nil)
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "23505" || e.Code == "23503")
}

// engineError turns an engine's want of space into the specification's words.
func engineError(err error) error {
	if err != nil && isFull(err) && oci.AsError(err) == nil {
		return errors.Join(oci.StorageFull.With(nil, "the disk of the database is full: free space, or delete artifacts"), err)
	}
	return err
}

// placeholders is "$from,…", n of them, for a list of values.
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}

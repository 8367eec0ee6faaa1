// Package store is all SQL, once: the same statements run on SQLite and on
// PostgreSQL. It is the only truth of what exists and what names what.
//
// It does not know what an artifact type is (a string here), where heap bytes
// are, who asks, or HTTP.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// DB is an open database. Its methods are safe for concurrent use.
type DB struct {
	Reader
	dialect dialect
	pool    *sql.DB
	write   interface {
		do(ctx context.Context, m member) error
		later(m member)
		compact() error
		close() error
	}
}

// Options tune a DB.
type Options struct {
	// Reserve is asked for space when the disk is full and a change that frees
	// space needs some itself. nil: there is none.
	Reserve Reserve

	// Fault is called before each statement that writes and may fail it: the
	// tests' way to have every operation fail once.
	Fault func(statement string) error
}

// Reserve is space set aside on the database's disk.
type Reserve interface {
	Release() error // give the space back to the disk
	Held() bool     // whether it is set aside now
	Scarce() bool   // whether the disk will be full soon
}

// OpenSQLite opens or creates the database file at path, of which this process
// must be the only user, and brings its schema up to date.
func OpenSQLite(path string, o Options) (*DB, error) {
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("make database %s: %w", path, err)
	}
	pool, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	pool.SetMaxOpenConns(1)
	writer, err := openBatchWriter(path, pool, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", filepath.Clean(path), err), pool.Close())
	}
	readers, err := sql.Open("sqlite", sqliteDSN(path)+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, writer.close())
	}
	readers.SetMaxOpenConns(sqliteReaders)
	readers.SetMaxIdleConns(sqliteReaders)
	return &DB{Reader: Reader{newPrepared(readers)}, dialect: sqliteDialect, pool: readers, write: writer}, nil
}

// OpenPostgres opens the PostgreSQL database that url names and brings its
// schema up to date. Any number of processes may share it.
func OpenPostgres(url string) (*DB, error) {
	pool, err := sql.Open("pgx", url)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	if err := migrate(context.Background(), pool, postgresDialect); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return &DB{Reader: Reader{poolRunner{pool}}, dialect: postgresDialect, pool: pool, write: &txWriter{pool: pool}}, nil
}

// Close waits for writes under way and closes the database.
func (db *DB) Close() error {
	return errors.Join(db.write.close(), db.pool.Close())
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Write runs fn in a transaction and returns when it is durable, or fn's error
// with nothing changed. fn may run more than once and must set its results
// anew each time; it does no I/O but through tx. Errors: oci.StorageFull.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.write.do(ctx, member{run: fn})
}

// Free is Write for a change that frees space: it may draw on the reserve when
// the disk is full.
func (db *DB) Free(ctx context.Context, fn func(*Tx) error) error {
	return db.write.do(ctx, member{run: fn, frees: true})
}

// Later queues fn behind the writes that are waiting and returns. Its error is
// lost: it is for what a later look finds again. Writes that are queued after it
// see it.
func (db *DB) Later(fn func(*Tx) error) { db.write.later(member{run: fn}) }

// Compact gives the space that deletions freed in the database back to the disk,
// as far as that goes in a moment; on a full disk it is worth calling again.
func (db *DB) Compact() error { return db.write.compact() }

// Tx is a transaction that writes. It is used by one goroutine.
type Tx struct {
	Reader
	committed []func()
}

// OnCommit has fn called when the transaction is durable, before Write returns.
func (tx *Tx) OnCommit(fn func()) { tx.committed = append(tx.committed, fn) }

// Reader reads. Outside a transaction each call sees the newest commit.
type Reader struct{ r runner }

// runner runs statements: a prepared pool, one connection, a transaction.
type runner interface {
	query(text string, args ...any) (*sql.Rows, error)
	exec(text string, args ...any) (sql.Result, error)
}

// Statements run without the caller's cancellation: they are short, and a
// watcher per statement costs more than what it could save.
var background = context.Background()

// prepared runs statements on a pool and keeps them prepared.
type prepared struct {
	pool  *sql.DB
	stmts *sync.Map // text → *sql.Stmt
}

func newPrepared(pool *sql.DB) prepared { return prepared{pool, new(sync.Map)} }

func (p prepared) stmt(text string) (*sql.Stmt, error) {
	if s, ok := p.stmts.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := p.pool.PrepareContext(background, text)
	if err != nil {
		return nil, err
	}
	if old, loaded := p.stmts.LoadOrStore(text, s); loaded {
		return old.(*sql.Stmt), s.Close()
	}
	return s, nil
}

func (p prepared) query(text string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(background, args...)
}

func (p prepared) exec(text string, args ...any) (sql.Result, error) {
	s, err := p.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(background, args...)
}

// poolRunner runs statements on a pool whose driver keeps them prepared.
type poolRunner struct{ pool *sql.DB }

func (p poolRunner) query(text string, args ...any) (*sql.Rows, error) {
	return p.pool.QueryContext(background, text, args...)
}

func (p poolRunner) exec(text string, args ...any) (sql.Result, error) {
	return p.pool.ExecContext(background, text, args...)
}

// one scans the only row of a query into dest; false when there is none.
func (r Reader) one(dest []any, text string, args ...any) (bool, error) {
	rows, err := r.r.query(text, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	return true, rows.Close()
}

// each calls scan for every row of a query.
func (r Reader) each(scan func(*sql.Rows) error, text string, args ...any) error {
	rows, err := r.r.query(text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (tx *Tx) exec(text string, args ...any) (int64, error) {
	res, err := tx.r.exec(text, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// strings lists the first column of a query.
func (r Reader) strings(text string, args ...any) ([]string, error) {
	var all []string
	err := r.each(func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		all = append(all, s)
		return err
	}, text, args...)
	return all, err
}

// Micros is t as the tables hold it.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Time is a moment of the tables.
func Time(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

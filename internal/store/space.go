package store

import (
	"database/sql"
	"errors"
	"os"
	"time"
)

const (
	shortLog    = 1 << 20 // bytes of the log that are kept where space is scarce
	vacuumSlice = 256     // pages of the database file that are given back at a time
	vacuumFor   = 50 * time.Millisecond
)

var errLogInUse = errors.New("the log of the database is being read")

// makeFile makes the database file if there is none, in the form that Compact can
// shrink. That is decided before the first table; to say it again at each start
// would write, which a full disk refuses.
func makeFile(path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	}
	pool, err := sql.Open("sqlite", sqliteURL(path))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	for _, text := range []string{"PRAGMA auto_vacuum = INCREMENTAL", "VACUUM"} {
		if _, err := pool.Exec(text); err != nil {
			return errors.Join(err, pool.Close())
		}
	}
	return pool.Close()
}

// keepLogShort moves the log into the database file where space is scarce. A
// long log is faster, but on a full disk nobody could empty it any more: that
// itself takes space. Called with conn in use.
func (w *batchWriter) keepLogShort() {
	if w.reserve == nil || !w.reserve.Scarce() {
		return
	}
	if log, err := os.Stat(w.path + "-wal"); err == nil && log.Size() > shortLog {
		_ = w.emptyLog() // tried again after the next commit
	}
}

// emptyLog moves the log into the database file and gives its space back.
// Called with conn in use.
func (w *batchWriter) emptyLog() error {
	busy, err := w.number("PRAGMA wal_checkpoint(TRUNCATE)")
	if err == nil && busy != 0 {
		err = errLogInUse
	}
	return err
}

// compact gives free pages of the file back to the disk, in slices so that the
// log of it stays short, for a moment so that writes are not kept waiting.
func (w *batchWriter) compact() error {
	for start := time.Now(); ; {
		more, err := w.compactSlice()
		if err != nil || !more || time.Since(start) > vacuumFor {
			return err
		}
	}
}

func (w *batchWriter) compactSlice() (more bool, err error) {
	w.using.Lock()
	defer w.using.Unlock()
	free, err := w.number("PRAGMA freelist_count")
	if err != nil {
		return false, err
	}
	if free >= vacuumSlice {
		if _, err := w.number("PRAGMA incremental_vacuum(256)"); err != nil {
			return false, err
		}
	}
	return free >= 2*vacuumSlice, w.emptyLog()
}

// number runs a pragma to its end; it is the first column of its first row, 0
// without one.
func (w *batchWriter) number(pragma string) (n int64, err error) {
	first := true
	err = Reader{w.conn}.each(func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil || !first {
			return err
		}
		first = false
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(sql.NullInt64)
		}
		if err := rows.Scan(values...); err != nil || len(values) == 0 {
			return err
		}
		n = values[0].(*sql.NullInt64).Int64
		return nil
	}, pragma)
	return n, err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// maxBatch is the most members of one group commit.
const maxBatch = 256

// member is one transaction that waits to be written.
type member struct {
	run   func(*Tx) error
	frees bool       // frees space: may draw on the reserve
	done  chan error // nil when nobody waits
}

// batchWriter is SQLite's one writer with group commit: those who arrive while
// a commit is under way form the next batch, each in a savepoint of its own, and
// share its sync.
type batchWriter struct {
	path    string // of the database file
	pool    *sql.DB
	conn    *connRunner
	using   sync.Mutex // of conn
	reserve Reserve
	queue   chan member
	gone    sync.WaitGroup
	mu      sync.RWMutex
	closed  bool
}

var errClosed = errors.New("the database is closed")

func openBatchWriter(path string, pool *sql.DB, o Options) (*batchWriter, error) {
	if err := migrate(background, pool, sqliteDialect); err != nil {
		return nil, err
	}
	conn, err := pool.Conn(background)
	if err != nil {
		return nil, err
	}
	w := &batchWriter{
		path: path, pool: pool, reserve: o.Reserve, queue: make(chan member, maxBatch),
		conn: &connRunner{conn: conn, stmts: map[string]*sql.Stmt{}, fault: o.Fault},
	}
	w.gone.Add(1)
	go w.loop()
	return w, nil
}

func (w *batchWriter) do(ctx context.Context, m member) error {
	m.done = make(chan error, 1)
	if err := w.enqueue(ctx, m); err != nil {
		return err
	}
	return <-m.done // once queued it will be decided; the caller must know how
}

func (w *batchWriter) later(m member) { _ = w.enqueue(background, m) }

func (w *batchWriter) enqueue(ctx context.Context, m member) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- m:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *batchWriter) close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	w.gone.Wait()
	return errors.Join(w.conn.close(), w.pool.Close())
}

func (w *batchWriter) loop() {
	defer w.gone.Done()
	batch := make([]member, 0, maxBatch)
	for m := range w.queue {
		batch = append(batch[:0], m)
		for len(batch) < maxBatch {
			select {
			case next, ok := <-w.queue:
				if ok {
					batch = append(batch, next)
					continue
				}
			default:
			}
			break
		}
		w.using.Lock()
		w.commit(batch)
		w.keepLogShort()
		w.using.Unlock()
	}
}

// commit writes a batch. When the engine refuses it as a whole, its members run
// again singly, each to its own answer.
func (w *batchWriter) commit(batch []member) {
	answers, hooks, err := w.together(batch)
	if err == nil {
		for _, h := range hooks {
			h()
		}
		for i, m := range batch {
			m.answer(answers[i])
		}
		return
	}
	for _, m := range batch {
		m.answer(w.alone(m))
	}
}

func (m member) answer(err error) {
	if m.done != nil {
		m.done <- engineError(err)
	}
}

// together runs the members in one transaction. err means that none is durable.
func (w *batchWriter) together(batch []member) (answers []error, hooks []func(), err error) {
	if err := w.conn.plain("BEGIN IMMEDIATE"); err != nil {
		return nil, nil, err
	}
	answers = make([]error, len(batch))
	for i, m := range batch {
		tx := &Tx{Reader: Reader{w.conn}}
		if answers[i], err = w.savepoint(tx, m); err != nil {
			w.rollback()
			return nil, nil, err
		}
		if answers[i] == nil {
			hooks = append(hooks, tx.committed...)
		}
	}
	if err := w.conn.plain("COMMIT"); err != nil {
		w.rollback()
		return nil, nil, err
	}
	return answers, hooks, nil
}

// savepoint runs one member; answer is its own error, err the engine's.
func (w *batchWriter) savepoint(tx *Tx, m member) (answer, err error) {
	if err := w.conn.plain("SAVEPOINT member"); err != nil {
		return nil, err
	}
	if answer = run(tx, m); answer != nil {
		if isFull(answer) {
			return nil, answer
		}
		if err := w.conn.plain("ROLLBACK TO member"); err != nil {
			return nil, errors.Join(answer, err) // the engine has ended the transaction itself
		}
	}
	return answer, w.conn.plain("RELEASE member")
}

// alone runs one member in a transaction of its own. On a full disk it is run
// again when the log could be emptied, and on the reserve when it frees space.
func (w *batchWriter) alone(m member) error {
	answers, hooks, err := w.together([]member{m})
	again := func(made error) {
		if isFull(err) && made == nil {
			answers, hooks, err = w.together([]member{m})
		}
	}
	if isFull(err) {
		again(w.emptyLog())
	}
	if isFull(err) && m.frees && w.reserve != nil && w.reserve.Held() {
		again(w.reserve.Release())
		if isFull(err) {
			again(w.emptyLog())
		}
	}
	if err != nil {
		return err
	}
	for _, h := range hooks {
		h()
	}
	return answers[0]
}

// rollback ends the transaction; the engine may have ended it already.
func (w *batchWriter) rollback() { _ = w.conn.plain("ROLLBACK") }

// run calls a member and turns its panic into its error: it must not take the
// writer, and with it every other member, down.
func run(tx *Tx, m member) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("transaction panicked: %v", p)
		}
	}()
	return m.run(tx)
}

// connRunner runs statements on one connection and keeps them prepared.
type connRunner struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	fault func(statement string) error // nil: none
}

func (c *connRunner) stmt(text string) (*sql.Stmt, error) {
	if c.fault != nil {
		if err := c.fault(text); err != nil {
			return nil, err
		}
	}
	if s := c.stmts[text]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(background, text)
	if err == nil {
		c.stmts[text] = s
	}
	return s, err
}

func (c *connRunner) query(text string, args ...any) (*sql.Rows, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(background, args...)
}

func (c *connRunner) exec(text string, args ...any) (sql.Result, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(background, args...)
}

// close finalises the statements: one that is open would keep the file locked.
func (c *connRunner) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.conn.Close())...)
}

func (c *connRunner) plain(text string) error {
	_, err := c.exec(text)
	return err
}

// txWriter is PostgreSQL's writer: a transaction each, run again when it lost
// against another.
type txWriter struct {
	pool *sql.DB
	late sync.WaitGroup
}

// maxTries bounds how often a transaction that keeps losing is run.
const maxTries = 200

func (w *txWriter) do(ctx context.Context, m member) (err error) {
	for try := range maxTries {
		if err = w.once(ctx, m); !isConflict(err) {
			break
		}
		time.Sleep(rand.N(time.Duration(min(try+1, 20)) * time.Millisecond)) // those who lost together part
	}
	return engineError(err)
}

func (w *txWriter) once(ctx context.Context, m member) error {
	// What a member reads decides what it writes: the two must be of one moment.
	sqlTx, err := w.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return err
	}
	defer sqlTx.Rollback()
	tx := &Tx{Reader: Reader{txRunner{sqlTx}}}
	if err := run(tx, m); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return err
	}
	for _, h := range tx.committed {
		h()
	}
	return nil
}

func (w *txWriter) later(m member) {
	w.late.Add(1)
	go func() {
		defer w.late.Done()
		_ = w.do(background, m)
	}()
}

// compact does nothing: PostgreSQL looks after its files itself.
func (w *txWriter) compact() error { return nil }

func (w *txWriter) close() error {
	w.late.Wait()
	return nil
}

// txRunner runs statements in a transaction.
type txRunner struct{ tx *sql.Tx }

func (t txRunner) query(text string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(background, text, args...)
}

func (t txRunner) exec(text string, args ...any) (sql.Result, error) {
	return t.tx.ExecContext(background, text, args...)
}

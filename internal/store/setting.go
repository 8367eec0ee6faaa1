package store

// Setting is the value kept under name; false when there is none.
func (r Reader) Setting(name string) (value []byte, ok bool, err error) {
	ok, err = r.one([]any{&value}, `SELECT value FROM setting WHERE name = $1`, name)
	return value, ok, err
}

// SetSetting keeps a value under name.
func (tx *Tx) SetSetting(name string, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	_, err := tx.exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// RemoveSetting removes what is kept under name.
func (tx *Tx) RemoveSetting(name string) error {
	_, err := tx.exec(`DELETE FROM setting WHERE name = $1`, name)
	return err
}

// Decide is the value kept under name, which the first caller decides.
func (tx *Tx) Decide(name string, first []byte) (value []byte, err error) {
	if _, err := tx.exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, first); err != nil {
		return nil, err
	}
	_, err = tx.one([]any{&value}, `SELECT value FROM setting WHERE name = $1`, name)
	return value, err
}

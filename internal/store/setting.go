package store

// Setting is the value kept under name, which the first caller decides.
func (tx *Tx) Setting(name string, first []byte) (value []byte, err error) {
	if _, err := tx.exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, first); err != nil {
		return nil, err
	}
	_, err = tx.one([]any{&value}, `SELECT value FROM setting WHERE name = $1`, name)
	return value, err
}

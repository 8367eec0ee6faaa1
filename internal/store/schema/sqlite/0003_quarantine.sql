-- Manifests that are stored and shown to nobody before an operator releases them.
CREATE TABLE quarantine (
  manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id) ON DELETE CASCADE,
  since       INTEGER NOT NULL,
  reason      TEXT    NOT NULL
) STRICT;

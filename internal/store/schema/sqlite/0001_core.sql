-- The core tables. Times are microseconds since 1970 UTC, given by the program.
CREATE TABLE repository (
  id      INTEGER PRIMARY KEY,
  name    TEXT    NOT NULL UNIQUE,
  created INTEGER NOT NULL
) STRICT;

-- A blob's bytes are either in blob_content (small) or in the heap under storage_key.
CREATE TABLE blob (
  id          INTEGER PRIMARY KEY,
  digest      TEXT    NOT NULL UNIQUE,
  size        INTEGER NOT NULL,
  storage_key TEXT,
  stamp       TEXT    NOT NULL DEFAULT '', -- of the heap object when it was last verified
  verified    INTEGER NOT NULL             -- when its bytes last matched the digest
) STRICT;
CREATE INDEX blob_key ON blob (storage_key) WHERE storage_key IS NOT NULL;
CREATE INDEX blob_verified ON blob (verified, id);

CREATE TABLE blob_content (
  blob_id INTEGER PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  content BLOB    NOT NULL
) STRICT;

-- Membership: a blob can be read in the repositories that it is linked in.
CREATE TABLE repository_blob (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  blob_id       INTEGER NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
  touched       INTEGER NOT NULL, -- last upload, mount or existence check
  PRIMARY KEY (repository_id, blob_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repository_blob_blob ON repository_blob (blob_id);
CREATE INDEX repository_blob_touched ON repository_blob (touched, repository_id, blob_id);

CREATE TABLE manifest (
  id            INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  digest        TEXT    NOT NULL,
  media_type    TEXT    NOT NULL,
  artifact_type TEXT    NOT NULL, -- as a referrers answer shows it
  config_type   TEXT    NOT NULL,
  subject       TEXT    NOT NULL, -- digest, or empty
  size          INTEGER NOT NULL,
  pushed        INTEGER NOT NULL,
  type          TEXT    NOT NULL, -- derived: id of the artifact type
  variant       TEXT    NOT NULL, -- derived
  companion     INTEGER NOT NULL, -- derived: 1 when listings fold it under its subject
  facts         TEXT    NOT NULL, -- derived: JSON for listings, opaque here
  fingerprint   TEXT    NOT NULL, -- of the catalog that derived them
  UNIQUE (repository_id, digest)
) STRICT;
CREATE INDEX manifest_subject ON manifest (repository_id, subject, digest) WHERE subject <> '';
CREATE INDEX manifest_type ON manifest (type, repository_id);

CREATE TABLE manifest_content (
  manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id) ON DELETE CASCADE,
  content     BLOB    NOT NULL
) STRICT;

-- What a manifest names. A target is filled when the content is in the same
-- repository; a filled target cannot be deleted.
CREATE TABLE manifest_ref (
  manifest_id   INTEGER NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  list          TEXT    NOT NULL,
  position      INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  digest        TEXT    NOT NULL,
  media_type    TEXT    NOT NULL,
  blob_id       INTEGER,
  child_id      INTEGER REFERENCES manifest (id) ON DELETE RESTRICT,
  PRIMARY KEY (manifest_id, list, position),
  FOREIGN KEY (repository_id, blob_id) REFERENCES repository_blob (repository_id, blob_id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX manifest_ref_blob ON manifest_ref (repository_id, blob_id) WHERE blob_id IS NOT NULL;
CREATE INDEX manifest_ref_child ON manifest_ref (child_id) WHERE child_id IS NOT NULL;
CREATE INDEX manifest_ref_missing ON manifest_ref (repository_id, digest) WHERE blob_id IS NULL AND child_id IS NULL;

CREATE TABLE tag (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  name          TEXT    NOT NULL,
  manifest_id   INTEGER NOT NULL REFERENCES manifest (id) ON DELETE RESTRICT,
  updated       INTEGER NOT NULL,
  attached_to   TEXT    NOT NULL, -- derived: digest that the tag's name attaches its manifest to, or empty
  PRIMARY KEY (repository_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_manifest ON tag (manifest_id, name);
CREATE INDEX tag_attached ON tag (repository_id, attached_to, manifest_id) WHERE attached_to <> '';

-- An upload that holds bytes, or the tombstone of one that was ended.
CREATE TABLE upload (
  id          TEXT    PRIMARY KEY,
  repository  TEXT    NOT NULL,
  size        INTEGER NOT NULL, -- durable bytes
  content     BLOB,             -- the bytes while they are few
  storage_key TEXT,             -- else the heap object
  state       BLOB,             -- of the heap's writer
  hash        BLOB,             -- running SHA-256
  updated     INTEGER NOT NULL,
  ended       INTEGER NOT NULL  -- 1: committed or cancelled
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_updated ON upload (updated);

-- Heap objects whose row is gone and whose bytes are to follow.
CREATE TABLE pending_delete (
  storage_key TEXT    PRIMARY KEY,
  queued      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the registry decided once, such as the key that upload ids are signed with.
CREATE TABLE setting (
  name  TEXT  PRIMARY KEY,
  value BLOB  NOT NULL
) STRICT, WITHOUT ROWID;

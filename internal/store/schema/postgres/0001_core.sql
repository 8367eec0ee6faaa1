-- The core tables. Times are microseconds since 1970 UTC, given by the program.
CREATE TABLE repository (
  id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name    TEXT COLLATE "C"    NOT NULL UNIQUE,
  created BIGINT NOT NULL
);

-- A blob's bytes are either in blob_content (small) or in the heap under storage_key.
CREATE TABLE blob (
  id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest      TEXT COLLATE "C"    NOT NULL UNIQUE,
  size        BIGINT NOT NULL,
  storage_key TEXT COLLATE "C",
  stamp       TEXT COLLATE "C"    NOT NULL DEFAULT '', -- of the heap object when it was last verified
  verified    BIGINT NOT NULL             -- when its bytes last matched the digest
);
CREATE INDEX blob_key ON blob (storage_key) WHERE storage_key IS NOT NULL;
CREATE INDEX blob_verified ON blob (verified, id);

CREATE TABLE blob_content (
  blob_id BIGINT PRIMARY KEY REFERENCES blob (id) ON DELETE CASCADE,
  content BYTEA    NOT NULL
);

-- Membership: a blob can be read in the repositories that it is linked in.
CREATE TABLE repository_blob (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  blob_id       BIGINT NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
  touched       BIGINT NOT NULL, -- last upload, mount or existence check
  PRIMARY KEY (repository_id, blob_id)
);
CREATE INDEX repository_blob_blob ON repository_blob (blob_id);
CREATE INDEX repository_blob_touched ON repository_blob (touched, repository_id, blob_id);

CREATE TABLE manifest (
  id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  digest        TEXT COLLATE "C"    NOT NULL,
  media_type    TEXT COLLATE "C"    NOT NULL,
  artifact_type TEXT COLLATE "C"    NOT NULL, -- as a referrers answer shows it
  config_type   TEXT COLLATE "C"    NOT NULL,
  subject       TEXT COLLATE "C"    NOT NULL, -- digest, or empty
  size          BIGINT NOT NULL,
  pushed        BIGINT NOT NULL,
  type          TEXT COLLATE "C"    NOT NULL, -- derived: id of the artifact type
  variant       TEXT COLLATE "C"    NOT NULL, -- derived
  companion     BIGINT NOT NULL, -- derived: 1 when listings fold it under its subject
  facts         TEXT COLLATE "C"    NOT NULL, -- derived: JSON for listings, opaque here
  fingerprint   TEXT COLLATE "C"    NOT NULL, -- of the catalog that derived them
  UNIQUE (repository_id, digest)
);
CREATE INDEX manifest_subject ON manifest (repository_id, subject, digest) WHERE subject <> '';
CREATE INDEX manifest_type ON manifest (type, repository_id);

CREATE TABLE manifest_content (
  manifest_id BIGINT PRIMARY KEY REFERENCES manifest (id) ON DELETE CASCADE,
  content     BYTEA    NOT NULL
);

-- What a manifest names. A target is filled when the content is in the same
-- repository; a filled target cannot be deleted.
CREATE TABLE manifest_ref (
  manifest_id   BIGINT NOT NULL REFERENCES manifest (id) ON DELETE CASCADE,
  list          TEXT COLLATE "C"    NOT NULL,
  position      BIGINT NOT NULL,
  repository_id BIGINT NOT NULL,
  digest        TEXT COLLATE "C"    NOT NULL,
  media_type    TEXT COLLATE "C"    NOT NULL,
  blob_id       BIGINT,
  child_id      BIGINT REFERENCES manifest (id) ON DELETE RESTRICT,
  PRIMARY KEY (manifest_id, list, position),
  FOREIGN KEY (repository_id, blob_id) REFERENCES repository_blob (repository_id, blob_id) ON DELETE RESTRICT
);
CREATE INDEX manifest_ref_blob ON manifest_ref (repository_id, blob_id) WHERE blob_id IS NOT NULL;
CREATE INDEX manifest_ref_child ON manifest_ref (child_id) WHERE child_id IS NOT NULL;
CREATE INDEX manifest_ref_missing ON manifest_ref (repository_id, digest) WHERE blob_id IS NULL AND child_id IS NULL;

CREATE TABLE tag (
  repository_id BIGINT NOT NULL REFERENCES repository (id),
  name          TEXT COLLATE "C"    NOT NULL,
  manifest_id   BIGINT NOT NULL REFERENCES manifest (id) ON DELETE RESTRICT,
  updated       BIGINT NOT NULL,
  attached_to   TEXT COLLATE "C"    NOT NULL, -- derived: digest that the tag's name attaches its manifest to, or empty
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX tag_manifest ON tag (manifest_id, name);
CREATE INDEX tag_attached ON tag (repository_id, attached_to, manifest_id) WHERE attached_to <> '';

-- An upload that holds bytes, or the tombstone of one that was ended.
CREATE TABLE upload (
  id          TEXT COLLATE "C"    PRIMARY KEY,
  repository  TEXT COLLATE "C"    NOT NULL,
  size        BIGINT NOT NULL, -- durable bytes
  content     BYTEA,             -- the bytes while they are few
  storage_key TEXT COLLATE "C",             -- else the heap object
  state       BYTEA,             -- of the heap's writer
  hash        BYTEA,             -- running SHA-256
  updated     BIGINT NOT NULL,
  ended       BIGINT NOT NULL  -- 1: committed or cancelled
);
CREATE INDEX upload_updated ON upload (updated);

-- Heap objects whose row is gone and whose bytes are to follow.
CREATE TABLE pending_delete (
  storage_key TEXT COLLATE "C"    PRIMARY KEY,
  queued      BIGINT NOT NULL
);

-- What the registry decided once, such as the key that upload ids are signed with.
CREATE TABLE setting (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value BYTEA NOT NULL
);

-- Manifests that are stored and shown to nobody before an operator releases them.
CREATE TABLE quarantine (
  manifest_id BIGINT PRIMARY KEY REFERENCES manifest (id) ON DELETE CASCADE,
  since       BIGINT NOT NULL,
  reason      TEXT   NOT NULL
);

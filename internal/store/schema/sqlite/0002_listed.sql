-- The type under which listings show a tag, so that they find and count tags of a
-- type without reading manifests; NULL when the tag is folded under a subject.
ALTER TABLE tag ADD COLUMN listed TEXT; -- derived
UPDATE tag SET listed = (SELECT m.type FROM manifest m
  WHERE m.id = tag.manifest_id AND tag.attached_to = '' AND NOT (m.companion = 1 AND m.subject <> ''));
CREATE INDEX tag_listed ON tag (repository_id, listed, name);
CREATE INDEX manifest_pushed ON manifest (repository_id, pushed);

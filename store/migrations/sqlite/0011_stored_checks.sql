-- The first 8 bytes of the SHA-256 of what is stored for a segment, so that reading it can tell damage without
-- decompressing. NULL in rows of earlier versions, whose sha256 is that of the content.
ALTER TABLE segments ADD COLUMN stored_check blob;

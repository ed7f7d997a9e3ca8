-- What feeding systems, operators and the purge need: scopes, quotas, who holds which blob, what has been
-- deleted, and which batches of a feed are in.

-- blob_bytes: of the blobs that count against quota_bytes, each once (null: no quota). A deleted tenant is gone for
-- everybody at once; its rows follow in steps.
ALTER TABLE tenants ADD COLUMN blob_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN quota_bytes INTEGER CHECK (quota_bytes >= 0);
ALTER TABLE tenants ADD COLUMN deleted_at INTEGER;

-- Bits: 1 read, 2 write. last_used_at is written now and then, not with every request.
ALTER TABLE tokens ADD COLUMN scopes INTEGER NOT NULL DEFAULT 1 CHECK (scopes BETWEEN 1 AND 3);
ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;

-- Tokens of people and programs that look after the portal as a whole. Bits: 4 admin, 8 metrics.
CREATE TABLE operator_tokens (
  token_id TEXT NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  label TEXT NOT NULL,
  scopes INTEGER NOT NULL CHECK (scopes IN (4, 8, 12)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

-- Which bytes a tenant has. released_at: since when no file of the tenant names them; the purge removes them once
-- the retention is over, and the bytes themselves once no tenant has them. counted: part of tenants.blob_bytes,
-- which a released blob is not.
CREATE TABLE blobs (
  tenant_id INTEGER NOT NULL REFERENCES tenants (tenant_id),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  file_count INTEGER NOT NULL CHECK (file_count >= 0),
  counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
  released_at INTEGER CHECK ((released_at IS NULL) = (file_count > 0)),
  PRIMARY KEY (tenant_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_sha256 ON blobs (sha256);
CREATE INDEX blobs_released ON blobs (released_at) WHERE released_at IS NOT NULL;

INSERT INTO blobs (tenant_id, sha256, size_bytes, file_count, counted)
  SELECT tenant_id, sha256, max(size_bytes), count(*), 1 FROM files GROUP BY tenant_id, sha256;
UPDATE tenants SET blob_bytes =
  (SELECT ifnull(sum(b.size_bytes), 0) FROM blobs AS b WHERE b.tenant_id = tenants.tenant_id);

-- The batches of bulk requests that came with an Idempotency-Key, written with the rows of the batch: a retry finds
-- what has been done and does only the rest. outcomes: a letter a row; complaints: JSON, of the refused rows.
CREATE TABLE feed_batches (
  tenant_id INTEGER NOT NULL REFERENCES tenants (tenant_id),
  idempotency_key TEXT NOT NULL,
  batch INTEGER NOT NULL,
  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
  rows_hash BLOB NOT NULL CHECK (length(rows_hash) = 32),
  outcomes TEXT NOT NULL,
  complaints TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, idempotency_key, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_batches_by_age ON feed_batches (created_at);

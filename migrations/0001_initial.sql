-- Every table leads with tenant_id in its keys, indexes and foreign keys. Times are milliseconds since the
-- epoch. Applied in one transaction; never edited once released.

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Tells this store from another one restored in its place.
INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(16))));

-- The counters and the revision are written once a transaction, by the code that changes the rows.
CREATE TABLE tenants (
  tenant_id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  bucket TEXT NOT NULL UNIQUE,
  suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  contacts_total INTEGER NOT NULL DEFAULT 0,
  jobs_total INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE clients (
  tenant_id INTEGER NOT NULL REFERENCES tenants (tenant_id),
  client_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  tenant_id INTEGER NOT NULL,
  token_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  PRIMARY KEY (tenant_id, token_id),
  FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_client ON tokens (tenant_id, client_id);

-- row_id keeps the table append-only and names the row in the search index; it never leaves the store.
-- An id is the 16 bytes of its UUID: less than half of its text, and in the same order.
CREATE TABLE contacts (
  row_id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants (tenant_id),
  id BLOB NOT NULL CHECK (length(id) = 16),
  name TEXT NOT NULL COLLATE NOCASE,
  email TEXT,
  phone TEXT,
  company TEXT,
  address TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (tenant_id, id)
) STRICT;
CREATE INDEX contacts_by_created ON contacts (tenant_id, created_at, id);
CREATE INDEX contacts_by_updated ON contacts (tenant_id, updated_at, id);
CREATE INDEX contacts_by_name ON contacts (tenant_id, name, id);

-- scheduled_order is scheduled_at with a value below every time where there is none, so that a keyset can
-- be compared with plain operators; a generated column would not count as covered by its index.
-- The filter columns trail in each index: filters never touch the table.
CREATE TABLE jobs (
  row_id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL REFERENCES tenants (tenant_id),
  id TEXT NOT NULL,
  title TEXT NOT NULL,
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 5),
  contact_id BLOB,
  address TEXT,
  scheduled_at INTEGER,
  scheduled_order INTEGER NOT NULL CHECK (scheduled_order = ifnull(scheduled_at, -9223372036854775808)),
  completed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  file_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT;
CREATE INDEX jobs_by_created ON jobs (tenant_id, created_at, id, status, contact_id);
CREATE INDEX jobs_by_updated ON jobs (tenant_id, updated_at, id, status, contact_id);
CREATE INDEX jobs_by_scheduled ON jobs (tenant_id, scheduled_order, id, status, contact_id);
CREATE INDEX jobs_by_contact ON jobs (tenant_id, contact_id, created_at, id, status);

-- Names sort without regard to ASCII case, but `Plan.pdf` and `plan.pdf` are two files.
CREATE TABLE files (
  row_id INTEGER PRIMARY KEY,
  tenant_id INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL COLLATE NOCASE,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
  content_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  created_at INTEGER NOT NULL,
  UNIQUE (tenant_id, job_id, id),
  FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX files_one_of_a_name ON files (tenant_id, job_id, name COLLATE BINARY);
CREATE INDEX files_by_created ON files (tenant_id, job_id, created_at, id, kind);
CREATE INDEX files_by_name ON files (tenant_id, job_id, name, id, kind);

-- Search words, one document a row (rowid is row_id). The code splits and folds the words and puts the
-- tenant in front of each (`t7zsmith`), so a prefix search walks one tenant's postings only; the table
-- keeps no text, no positions and no sizes. Rows are kept by the code that writes contacts and jobs.
CREATE VIRTUAL TABLE contacts_search USING fts5 (
  words, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE jobs_search USING fts5 (
  words, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);

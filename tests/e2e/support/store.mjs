// Looks into a stopped store with SQLite's own shell. Never into one that is open: a foreign tool that
// closes the live files would drop the portal's locks on them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './portal.mjs';

export function sqlite(dataDir, sql) {
  return execFileSync('sqlite3', [join(dataDir, 'portal.db'), sql], { encoding: 'utf8' }).trim();
}

const miscounted = `
  SELECT count(*) FROM tenants t
  WHERE contacts_total <> (SELECT count(*) FROM contacts WHERE tenant_id = t.tenant_id)
     OR jobs_total <> (SELECT count(*) FROM jobs WHERE tenant_id = t.tenant_id)
     OR blob_bytes <> (SELECT ifnull(sum(size_bytes), 0) FROM blobs WHERE tenant_id = t.tenant_id AND counted)
     OR EXISTS (SELECT 1 FROM jobs AS j WHERE j.tenant_id = t.tenant_id AND file_count <>
                (SELECT count(*) FROM files WHERE tenant_id = j.tenant_id AND job_id = j.id))
     OR EXISTS (SELECT 1 FROM blobs AS b WHERE b.tenant_id = t.tenant_id AND file_count <>
                (SELECT count(*) FROM files WHERE tenant_id = b.tenant_id AND sha256 = b.sha256))`;

/** A copy to look at, so that what the next process finds is what the last one left. */
export function copyOf(dataDir) {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

export function assertSound(dataDir) {
  const copy = copyOf(dataDir);
  assertCopySound(copy);
  rmSync(copy, { recursive: true });
}

/** As assertSound, of a folder that may be written to. */
export function assertCopySound(copy) {
  assert.equal(sqlite(copy, 'PRAGMA integrity_check'), 'ok');
  assert.equal(sqlite(copy, 'PRAGMA foreign_key_check'), '');
  assert.equal(sqlite(copy, miscounted), '0', 'counters are recounts');
}

/** The same sequence on every run, from mulberry32. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

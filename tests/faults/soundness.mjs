// What must hold in a data folder that no program has open.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runPortal } from '../e2e/support/portal.mjs';
import { sqlite } from '../e2e/support/store.mjs';

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** Every blob that can be seen is whole, and every file has its bytes. Returns how many there are. */
export function assertBlobsWhole(dataDir) {
  const folder = join(dataDir, 'blobs');
  const found = new Set();
  const shards = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'tmp') : [];
  for (const shard of shards) {
    for (const name of readdirSync(join(folder, shard))) {
      const hash = shard + name;
      assert.equal(sha256(readFileSync(join(folder, shard, name))), hash, 'a blob that is not whole can be seen');
      found.add(hash);
    }
  }
  const named = sqlite(dataDir, 'SELECT DISTINCT lower(hex(sha256)) FROM files').split('\n').filter(Boolean);
  for (const hash of named) assert.ok(found.has(hash), `the bytes of a file are missing: ${hash}`);
  return found.size;
}

/** The portal's own `verify` finds nothing, in a folder that may be written to. */
export async function assertVerified(copy) {
  const { code, stdout, stderr } = await runPortal(['verify', '--deep', '--quiet', '--data-dir', copy]);
  assert.equal(code, 0, stdout + stderr);
}

// SIGKILL: what was acknowledged stays, what was half done is gone, and running it again completes it.
import assert from 'node:assert/strict';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { keepPurging, startFedPortal, storeToFeed } from '../faults/fed_portal.mjs';
import { Feeds, eightAndUploads, readSlots } from '../faults/feeds.mjs';
import { Journal } from '../faults/journal.mjs';
import { assertBlobsWhole, assertVerified } from '../faults/soundness.mjs';
import { makeStore, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertCopySound, assertSound, copyOf, seededRandom, sqlite } from './support/store.mjs';

const rows = 100_000;
const batch = 10_000;
const kills = process.env.PORTAL_LONG === '1' ? 200 : 20;
const names = ['one', 'two'];

/** A CSV of `rows` contacts, whose names say which `edition` they are of. */
async function writeContacts(edition) {
  const file = join(temporaryFolder(), `contacts-${edition}.csv`);
  const out = createWriteStream(file);
  out.write('id,name,email,phone,company,created_at,updated_at\n');
  for (let n = 0; n < rows; n += 1) {
    const id = `f0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const at = new Date(Date.UTC(2025, 0, 1) + n * 60_000).toISOString();
    const phone = `+1-555-${String(n).padStart(7, '0')}`;
    const cells = [id, `Edition ${edition} Person ${n}`, `p${n}@example.com`, phone, `Company ${n % 997}`, at, at];
    if (!out.write(`${cells.join(',')}\n`)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(done));
  return file;
}

// Two editions in turn: each run has every row to write.
let editions;
before(async () => {
  editions = [await writeContacts(names[0]), await writeContacts(names[1])];
});

const importing = (dataDir, file) => ['import', 'contacts', file, '--tenant', 'acme', '--data-dir', dataDir];

/** The import's batches that are in by half, from a store that nobody has open. */
const halfBatches = (dataDir) =>
  sqlite(
    dataDir,
    `SELECT number / ${batch}, count(DISTINCT edition), count(*)
     FROM (SELECT CAST(substr(hex(id), 21) AS INTEGER) AS number, substr(name, 1, 11) AS edition
           FROM contacts WHERE id >= x'f0')
     GROUP BY 1 HAVING count(DISTINCT edition) <> 1 OR count(*) <> ${batch}`,
  );

test(`a portal that is fed and an import of ${rows} rows, killed ${kills} times`, async (t) => {
  const seed = 20250902;
  const random = seededRandom(seed);
  const { dataDir, token } = await storeToFeed();
  await mustRun(importing(dataDir, editions[0]));
  const journal = new Journal();
  let blobs = 0;
  let slowestStart = 0;
  let imported = 0;
  let purges = 0;
  for (let round = 1; round <= kills; round += 1) {
    const { portal, readyMs } = await startFedPortal({ dataDir });
    slowestStart = Math.max(slowestStart, readyMs);
    const feeds = new Feeds({ port: portal.controlPort, token, journal, random }).start(eightAndUploads);
    // In some rounds only: who takes turns with a purge and an import writes little.
    const purging = round % 3 === 0 ? keepPurging(dataDir) : undefined;
    const beside = spawnPortal(importing(dataDir, editions[round % 2]));
    // From 50 to 3000 ms, the early ones as often as the late ones.
    await after(50 * 60 ** random());
    beside.child.kill('SIGKILL');
    portal.agent.destroy();
    await portal.kill('SIGKILL');
    await feeds.end();
    if (purging) purges += await purging.end();
    const { code } = await beside.ended;

    const what = `seed ${seed}, round ${round}`;
    const copy = copyOf(dataDir);
    assertCopySound(copy);
    const { found, halves } = readSlots(copy);
    assert.deepEqual(journal.lost(found), [], what);
    assert.deepEqual(halves, [], what);
    assert.equal(halfBatches(copy), '', what);
    if (code === 0) {
      imported += 1;
      const glob = `SELECT count(*) FROM contacts WHERE name GLOB 'Edition ${names[round % 2]} *'`;
      assert.equal(sqlite(copy, glob), String(rows), `${what}: the import was acknowledged`);
    }
    blobs += assertBlobsWhole(copy);
    assert.deepEqual(feeds.refused, {}, what);
    rmSync(copy, { recursive: true });
  }
  const { portal, readyMs } = await startFedPortal({ dataDir });
  slowestStart = Math.max(slowestStart, readyMs);
  await portal.stop();
  await assertVerified(dataDir);
  t.diagnostic(
    `${journal.acknowledged} writes acknowledged, none lost; ${imported} imports and ${purges} purges ended before the kill`,
  );
  t.diagnostic(`${blobs} blobs looked at, all whole; ready again within ${Math.round(slowestStart)} ms`);
  assert.ok(journal.acknowledged > 2 * kills, 'the portal was fed');
  assert.ok(slowestStart < 5_000, `ready again only after ${slowestStart} ms`);
});

test('a first import, killed early and run again', async () => {
  const { dataDir } = await makeStore();
  for (const moment of [30, 120, 400]) {
    const { child, ended } = spawnPortal(importing(dataDir, editions[0]));
    await Promise.race([after(moment), ended]);
    child.kill('SIGKILL');
    await ended;
    assertSound(dataDir);
  }
  const again = await runPortal(importing(dataDir, editions[0]));
  assert.equal(again.code, 0, again.stderr);
  assertSound(dataDir);
  assert.equal(sqlite(dataDir, 'SELECT count(*) FROM contacts'), String(rows));
});

test('a server killed while an import writes: the import goes on, and the next server sees it all', async () => {
  const random = seededRandom(7);
  const { dataDir, token } = await makeStore();
  const imported = runPortal(importing(dataDir, editions[0]));
  let done = false;
  imported.then(() => (done = true));
  let servers = 0;
  while (!done || servers < 3) {
    const server = await startPortal({ dataDir });
    servers += 1;
    const deadline = Date.now() + 20 + random() * 200;
    while (Date.now() < deadline) {
      const answer = await server.request('/v1/contacts?limit=200&sort=name', { token });
      assert.equal(answer.status, 200, answer.text);
    }
    server.agent.destroy();
    await server.kill('SIGKILL');
  }
  const { code, stderr } = await imported;
  assert.equal(code, 0, stderr);
  const last = await startPortal({ dataDir });
  assert.equal((await last.request('/v1/contacts?limit=1', { token })).json.total, rows);
  await last.stop();
  assertSound(dataDir);
});

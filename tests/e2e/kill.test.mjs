// SIGKILL: what was acknowledged stays, what was half done is gone, and running it again completes it.
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { makeStore, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound, seededRandom, sqlite } from './support/store.mjs';

const rows = 100_000;
const kills = 20;

/** A CSV of `rows` contacts, whose names say which `edition` they are of. */
async function writeContacts(edition) {
  const file = join(temporaryFolder(), `contacts-${edition}.csv`);
  const out = createWriteStream(file);
  out.write('id,name,email,phone,company,created_at,updated_at\n');
  for (let n = 0; n < rows; n += 1) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
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
  editions = [await writeContacts('one'), await writeContacts('two')];
});

const importing = (dataDir, file) => ['import', 'contacts', file, '--tenant', 'acme', '--data-dir', dataDir];

test(`an import of ${rows} rows, killed ${kills} times and run again`, async () => {
  const seed = 20250902;
  const random = seededRandom(seed);
  const { dataDir } = await makeStore();
  const started = Date.now();
  await mustRun(importing(dataDir, editions[0]));
  const duration = Date.now() - started;

  let cutShort = 0;
  for (let round = 1; round <= kills; round += 1) {
    const moment = Math.floor(random() * duration);
    const { child, ended } = spawnPortal(importing(dataDir, editions[round % 2]));
    await Promise.race([after(moment), ended]);
    child.kill('SIGKILL');
    const { signal } = await ended;
    if (signal === 'SIGKILL') cutShort += 1;
    assertSound(dataDir);
  }
  assert.ok(cutShort >= kills / 2, `seed ${seed}: only ${cutShort} of ${kills} were cut short`);

  await mustRun(importing(dataDir, editions[0]));
  assertSound(dataDir);
  assert.equal(
    sqlite(dataDir, "SELECT count(*), sum(name GLOB 'Edition one Person *') FROM contacts"),
    `${rows}|${rows}`,
  );
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

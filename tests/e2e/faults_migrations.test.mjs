// Every older schema is brought to the present one with all its data, also when the program is killed, or the
// power cut, at any step of it, and it is run again. A schema of a later release is refused.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { runInjected, sampled, stepsOf } from '../faults/injection.mjs';
import { mountLossy } from '../faults/lossy_fs.mjs';
import { contentOf, makeOldStore, versions } from '../fixtures/schema/fixture.mjs';
import { mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound, copyOf, sqlite } from './support/store.mjs';

// The steps of an upgrade that a disk sees.
const calls = ['openat', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'unlink'];

/** What an upgrade must not change, from a store that nobody has open. */
const kept = (dataDir) =>
  [
    'SELECT * FROM contacts ORDER BY row_id',
    'SELECT row_id, tenant_id, id, title, status, hex(contact_id), file_count FROM jobs ORDER BY row_id',
    'SELECT row_id, tenant_id, job_id, id, name, size_bytes, hex(sha256), created_at FROM files ORDER BY row_id',
    'SELECT tenant_id, slug, name, bucket, suspended, contacts_total, jobs_total FROM tenants ORDER BY tenant_id',
    'SELECT tenant_id, client_id, name, revoked, created_at FROM clients ORDER BY client_id',
    'SELECT tenant_id, token_id, client_id, hex(token_hash), expires_at, revoked_at FROM tokens ORDER BY token_id',
    "SELECT value FROM meta WHERE name = 'epoch'",
    'SELECT hex(block) FROM contacts_search_data ORDER BY id',
    'SELECT hex(block) FROM jobs_search_data ORDER BY id',
  ].map((sql) => sqlite(dataDir, sql));

/** Blobs as they must be accounted: by tenant and content, each once. */
function assertBlobsAccounted(dataDir) {
  const told = sqlite(dataDir, 'SELECT tenant_id, hex(sha256), size_bytes, file_count FROM blobs ORDER BY 1, 2');
  const recounted = sqlite(
    dataDir,
    'SELECT tenant_id, hex(sha256), size_bytes, count(*) FROM files GROUP BY 1, 2 ORDER BY 1, 2',
  );
  assert.equal(told, recounted);
  const miscounted = `SELECT slug FROM tenants t WHERE blob_bytes <>
    (SELECT ifnull(sum(size_bytes), 0) FROM (SELECT DISTINCT sha256, size_bytes FROM files f WHERE f.tenant_id = t.tenant_id))`;
  assert.equal(sqlite(dataDir, miscounted), '');
}

const fourDigits = (number) => String(number).padStart(4, '0');
const version = (dataDir) => Number(sqlite(dataDir, 'PRAGMA user_version'));
const upgrading = (dataDir) => ['tenant', 'list', '--data-dir', dataDir];

/** The version that the present program brings a store to. */
async function present() {
  const dataDir = join(temporaryFolder(), 'data');
  await mustRun(['tenant', 'create', 'acme', '--data-dir', dataDir]);
  return version(dataDir);
}

/** `{original, copy()}`: an old store, and copies of it. */
function oldStore(from) {
  const folder = temporaryFolder();
  const original = join(folder, 'original');
  const tokens = makeOldStore(from, original);
  const copy = () => {
    const dataDir = join(mkdtempSync(join(folder, 'copy-')), 'data');
    cpSync(original, dataDir, { recursive: true });
    return dataDir;
  };
  return { original, copy, tokens };
}

// How an upgrade ends at a call: `injection` kills it there.
const interruptions = [
  { how: 'killed', most: Infinity, interrupt: (t, dataDir, injection) => runInjected(injection, upgrading(dataDir)) },
  {
    how: 'cut off from power',
    most: process.env.PORTAL_LONG === '1' ? Infinity : 40,
    async interrupt(t, dataDir, injection) {
      const mounted = await mountLossy(t, dirname(dataDir));
      const ended = await runInjected(injection, upgrading(join(mounted.folder, basename(dataDir))));
      await mounted.cut('some', cuts++);
      await mounted.unmount();
      return ended;
    },
  },
];
let cuts = 0; // the seed of each

for (const from of versions) {
  test(`a store of schema ${from} is upgraded with all its data`, async () => {
    const { original, copy, tokens } = oldStore(from);
    const before = kept(original);
    assert.equal(version(original), from);
    const dataDir = copy();
    const portal = await startPortal({ dataDir });
    const ask = (target, token) => portal.request(target, { token });

    const { json } = await ask('/v1/contacts?limit=1', tokens.acme_app);
    const contacts = from === 1 ? 60 : 59; // from the second on, one had been deleted
    assert.equal(json.total, contacts);
    assert.equal((await ask('/v1/contacts?q=zo', tokens.acme_app)).json.total, contacts, 'search finds what it found');
    assert.equal((await ask('/v1/contacts?q=zo', tokens.globex_app)).json.total, 12);
    assert.equal((await ask('/v1/jobs?limit=1', tokens.globex_app)).json.total, 5);
    assert.equal((await ask('/v1/contacts', tokens.acme_gone)).status, 401);
    const { data } = (await ask('/v1/jobs/job_acme_0/files', tokens.acme_app)).json;
    assert.deepEqual(data.map(({ name }) => name).sort(), ['Größe.txt', 'plan.txt', 'terms.txt']);
    for (const { name, signed_url: url } of data) assert.equal((await ask(url)).text, contentOf(name));
    await portal.stop();

    assert.equal(version(dataDir), await present());
    assert.deepEqual(kept(dataDir), before);
    assertBlobsAccounted(dataDir);
    assertSound(dataDir);

    const backup = mkdtempSync(join(temporaryFolder(), 'backup-'));
    cpSync(join(dataDir, `portal.db.before-${fourDigits(from + 1)}`), join(backup, 'portal.db'));
    assert.equal(version(backup), from);
    assert.deepEqual(kept(backup), before, 'the backup before the upgrade is whole');
  });

  for (const { how, most, interrupt } of interruptions) {
    test(`a store of schema ${from}, its upgrade ${how} at each step and run again`, async (t) => {
      const { original, copy } = oldStore(from);
      const before = kept(original);
      const newest = await present();
      const clean = copy();
      const { steps: all, result } = await stepsOf(calls, upgrading(clean), { within: clean });
      assert.equal(result.code, 0, result.stderr);
      const steps = sampled(all, most);
      const left = {};
      for (const { call, when } of steps) {
        const dataDir = copy();
        const { signal } = await interrupt(t, dataDir, `${call}:signal=SIGKILL:when=${when}`);
        assert.equal(signal, 'SIGKILL', `${call} ${when}`);
        // A look at a copy, since the next program must find what the killed one left.
        const reached = version(copyOf(dataDir));
        left[reached] = (left[reached] ?? 0) + 1;
        assert.ok(reached >= from && reached <= newest, `${call} ${when} left version ${reached}`);

        const again = await runPortal(upgrading(dataDir));
        assert.equal(again.code, 0, `${call} ${when}: ${again.stderr}`);
        assertSound(dataDir);
        assert.equal(version(dataDir), newest);
        assert.deepEqual(kept(dataDir), before, `${call} ${when}`);
        assertBlobsAccounted(dataDir);
        assert.ok(!existsSync(join(dataDir, `portal.db.before-${fourDigits(from + 1)}.new`)));
      }
      const counted = calls.map((call) => `${call} ${steps.filter((step) => step.call === call).length}`);
      t.diagnostic(
        `${how} at ${steps.length} of ${all.length} steps (${counted.join(', ')}); found at version ${JSON.stringify(left)}`,
      );
      assert.ok(left[from] > 0 && left[newest] > 0, 'before and after the commit');
    });
  }
}

test('a store of a later release is refused, by every program, with both versions', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  await mustRun(['tenant', 'create', 'acme', '--data-dir', dataDir]);
  const newest = version(dataDir);
  sqlite(dataDir, `PRAGMA user_version = ${newest + 1}`);
  const serve = ['serve', '--listen', '127.0.0.1:0'];
  for (const command of [serve, ['tenant', 'list'], ['import', 'contacts', '-', '--tenant', 'acme']]) {
    const { code, stderr } = await runPortal([...command, '--data-dir', dataDir]);
    assert.equal(code, 5, stderr);
    assert.match(stderr, new RegExp(`version ${newest + 1}\\b.*\\b${newest}\\b.*newer release; upgrade`), stderr);
  }
  assert.equal(version(dataDir), newest + 1);
});

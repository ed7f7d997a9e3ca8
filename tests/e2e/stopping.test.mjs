// SIGTERM while long work runs that somebody asked for: it ends early and says so, leaves nothing half done, and runs
// to its end when it is asked for again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { makeStore, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound } from './support/store.mjs';

const files = 3;
const drainSeconds = 20;

/** A store that takes a while to go through, and an administrator's token for it. */
async function makeLargeStore(rows, fileBytes) {
  const { dataDir } = await makeStore();
  const at = ['--tenant', 'acme', '--data-dir', dataDir];
  const lines = Array.from({ length: rows }, (_, n) => {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    return `${id},Person ${n} of Many,person.${n}@example.com,Company ${n % 97}\n`;
  });
  await mustRun(['import', 'contacts', '-', ...at], { input: `id,name,email,company\n${lines.join('')}` });
  await mustRun(['import', 'jobs', '-', ...at], { input: 'id,title,status\njob_one,Roof,pending\n' });
  const folder = temporaryFolder();
  for (let n = 0; n < files; n += 1) writeFileSync(join(folder, `${n}.bin`), Buffer.alloc(fileBytes, `file ${n}`));
  await mustRun(['file', 'put', folder, '--job', 'job_one', ...at]);
  const made = await mustRun(['token', 'create', '--operator', '--scopes', 'admin', '--data-dir', dataDir, '--json']);
  return { dataDir, admin: JSON.parse(made.stdout).token };
}

/** A portal that goes with the test, however that ends. */
async function start(t, dataDir, ...args) {
  const portal = await startPortal({ dataDir, args: ['--net-drain-timeout', `${drainSeconds}s`, ...args] });
  t.after(() => portal.kill('SIGKILL'));
  return portal;
}

/** The files in a folder that may change meanwhile; of one that goes while it is read, none. */
function filesBelow(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  } catch (error) {
    assert.equal(error.code, 'ENOENT');
    return [];
  }
}

/** Asks for the work, and sends SIGTERM as soon as it is seen to have begun: the answer, and how the process ended. */
async function stopDuring(portal, target, token, hasBegun) {
  let answered = false;
  const asked = portal.control(target, { method: 'POST', token }).finally(() => (answered = true));
  asked.catch(() => {}); // awaited below
  while (!hasBegun()) {
    assert.ok(!answered, 'the work was over before it was seen to have begun');
    await after(1);
  }
  const signalled = performance.now();
  const [answer, end] = await Promise.all([asked, portal.kill('SIGTERM')]);
  const seconds = (performance.now() - signalled) / 1000;
  portal.agent.destroy();

  assert.equal(end.code, 0, `${end.code ?? end.signal}\n${end.stderr.slice(-2000)}`);
  assert.ok(seconds < drainSeconds, `it took ${seconds} s to stop`);
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.json.detail, 'The portal is stopping; try again when it is back');
  return { log: end.stderr, seconds };
}

async function assertVerifies(dataDir) {
  const { ok, findings } = JSON.parse((await mustRun(['verify', '--deep', '--data-dir', dataDir, '--json'])).stdout);
  assert.ok(ok, JSON.stringify(findings));
}

const backups = [
  ['its database is copied', (made) => filesBelow(made).some(({ name }) => name === 'portal.db')],
  ['its files are copied', (made) => filesBelow(made).some(({ name }) => /^[0-9a-f]{60,64}$/.test(name))],
];

test('SIGTERM during a backup leaves nothing of it, and the next one is whole', async (t) => {
  assert.equal(process.getuid(), 0, 'a disk of its own can only be mounted by root: run this test as root');
  const { dataDir, admin } = await makeLargeStore(120_000, 96 * 2 ** 20);
  const disk = join(temporaryFolder(), 'disk'); // to which files cannot be linked
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'portal-test', disk]);
  t.after(() => execFileSync('umount', ['--lazy', disk]));
  const dir = join(disk, 'backups');
  mkdirSync(dir);

  for (const [moment, isMoment] of backups) {
    await t.test(`while ${moment}`, async (t) => {
      const portal = await start(t, dataDir, '--backup-dir', dir);
      const stopped = await stopDuring(portal, '/api/backups', admin, () => isMoment(dir));
      t.diagnostic(`stopped in ${(1000 * stopped.seconds).toFixed(0)} ms`);
      assert.match(stopped.log, /Stopped before the end/);
      assert.deepEqual(readdirSync(dir), [], 'neither a backup nor a part of one');
      const last = JSON.parse(readFileSync(join(dataDir, 'last-backup.json'), 'utf8'));
      assert.equal(last.result, 'failed');
      await assertVerifies(dataDir);
    });
  }

  const again = await start(t, dataDir, '--backup-dir', dir);
  const begun = performance.now();
  const made = await again.control('/api/backups', { method: 'POST', token: admin });
  t.diagnostic(`a whole one takes ${(performance.now() - begun).toFixed(0)} ms`);
  assert.equal(made.status, 200, made.text);
  assert.deepEqual([made.json.blobs, made.json.missing_blobs], [files, 0]);
  assert.deepEqual(readdirSync(dir), [made.json.name]);
  await again.stop();
  const restore = ['restore', join(dir, made.json.name), '--data-dir', join(temporaryFolder(), 'restored')];
  await mustRun([...restore, '--dry-run']); // verifies all of it
});

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const purgedRows = 120_000;
const purges = [
  {
    moment: 'rows are removed',
    // A step of it writes some thousand pages; nothing else writes that much meanwhile.
    begins: (dataDir) => {
      const log = join(dataDir, 'portal.db-wal');
      const before = sizeOf(log);
      return () => sizeOf(log) > before + 2 ** 20;
    },
    assertPart: ({ contacts, blobs }) => assert.ok(contacts > 0 && contacts < purgedRows && blobs === 0, `${contacts}`),
  },
  {
    moment: 'what they have left is overwritten',
    begins: (dataDir) => () => filesBelow(join(dataDir, 'blobs')).length <= 1,
    assertPart: ({ contacts, blobs }) => assert.ok(contacts > 0 && blobs === files, `${contacts}, ${blobs}`),
  },
];

test('SIGTERM during a purge keeps what is done, and the next one goes on from there', async (t) => {
  const { dataDir, admin } = await makeLargeStore(purgedRows, 1000);
  const other = ['--tenant', 'globex', '--data-dir', dataDir];
  await mustRun(['tenant', 'create', 'globex', '--data-dir', dataDir]);
  await mustRun(['import', 'jobs', '-', ...other], { input: 'id,title,status\njob_one,Roof,pending\n' });
  const kept = join(temporaryFolder(), 'kept.txt');
  writeFileSync(kept, 'what nobody has deleted');
  await mustRun(['file', 'put', kept, '--job', 'job_one', ...other]);
  await mustRun(['tenant', 'delete', 'acme', '--confirm', '--data-dir', dataDir]);

  const removed = { tenants: 0, contacts: 0, files: 0, blob_files: 0 };
  const add = (report) => Object.keys(removed).forEach((what) => (removed[what] += report.removed[what]));
  for (const { moment, begins, assertPart } of purges) {
    await t.test(`while ${moment}`, async (t) => {
      const portal = await start(t, dataDir);
      const stopped = await stopDuring(portal, '/api/purge?all=true', admin, begins(dataDir));
      t.diagnostic(`stopped in ${(1000 * stopped.seconds).toFixed(0)} ms`);
      assert.match(stopped.log, /The purge was ended early/);
      await assertVerifies(dataDir);
      const next = await start(t, dataDir);
      const report = (await next.control('/api/purge', { token: admin })).json;
      await next.stop();
      assert.equal(report.complete, false);
      assertPart(report.removed);
      add(report);
    });
  }

  const portal = await start(t, dataDir);
  const rest = await portal.control('/api/purge?all=true', { method: 'POST', token: admin });
  assert.equal(rest.status, 200, rest.text);
  const { complete, waiting, took_ms } = rest.json;
  t.diagnostic(`what was left took ${took_ms} ms`);
  assert.deepEqual([complete, waiting.tenants, waiting.blobs, waiting.search], [true, 0, 0, false]);
  add(rest.json);
  assert.deepEqual(removed, { tenants: 1, contacts: purgedRows, files, blob_files: files });
  await portal.stop();
  assert.equal(filesBelow(join(dataDir, 'blobs')).length, 1);
  assertSound(dataDir);
  await assertVerifies(dataDir);
});

// The power is cut while feeding systems write: on a disk that keeps nothing but what was synced, or of the rest any part,
// whatever was acknowledged is there. The same test on a disk that lies, and on a store that does not sync, loses writes:
// it can tell.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventually } from '../faults/clients.mjs';
import { keepPurging, startFedPortal, storeToFeed } from '../faults/fed_portal.mjs';
import { Feeds, eightAndUploads, jobsToFeed, readSlots } from '../faults/feeds.mjs';
import { Journal } from '../faults/journal.mjs';
import { mountLossy } from '../faults/lossy_fs.mjs';
import { assertBlobsWhole, assertVerified } from '../faults/soundness.mjs';
import { mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertCopySound, copyOf, seededRandom, sqlite } from './support/store.mjs';

const cuts = process.env.PORTAL_LONG === '1' ? 50 : 10;
const seed = 20251104;
/** The disk's ways to lose what was not synced, in turn. */
const losses = ['all', 'some'];

/** A folder that stands for a disk, with a store in its folder `data`. */
async function diskToFeed() {
  const { dataDir, token } = await storeToFeed();
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  cpSync(dataDir, join(disk, 'data'), { recursive: true });
  return { disk, token };
}

/** Resolves when something has been written that a disk which lies can lose. */
const written = (journal) => eventually(() => journal.acknowledged >= 20, 'the portal is fed', 10_000);

/** Feeds a portal on `disk` for a while and cuts the power; resolves with what the cut took. */
async function feedAndCut(t, { disk, token, journal, random, loss, prepare = () => {} }) {
  const mounted = await mountLossy(t, disk);
  const { portal } = await startFedPortal({ dataDir: join(mounted.folder, 'data') });
  await prepare(mounted);
  const feeds = new Feeds({ port: portal.controlPort, token, journal, random }).start(eightAndUploads);
  const purging = keepPurging(join(mounted.folder, 'data'));
  await after(100 + 900 * random());
  await written(journal);
  const took = await mounted.cut(loss, Math.floor(random() * 2 ** 31));
  portal.agent.destroy();
  await portal.kill('SIGKILL');
  await feeds.end();
  const purges = await purging.end();
  await mounted.unmount();
  return { ...took, purges };
}

test(`the power is cut ${cuts} times, and no acknowledged write or upload is lost`, async (t) => {
  const random = seededRandom(seed);
  const { disk, token } = await diskToFeed();
  const journal = new Journal();
  let blobs = 0;
  const taken = { changes: 0, names: 0, purges: 0 };
  for (let cut = 1; cut <= cuts; cut += 1) {
    const loss = losses[cut % losses.length];
    const took = await feedAndCut(t, { disk, token, journal, random, loss });
    taken.changes += took.changes;
    taken.names += took.names;
    taken.purges += took.purges;
    const what = `seed ${seed}, cut ${cut}, losing ${loss}`;
    const copy = copyOf(join(disk, 'data'));
    assertCopySound(copy);
    const { found, halves } = readSlots(copy);
    assert.deepEqual(journal.lost(found), [], what);
    assert.deepEqual(halves, [], what);
    blobs += assertBlobsWhole(copy);
    await assertVerified(copy);
    rmSync(copy, { recursive: true });
  }
  t.diagnostic(`${journal.acknowledged} writes acknowledged, none lost; ${blobs} blobs looked at, all whole`);
  t.diagnostic(
    `the cuts took ${taken.changes} unsynced changes of bytes and ${taken.names} of names; ${taken.purges} purges`,
  );
  assert.ok(journal.acknowledged > 2 * cuts, 'the portal was fed');
  assert.ok(taken.changes > 0 && taken.names > 0, 'there was something to lose');
});

test('on a disk that lies about its syncs, the same test finds lost writes', async (t) => {
  const random = seededRandom(seed);
  const { disk, token } = await diskToFeed();
  const journal = new Journal();
  const prepare = async (mounted) => {
    await mounted.settle();
    await mounted.lie();
  };
  await feedAndCut(t, { disk, token, journal, random, loss: 'all', prepare });
  const copy = copyOf(join(disk, 'data'));
  assertCopySound(copy);
  const lost = journal.lost(readSlots(copy).found);
  t.diagnostic(`${lost.length} slots lost of ${journal.acknowledged} writes acknowledged`);
  assert.ok(lost.length > 0);
});

test('with synchronous=OFF, the same test finds lost writes', async (t) => {
  const random = seededRandom(seed);
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  const mounted = await mountLossy(t, disk);
  // The demo's throw-away data is the one store that the portal does not sync. It is made where temporary files go, once
  // there is no memory file system for them: a folder in front of it, in a mount namespace of the portal's own.
  const hidden = ['mount', '--bind', temporaryFolder(), '/dev/shm'].join(' ');
  const prefix = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${hidden} && exec "$@"`, 'sh'];
  const { portal } = await startFedPortal({ prefix, env: { TMPDIR: mounted.folder } });
  const [name] = readdirSync(mounted.folder);
  await mustRun(['import', 'jobs', '-', '--tenant', 'acme', '--data-dir', join(mounted.folder, name)], {
    input: jobsToFeed,
  });
  await mounted.settle();
  const journal = new Journal();
  const feeds = new Feeds({ port: portal.controlPort, token: 'feed_token', journal, random }).start(eightAndUploads);
  await after(1_000);
  await written(journal);
  await mounted.cut('all');
  portal.agent.destroy();
  await portal.kill('SIGKILL');
  await feeds.end();
  await mounted.unmount();

  const lost = journal.lost(readSlots(join(disk, name)).found);
  t.diagnostic(`${lost.length} slots lost of ${journal.acknowledged} writes acknowledged`);
  assert.ok(lost.length > 0);
});

const plan = fileURLToPath(import.meta.url);
const data = 'srv/portal'; // none of its folders is there at first

/** A check that the statement finds `value` in the store in the folder `name` of the disk, and that all is well there. */
const finds =
  (sql, value, name = data) =>
  async (disk) => {
    const copy = copyOf(join(disk, name));
    assertCopySound(copy);
    assertBlobsWhole(copy);
    await assertVerified(copy);
    assert.equal(sqlite(copy, sql), value);
  };

/** A check that a command, on a copy of the disk, succeeds and says `pattern`. */
const succeeds = (args, pattern) => async (disk) => {
  const { stdout, stderr } = await mustRun(args(copyOf(disk)));
  assert.match(stdout + stderr, pattern);
};

/** A portal makes its keys when it starts. */
async function makeKeys(at) {
  const portal = await startPortal({ dataDir: join(at, data) });
  portal.agent.destroy();
  await portal.kill('SIGTERM');
}

// [command in the folder `at`, what must be so on the disk once it has succeeded, what comes before it]
const commands = [
  [() => ['tenant', 'create', 'acme'], finds('SELECT count(*) FROM tenants', '1')],
  [() => ['client', 'create', '--tenant', 'acme', '--id', 'app'], finds('SELECT count(*) FROM clients', '1')],
  [() => ['token', 'create', '--client', 'app'], finds('SELECT count(*) FROM tokens', '1')],
  [() => ['import', 'jobs', '-', '--tenant', 'acme'], finds('SELECT count(*) FROM jobs', '1')],
  [() => ['file', 'put', '--tenant', 'acme', '--job', 'job_fed', plan], finds('SELECT count(*) FROM files', '1')],
  [
    () => ['keys', 'rotate'],
    succeeds((at) => ['keys', 'list', '--json', '--data-dir', join(at, data)], /key_.*key_/s),
    makeKeys,
  ],
  [
    (at) => ['backup', join(at, 'backups')],
    succeeds((at) => ['restore', join(at, 'backups'), '--latest', '--dry-run', '--data-dir', join(at, 'new')], /./),
  ],
  [
    (at) => ['restore', join(at, 'backups'), '--latest', '--confirm', '--data-dir', join(at, 'restored')],
    finds('SELECT count(*) FROM files', '1', 'restored'),
  ],
  [
    (at) => ['export', '--tenant', 'acme', '--output', join(at, 'acme.tar')],
    succeeds(
      (at) => ['import', 'tenant', join(at, 'acme.tar'), '--tenant', 'again', '--data-dir', join(at, data)],
      /./,
    ),
  ],
  [
    (at) => ['import', 'tenant', join(at, 'acme.tar'), '--tenant', 'copy'],
    finds('SELECT count(*) FROM files JOIN tenants USING (tenant_id) WHERE NOT suspended', '2'),
  ],
  [
    () => ['tenant', 'delete', 'copy', '--confirm'],
    finds('SELECT count(*) FROM tenants WHERE deleted_at IS NULL', '1'),
  ],
  [() => ['purge', '--all'], finds('SELECT count(*) FROM files', '1')],
];

for (const loss of losses) {
  test(`the power is cut after each command, losing ${loss}: what it said is done is done`, async (t) => {
    const disk = join(temporaryFolder(), 'disk');
    mkdirSync(disk);
    for (const [n, [command, check, prepare]] of commands.entries()) {
      const mounted = await mountLossy(t, disk);
      if (prepare) await prepare(mounted.folder);
      const args = command(mounted.folder);
      const dataDir = args.includes('--data-dir') ? [] : ['--data-dir', join(mounted.folder, data)];
      const { code, stderr } = await runPortal([...args, ...dataDir], { input: jobsToFeed });
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      await mounted.cut(loss, seed + n);
      await mounted.unmount();
      await assert.doesNotReject(() => check(disk), args.join(' '));
    }
  });
}

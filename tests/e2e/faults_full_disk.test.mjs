// A disk that is full: writes are refused as such, reads go on, nothing half-written stays, and once there is space
// writing goes on by itself.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { startFedPortal, storeToFeed } from '../faults/fed_portal.mjs';
import { Feeds, readSlots, refusalsOf } from '../faults/feeds.mjs';
import { Journal } from '../faults/journal.mjs';
import { fill, mountSmallDisk } from '../faults/small_disk.mjs';
import { assertBlobsWhole, assertVerified } from '../faults/soundness.mjs';
import { assertCopySound, copyOf, seededRandom } from './support/store.mjs';

const diskSize = '64m';
const fullMs = 2_000;
const recoveryMs = 15_000;
const kinds = ['single', 'bulk', 'upload'];

test(`a disk of ${diskSize} that fills up under a portal that is fed`, async (t) => {
  const random = seededRandom(17);
  const disk = mountSmallDisk(t, diskSize);
  const { dataDir, token } = await storeToFeed({ parent: disk });
  const { portal } = await startFedPortal({ dataDir });
  t.after(() => portal.kill('SIGKILL'));
  const journal = new Journal();
  const feeds = new Feeds({ port: portal.controlPort, token, journal, random }).start();
  const moreThan = (before) => kinds.every((kind) => feeds.acknowledged[kind] > before[kind]);
  await eventually(() => moreThan({ single: 5, bulk: 5, upload: 5 }), 'the portal is fed', 10_000);

  const files = (await portal.request('/v1/jobs/job_fed/files', { token })).json.data;
  const targets = ['/v1/contacts?limit=50', '/v1/jobs/job_fed', '/v1/contacts?q=single', '/v1/health'];
  let reads = 0;
  const readAll = async () => {
    for (const target of targets) {
      const answer = await portal.request(target, { token });
      assert.equal(answer.status, 200, `${target}: ${answer.text}`);
      reads += 1;
    }
    // Its row may have been replaced, but the bytes that the URL was signed for are there until the purge.
    const answer = await portal.request(files[reads % files.length].signed_url);
    assert.equal(answer.status, 200, answer.text);
    reads += 1;
  };

  const ballast = join(disk, 'ballast');
  const refused = () => Object.values(feeds.refused).reduce((sum, count) => sum + count, 0);
  await eventually(
    () => {
      fill(ballast);
      return refused() >= 20;
    },
    'writes are refused',
    10_000,
  );
  const atFull = { ...feeds.acknowledged };
  for (const until = performance.now() + fullMs; performance.now() < until;) {
    fill(ballast); // what a refused upload gives back
    await readAll();
  }
  const answer = await feeds.send({
    method: 'PUT',
    path: '/api/tenants/acme/jobs/job_fed/files/file_full/content?name=full.bin',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Buffer.alloc(2 ** 20),
  });
  assert.equal(answer.status, 507, answer.text);
  assert.equal(JSON.parse(answer.text).code, 'STORAGE_FULL', answer.text);
  const whileFull = kinds.map((kind) => `${feeds.acknowledged[kind] - atFull[kind]} ${kind}`).join(', ');

  const before = { ...feeds.acknowledged };
  rmSync(ballast);
  const resumed = await eventually(() => moreThan(before), 'writing resumes', recoveryMs);
  await readAll();
  await feeds.end();
  for (const refusal of Object.keys(feeds.refused)) assert.ok(refusalsOf.ENOSPC.includes(refusal), refusal);
  assert.deepEqual(readdirSync(join(dataDir, 'blobs', 'tmp')), [], 'uploads leave nothing behind');
  await portal.stop();

  const copy = copyOf(dataDir);
  assertCopySound(copy);
  const { found, halves } = readSlots(copy);
  assert.deepEqual(journal.lost(found), []);
  assert.deepEqual(halves, []);
  assertBlobsWhole(copy);
  await assertVerified(copy);
  t.diagnostic(`${refused()} writes refused (${JSON.stringify(feeds.refused)}); acknowledged while full: ${whileFull}`);
  t.diagnostic(
    `${reads} reads while full, all good; all kinds of writes again within ${Math.round(resumed)} ms of space`,
  );
});

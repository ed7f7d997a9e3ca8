// A disk that fails under a portal that is fed: EIO and ENOSPC, once and for a while, at each call that changes the disk.
// Nothing that could not be made safe is acknowledged, reads go on, and so do writes once the disk works again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { startFedPortal, storeToFeed } from '../faults/fed_portal.mjs';
import { Feeds, readSlots, refusalsOf } from '../faults/feeds.mjs';
import { injectInto, injecting, sampled, stepsOf } from '../faults/injection.mjs';
import { Journal } from '../faults/journal.mjs';
import { assertBlobsWhole, assertVerified } from '../faults/soundness.mjs';
import { startPortal } from './support/portal.mjs';
import { assertCopySound, copyOf, seededRandom } from './support/store.mjs';

const long = process.env.PORTAL_LONG === '1';
const windowMs = 400;
const patienceMs = 10_000;
const recoveryMs = 15_000;
const kinds = ['single', 'bulk', 'upload'];

// [call, the kinds of writes that cannot succeed without it]. `write` is missing: the portal's sockets and logs use it
// too; `file put` meets it in faults_disk_commands.
const calls = [
  ['fdatasync', kinds], // the write-ahead log's, at each commit
  ['pwrite64', kinds],
  ['fsync', ['upload']], // a blob's, before it has its name
  ['rename', ['upload']], // of bytes that are new
  ['ftruncate', []],
];
// Once, later and from the first on: each thread counts for itself.
const spans = long ? ['1', '2', '5', '20', '1+', '3+'] : ['2', '1+'];

for (const error of ['EIO', 'ENOSPC']) {
  test(`${error} from the disk of a portal that is fed`, async (t) => {
    const random = seededRandom(11);
    const { dataDir, token } = await storeToFeed();
    const { portal } = await startFedPortal({ dataDir });
    t.after(() => portal.kill('SIGKILL'));
    const journal = new Journal();
    const feeds = new Feeds({ port: portal.controlPort, token, journal, random, repeats: 0 }).start({
      single: 3,
      uploads: 3,
    });
    const moreThan = (before, which) => which.every((kind) => feeds.acknowledged[kind] > before[kind]);
    const reads = { good: 0, bad: [] };
    const read = async () => {
      const answer = await portal.request('/v1/contacts?limit=20', { token });
      if (answer.status === 200) reads.good += 1;
      else reads.bad.push(answer.text);
    };

    let slowest = 0;
    for (const [call, needing] of calls) {
      for (const span of spans) {
        const what = `${error} of ${call}, when=${span}`;
        const injection = await injectInto(t, portal.pid, [`${call}:error=${error}:when=${span}`]);
        const before = { ...feeds.acknowledged };
        const refusedBefore = Object.values(feeds.refused).reduce((sum, count) => sum + count, 0);
        const refused = () => Object.values(feeds.refused).reduce((sum, count) => sum + count, 0) - refusedBefore;
        // A window of time is what is measured; on a busy machine it lasts until the disk has been met.
        const goesOn = (ms) => ms < windowMs || (needing.length > 0 && refused() === 0 && ms < patienceMs);
        for (const start = performance.now(); goesOn(performance.now() - start);) await read();
        const during = { ...feeds.acknowledged };
        const injected = (await injection.end())[call];
        t.diagnostic(`${what}: ${injected} failed calls, ${refused()} writes refused`);
        if (needing.length > 0) assert.ok(injected > 0, `${what}: nothing was injected`);
        if (span === '1+') {
          // One of each client may have been under way when it began.
          const clients = { single: 3, bulk: 1, upload: 3 };
          for (const kind of needing) {
            assert.ok(during[kind] - before[kind] <= clients[kind], `${what}: ${kind} writes are acknowledged`);
          }
          if (needing.length > 0) assert.ok(refused() > 0, `${what}: nobody is told`);
        }
        const goingOn = await eventually(() => moreThan(during, kinds), `${what}: writing resumes`, recoveryMs);
        slowest = Math.max(slowest, goingOn);
      }
    }
    await feeds.end();
    assert.deepEqual(reads.bad, []);
    for (const refusal of Object.keys(feeds.refused)) {
      assert.ok(refusalsOf[error].includes(refusal), JSON.stringify(feeds.refused));
    }
    await portal.stop();

    const copy = copyOf(dataDir);
    assertCopySound(copy);
    const { found, halves } = readSlots(copy);
    assert.deepEqual(journal.lost(found), []);
    assert.deepEqual(halves, []);
    assertBlobsWhole(copy);
    await assertVerified(copy);
    t.diagnostic(
      `${journal.acknowledged} writes acknowledged, none lost; refused ${JSON.stringify(feeds.refused)}; ` +
        `${reads.good} reads, all good; writing again within ${Math.round(slowest)} ms`,
    );
  });
}

test('a portal started on a disk that fails serves, or says why it does not and ends', async (t) => {
  const { dataDir, token } = await storeToFeed();
  const opening = ['openat', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename'];
  // A command that opens as much as `serve` does, and ends by itself, tells how many calls there are.
  const { steps } = await stepsOf(opening, ['tenant', 'list', '--data-dir', dataDir], { within: dataDir });
  const outcomes = { serves: 0, refuses: 0 };
  for (const call of opening) {
    const most = long ? Infinity : 3;
    for (const { when } of sampled(
      steps.filter((step) => step.call === call),
      most,
    )) {
      for (const injection of [`${call}:error=EIO:when=${when}`, `${call}:error=ENOSPC:when=${when}+`]) {
        const folder = copyOf(dataDir);
        try {
          const portal = await startPortal({ dataDir: folder, ...injecting(injection) });
          const answer = await portal.request('/v1/contacts', { token });
          assert.ok([200, 401, 503].includes(answer.status), `${injection}: ${answer.text}`);
          portal.agent.destroy();
          const { code, stderr } = await portal.kill('SIGTERM');
          assert.equal(code, 0, `${injection}: ${stderr}`);
          outcomes.serves += 1;
        } catch (error) {
          assert.match(error.message, /^the portal ended \([345]\) .*portal-appliance: \S/s, `${injection}: ${error}`);
          outcomes.refuses += 1;
        }
        const portal = await startPortal({ dataDir: folder });
        assert.equal((await portal.request('/v1/contacts', { token })).status, 200);
        await portal.stop();
        assertCopySound(folder);
      }
    }
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok(outcomes.refuses > 0);
});

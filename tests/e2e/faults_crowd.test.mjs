// Ten thousand clients that do nothing and six hundred that do it badly, while fifty work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../bench/certificate.mjs';
import { assertAtMostTwice, goodClients, portalFor, startCrowd } from '../faults/clients.mjs';
import { signedTargets, storeWithFiles } from '../faults/store.mjs';
import { temporaryFolder } from './support/portal.mjs';
import { mostResidentMebibytes, residentMebibytes } from './support/process.mjs';

const idle = 10_000;
const bad = 200; // of each kind
const mostGrowthMebibytes = 100;
const deadlineMs = 2_000;
// Of processes that share their cores. A deadline that bytes put off would never come; one that is counted from the
// beginning of its loop's turn comes early by that turn.
const latenessMs = 10_000;
const earlinessMs = deadlineMs / 2;

/** The ports of the plain listener and the one that speaks TLS, from what the portal logs. */
async function portsOf(portal) {
  const log = await portal.logged(/"event":"listening"[^]*"event":"listening"/);
  const [tls, plain] = [...log.matchAll(/"event":"listening".*?:(\d+)"/g)].map(([, port]) => Number(port));
  return { tls, plain };
}

test('a crowd of idle, half-sent, stalled and slow clients keeps nobody from working', async (t) => {
  const { dataDir, token } = await storeWithFiles({ 'large.bin': 2 ** 26 });
  const { cert, key } = makeCertificate(temporaryFolder());
  const portal = await portalFor(t, {
    dataDir,
    args: ['--net-loops', '2', '--listen', 'http://127.0.0.1:0', '--tls-cert', cert, '--tls-key', key].concat(
      ['--net-head-timeout', `${deadlineMs}ms`, '--net-handshake-timeout', `${deadlineMs}ms`],
      ['--net-idle-timeout', '5m'],
    ),
  });
  const { tls, plain } = await portsOf(portal);
  const { 'large.bin': slowTarget } = await signedTargets(plain, token);
  const work = () => goodClients(plain, { target: '/v1/contacts?limit=20', token });
  await work();

  const resident = residentMebibytes(portal.pid);
  await assertAtMostTwice(t, async () => {
    const before = await work();
    const slow = ['slow', bad, plain, slowTarget];
    const crowd = await startCrowd(t, ['idle', idle, plain, 'half', bad, plain, 'handshake', bad, tls, ...slow]);
    // Those whose deadline has come while the others still connected are gone again.
    assert.ok(crowd.inPosition >= idle + bad, `${crowd.inPosition} are in position`);
    const during = ((await work()) + (await work())) / 2; // long enough for every deadline to come
    const became = await crowd.end();
    t.diagnostic(JSON.stringify(became));
    assert.deepEqual([became.idle.inPosition, became.idle.closed], [idle, 0], 'idle connections stay');
    assert.deepEqual([became.slow.inPosition, became.slow.closed], [bad, 0], 'who reads slowly, but reads, is served');
    for (const kind of ['half', 'handshake']) {
      const { closed, shortestMs, longestMs } = became[kind];
      assert.ok(closed >= bad, `${kind}: ${closed} were closed`);
      assert.ok(shortestMs >= deadlineMs - earlinessMs, `${kind}: one was closed after ${shortestMs} ms`);
      assert.ok(longestMs <= deadlineMs + latenessMs, `${kind}: one lived for ${longestMs} ms`);
    }
    return { before, during };
  });
  const grown = mostResidentMebibytes(portal.pid) - resident;
  t.diagnostic(`${grown.toFixed(1)} MiB more resident at the most`);
  assert.ok(grown <= mostGrowthMebibytes, `${grown} MiB more were resident`);
  await portal.stop();
});

// accept4 may say anything: the listener outlives it, does not spin on it, and serves whoever waited. strace injects
// the errors into the running portal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { portalFor } from '../faults/clients.mjs';
import { injectInto } from '../faults/injection.mjs';
import { cpuSeconds } from './support/process.mjs';
import { Wire } from './support/wire.mjs';

const injectedMs = 500; // at the least: on a busy machine it goes on for longer
// In a second, by both loops: a batch of them now and then. One that spins makes tens of thousands, even under strace.
const mostCallsASecond = 2_000;
const mostOfACore = 0.2;
const recoveryMs = 2_000;

const request = 'GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n';

/**
 * Makes every accept4 of the process fail, until `end()`, which resolves with how many of which call failed, and for how
 * many `seconds` at the most.
 */
async function failAccepts(t, pid, error, alsoFail = []) {
  const begun = performance.now();
  const injection = await injectInto(t, pid, [`accept4:error=${error}`, ...alsoFail]);
  return { end: async () => ({ ...(await injection.end()), seconds: (performance.now() - begun) / 1000 }) };
}

// What accept(2) knows, and what it warns of from below.
const errors =
  'ENFILE EMFILE ENOMEM ENOBUFS ECONNABORTED EPROTO EINTR EPERM ENETDOWN ENONET EHOSTUNREACH EINVAL EOPNOTSUPP'.split(
    ' ',
  );

for (const error of errors) {
  test(`${error} kills no listener and makes none spin`, async (t) => {
    const portal = await portalFor(t, { args: ['--net-loops', '2'] });
    const wires = [];
    t.after(() => wires.forEach((wire) => wire.close()));
    const client = async () => {
      const wire = await Wire.open(portal.port);
      wires.push(wire);
      wire.send(request);
      return wire;
    };
    const old = await client();
    await old.answer();

    const injection = await failAccepts(t, portal.pid, error);
    const before = { cpu: cpuSeconds(portal.pid), ms: performance.now() };
    const newcomer = await client(); // the kernel takes it in; nobody accepts it
    await wait(injectedMs); // a window of time is what is measured
    const used = (cpuSeconds(portal.pid) - before.cpu) / ((performance.now() - before.ms) / 1000);
    const { accept4: calls, seconds } = await injection.end();

    t.diagnostic(`${calls} calls, ${used.toFixed(2)} of a core`);
    assert.ok(calls > 0, 'strace injected nothing');
    assert.ok(calls <= mostCallsASecond * seconds, `${calls} calls of accept4 in ${seconds} s`);
    assert.ok(used < mostOfACore, `${used} of a core`);

    const start = performance.now();
    assert.equal((await newcomer.answer()).status, 200);
    assert.ok(performance.now() - start < recoveryMs, 'whoever waited is served soon');
    assert.equal((await (await client()).answer()).status, 200);
    await portal.stop();
  });
}

test('a listener that cannot be watched again at once is watched again later', async (t) => {
  const portal = await portalFor(t, { args: ['--net-loops', '1'] });
  // The first call takes the listener out of epoll; the second, which puts it back, fails.
  const injection = await failAccepts(t, portal.pid, 'ENOMEM', ['epoll_ctl:error=ENOMEM:when=2']);
  const newcomer = await Wire.open(portal.port);
  t.after(() => newcomer.close());
  newcomer.send(request);
  await wait(injectedMs); // a window of time is what is measured
  const failed = await injection.end();
  assert.ok(failed.accept4 > 0 && failed.epoll_ctl === 1, JSON.stringify(failed));
  assert.ok(failed.accept4 <= mostCallsASecond * failed.seconds, JSON.stringify(failed));
  assert.equal((await newcomer.answer()).status, 200);
  await portal.stop();
});

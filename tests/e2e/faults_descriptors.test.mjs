// A portal with 256 file descriptors and 400 clients that keep coming back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually, portalFor, startCrowd } from '../faults/clients.mjs';
import { cpuSeconds } from './support/process.mjs';

const clients = 400;
const watchedMs = 3_000;
const mostOfACore = 0.2;
const recoveryMs = 2_000;

test('a portal out of descriptors lives, stays calm, and is itself again in two seconds', async (t) => {
  const portal = await portalFor(t, { prefix: ['prlimit', '--nofile=256'], args: ['--net-loops', '2'] });
  const crowd = await startCrowd(t, ['idle', clients, portal.port]);
  t.diagnostic(`${crowd.inPosition} of ${clients} have a place`);
  assert.ok(crowd.inPosition < clients, 'there are descriptors enough: nothing is tested');

  const before = cpuSeconds(portal.pid);
  await wait(watchedMs); // a window of time is what is measured
  const used = (cpuSeconds(portal.pid) - before) / (watchedMs / 1000);
  t.diagnostic(`${used.toFixed(2)} of a core`);
  assert.ok(used < mostOfACore, `${used} of a core`);

  const became = await crowd.end();
  t.diagnostic(JSON.stringify(became.idle));
  // Who comes back takes the place of who has idled longest: everybody's turn comes, though few have a place at once.
  assert.equal(became.idle.served, clients, `everybody is answered: ${JSON.stringify(became.idle)}`);
  const took = await eventually(
    () =>
      portal.request('/v1/health').then(
        ({ status }) => status === 200,
        () => false,
      ),
    'a new client is answered',
    recoveryMs,
  );
  t.diagnostic(`recovered after ${took.toFixed(0)} ms`);
  const { stderr } = await portal.stop();
  const lines = stderr.split('\n').filter((line) => /"level":"(warning|error)"/.test(line)).length;
  assert.ok(lines < 200, `${lines} warnings: the log is flooded`);
});

// Clients that reset their connections in the middle of answers cost nothing that stays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, portalFor, resets } from '../faults/clients.mjs';
import { demo } from './support/portal.mjs';
import { openDescriptors, residentMebibytes } from './support/process.mjs';

const mostGrowthMebibytes = 16;

test('a reset at every byte of an answer leaves no descriptor, no memory and no word of failure behind', async (t) => {
  const portal = await portalFor(t, { args: ['--net-loops', '2'] });
  const { signed_url: url } = await portal.fileRow();
  await portal.request('/livez');
  await portal.control('/livez', { headers: { Connection: 'close' } }); // its listener is the last that a start opens
  const before = { descriptors: openDescriptors(portal.pid), resident: residentMebibytes(portal.pid) };

  const cases = [
    { name: 'a small answer', target: '/v1/health', step: 1 },
    { name: 'a page', target: '/v1/contacts?limit=20', token: demo.token, step: 1, receiveBuffer: 2048 },
    // Larger than what the kernel holds for a client that does not read: it is reset while the portal still sends.
    { name: 'a file', target: url.slice(portal.base.length), step: 9_973, receiveBuffer: 4096 },
  ];
  for (const { name, ...options } of cases) {
    const { resets: count, answerBytes } = await resets(portal.port, options);
    assert.equal(count, Math.floor(answerBytes / options.step) + 1);
    t.diagnostic(`${name}: ${count} resets of ${answerBytes} bytes`);
  }

  await eventually(() => openDescriptors(portal.pid) <= before.descriptors, 'all descriptors are closed');
  const grown = residentMebibytes(portal.pid) - before.resident;
  assert.ok(grown <= mostGrowthMebibytes, `${grown} MiB more are resident`);
  assert.equal((await portal.request('/v1/health')).status, 200);
  const { stderr } = await portal.stop();
  assert.doesNotMatch(stderr, /"level":"(warning|error)"/);
});

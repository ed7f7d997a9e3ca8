// Requests that arrive in pieces, cut at every byte, are the same requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inParallel, portalFor } from '../faults/clients.mjs';
import { demo } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

const request = (target, id) =>
  `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${demo.token}\r\nX-Request-Id: ${id}\r\n\r\n`;

async function expect(wire, id, status = 200) {
  const answer = await wire.answer();
  assert.equal(answer.status, status, id);
  assert.deepEqual(answer.headers['x-request-id'], [id]);
  return answer;
}

test('a request in two pieces, cut anywhere', async (t) => {
  const portal = await portalFor(t);
  const whole = request('/v1/contacts?limit=2', 'split');
  const expected = (await portal.request('/v1/contacts?limit=2', { token: demo.token })).body;
  await inParallel(whole.length - 1, async (n) => {
    const cut = n + 1;
    const wire = await Wire.open(portal.port);
    // Pipelined behind a whole one: once that is answered, the first piece has been received too.
    wire.send(request('/livez', 'first') + whole.slice(0, cut));
    await expect(wire, 'first');
    wire.send(whole.slice(cut));
    const answer = await expect(wire, 'split');
    assert.deepEqual(answer.body, expected, `cut at ${cut}`);
    wire.close();
  });
  await portal.stop();
});

test('two requests behind each other, cut anywhere', async (t) => {
  const portal = await portalFor(t);
  const both = request('/v1/jobs?limit=1', 'one') + request(`/v1/contacts/${demo.contact}`, 'two');
  await inParallel(both.length - 1, async (n) => {
    const wire = await Wire.open(portal.port);
    wire.send(request('/livez', 'first') + both.slice(0, n + 1));
    await expect(wire, 'first');
    wire.send(both.slice(n + 1));
    await expect(wire, 'one');
    await expect(wire, 'two');
    wire.close();
  });
  await portal.stop();
});

test('a refused head in two pieces, cut anywhere, is refused once and closed', async (t) => {
  const portal = await portalFor(t);
  const bad = 'GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: bad\r\nContent-Length: +5\r\n\r\n';
  const canary = 'GET /canary HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: canary\r\n\r\n';
  await inParallel(bad.length - 1, async (n) => {
    const wire = await Wire.open(portal.port);
    wire.send(request('/livez', 'first') + bad.slice(0, n + 1));
    await expect(wire, 'first');
    wire.send(bad.slice(n + 1) + canary);
    await expect(wire, 'bad', 400);
    await wire.end();
    assert.equal(wire.buffer.length, 0, `cut at ${n + 1}: something was answered behind the refusal`);
    wire.close();
  });
  const { stderr } = await portal.stop();
  assert.doesNotMatch(stderr, /canary/);
});

test('a request that arrives byte by byte', async (t) => {
  const portal = await portalFor(t);
  await inParallel(64, async () => {
    const wire = await Wire.open(portal.port);
    for (const byte of request('/v1/contacts?limit=2', 'bytes')) {
      wire.send(byte);
      await nextTurn();
    }
    await expect(wire, 'bytes');
    wire.close();
  });
  await portal.stop();
});

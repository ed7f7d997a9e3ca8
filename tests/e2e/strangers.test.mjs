// Strangers on the control plane: whoever has shown no credential cannot hold its few threads, whatever he sends, and
// however slowly he sends or reads it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { demo, startPortal } from './support/portal.mjs';
import { Wire, exchange } from './support/wire.mjs';

const threads = 8;
const mostMs = 5_000; // about a second, and what a busy machine adds; who holds a thread could for thirty

// A portal for each test: a thread that still takes leave of the last one's connections would be one too few.
let portal;
const sockets = [];
beforeEach(async () => {
  portal = await startPortal({ env: { PORTAL_CONTROL_THREADS: String(threads) } });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  return portal.stop();
});

const head = (lines) =>
  `POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines}\r\n`;
const bytesOf = (length) => `Content-Length: ${length}\r\n`;
async function openWire() {
  const wire = await Wire.open(portal.controlPort);
  sockets.push(wire.socket);
  return wire;
}
const openWires = () => Promise.all(Array.from({ length: threads }, openWire));

/** Once what the portal has to say on every connection is stuck in the kernel, and no more of it goes there. */
async function stuck() {
  const port = portal.controlPort.toString(16).toUpperCase().padStart(4, '0');
  const unsent = () =>
    [...readFileSync('/proc/net/tcp', 'utf8').matchAll(/ [0-9A-F]{8}:(\w{4}) \w{8}:\w{4} 01 (\w{8}):/g)]
      .filter(([, local, queue]) => local === port && queue !== '00000000')
      .map(([, , queue]) => queue);
  for (let seen = [], round = 0; round < 100; ++round) {
    const now = unsent();
    if (now.length === threads && now.join() === seen.join()) return;
    seen = now;
    await setTimeout(100);
  }
  assert.fail('the answers go on');
}

/** Whoever asks while all threads are taken is answered soon. */
async function assertAlive(t) {
  const begin = performance.now();
  const { status } = await exchange(portal.controlPort, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const ms = performance.now() - begin;
  t.diagnostic(`/livez after ${ms.toFixed(0)} ms`);
  assert.equal(status, 200);
  assert.ok(ms < mostMs, `/livez took ${ms} ms`);
}

test('who sends a part of a body gives way to others', async (t) => {
  const wires = await openWires();
  for (const wire of wires) wire.send(`${head(bytesOf(1000))}{`);
  await assertAlive(t);
  for (const wire of wires) assert.equal((await wire.answer()).status, 408, 'five seconds are all it gets');
});

test('who sends a body drop by drop gives way, too', async (t) => {
  const wires = await openWires();
  for (const wire of wires) wire.send(`${head('Transfer-Encoding: chunked\r\n')}400\r\n{`);
  const drip = setInterval(() => wires.forEach((wire) => wire.send(' ')), 20);
  t.after(() => clearInterval(drip));
  await assertAlive(t);
  for (const wire of wires) assert.equal((await wire.answer()).status, 408);
});

test('who has shown a good token keeps his thread though strangers crowd in', async (t) => {
  const operator = await openWire();
  const body = JSON.stringify({ slug: 'patient' });
  const fields = `Authorization: Bearer ${demo.adminToken}\r\nContent-Type: application/json\r\n${bytesOf(body.length)}`;
  operator.send(`POST /api/tenants HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n${body.slice(0, 5)}`);
  const wires = await openWires();
  for (const wire of wires) wire.send(`${head(bytesOf(1000))}{`);
  await assertAlive(t); // for which strangers had to go
  operator.send(body.slice(5));
  assert.equal((await operator.answer()).status, 201);
});

test('who does not take his answers gives way', async (t) => {
  const request = 'GET /admin.css HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (let n = 0; n < threads; ++n) sockets.push(net.connect({ port: portal.controlPort, host: '127.0.0.1' }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // Nobody reads: some twenty megabytes of answers fit into no kernel's buffers.
  for (const socket of sockets) socket.on('error', () => {}).write(request.repeat(2000));
  await stuck();
  await assertAlive(t);
});

test('a body that no credential needs is refused before it is read, and one of many members briefly', async () => {
  const declared = await exchange(portal.controlPort, head(bytesOf(4097)));
  assert.equal(declared.status, 413);
  const chunked = `${head('Transfer-Encoding: chunked\r\n')}1001\r\n${' '.repeat(0x1001)}\r\n0\r\n\r\n`;
  assert.equal((await exchange(portal.controlPort, chunked)).status, 413);

  const members = Array.from({ length: 400 }, (_, n) => `"a${n}":1`);
  const body = `{${members.join(',')}}`;
  const refused = await exchange(portal.controlPort, head(bytesOf(body.length)) + body);
  assert.equal(refused.status, 400);
  const { errors } = JSON.parse(refused.body);
  assert.equal(errors.length, 21);
  assert.deepEqual(errors[20], { parameter: '...', detail: 'And 381 more' });

  const query = Array.from({ length: 1000 }, (_, n) => `b${n}`).join('&');
  const target = `GET /?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const asked = JSON.parse((await exchange(portal.controlPort, target)).body);
  assert.deepEqual(asked.errors[20], { parameter: '...', detail: 'And 980 more' });
});

test('who tries passwords from everywhere at once holds up no token', async (t) => {
  const codes = {};
  let trying = true;
  let address = 0;
  const body = JSON.stringify({ password: 'a wrong password' });
  const tryOne = () =>
    new Promise((done, failed) => {
      const localAddress = `127.9.${(++address >> 8) & 255}.${address & 255}`;
      const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length, Connection: 'close' };
      const options = { host: '127.0.0.1', port: portal.controlPort, path: '/api/session', method: 'POST' };
      const request = http.request({ ...options, localAddress, headers, agent: false }, (answer) => {
        answer.resume().on('end', () => done(answer));
      });
      request.on('error', failed).end(body);
    });
  const flood = Array.from({ length: 2 * threads }, async () => {
    while (trying) {
      const { statusCode, headers } = await tryOne();
      codes[statusCode] = (codes[statusCode] ?? 0) + 1;
      if (statusCode === 429) assert.ok(Number(headers['retry-after']) >= 1);
    }
  });
  const times = [];
  for (let n = 0; n < 15; ++n) {
    const begin = performance.now();
    // On a connection of its own: one that is kept gives way while it is idle.
    assert.equal((await portal.control('/api/status', { headers: { Connection: 'close' } })).status, 200);
    times.push(performance.now() - begin);
  }
  trying = false;
  await Promise.all(flood);
  t.diagnostic(`${JSON.stringify(codes)}; ${times.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  assert.deepEqual(Object.keys(codes), ['401', '429']);
  const median = times.sort((a, b) => a - b)[7];
  assert.ok(median < 500, `/api/status took ${median} ms`);
});

// TLS in pieces, and TLS that ends in a reset: what tests/e2e/faults_splits and faults_resets ask, behind encryption.
import assert from 'node:assert/strict';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls from 'node:tls';
import { makeCertificate } from '../bench/certificate.mjs';
import { eventually, inParallel, portalFor } from '../faults/clients.mjs';
import { demo, temporaryFolder } from './support/portal.mjs';
import { openDescriptors } from './support/process.mjs';
import { Wire } from './support/wire.mjs';

const request = `GET /v1/contacts?limit=2 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${demo.token}\r\n\r\n`;
async function tlsPortal(t) {
  const { cert, key } = makeCertificate(temporaryFolder());
  return portalFor(t, { args: ['--net-loops', '2', '--tls-cert', cert, '--tls-key', key] });
}

/** A TCP connection that sends byte by byte when `trickles`, and is reset once `resetAfter` bytes have come. */
function line(port, { trickles = false, resetAfter = Infinity } = {}) {
  const raw = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let received = 0;
  const duplex = new Duplex({
    read() {},
    async write(chunk, _encoding, done) {
      for (let at = 0; trickles && at < chunk.length; at += 1) {
        raw.write(chunk.subarray(at, at + 1));
        await nextTurn();
      }
      if (!trickles) raw.write(chunk);
      done();
    },
    destroy(error, done) {
      raw.destroy();
      done(error);
    },
  });
  raw.on('data', (chunk) => {
    received += chunk.length;
    if (received < resetAfter) duplex.push(chunk);
    else raw.resetAndDestroy();
  });
  raw.on('close', () => duplex.destroy());
  raw.on('error', () => {});
  return duplex;
}

/** TLS over `socket`; `settled` resolves once it stands or has failed. */
function shakeHands(socket) {
  const secure = tls.connect({ socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  secure.on('error', () => {});
  const settled = new Promise((done) => secure.once('secureConnect', done).once('close', done));
  return { secure, settled };
}

test('a request in two TLS records, cut anywhere', async (t) => {
  const portal = await tlsPortal(t);
  await inParallel(request.length - 1, async (n) => {
    const { secure, settled } = shakeHands(line(portal.port));
    await settled;
    const wire = new Wire(secure);
    // Pipelined behind a whole one: once that is answered, the first piece has been received too.
    wire.send(`GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n${request.slice(0, n + 1)}`);
    assert.equal((await wire.answer()).status, 200);
    wire.send(request.slice(n + 1));
    assert.equal((await wire.answer()).status, 200, `cut at ${n + 1}`);
    wire.close();
  });
  await portal.stop();
});

test('a handshake and a request that arrive byte by byte', async (t) => {
  const portal = await tlsPortal(t);
  await inParallel(16, async () => {
    const { secure, settled } = shakeHands(line(portal.port, { trickles: true }));
    await settled;
    const wire = new Wire(secure);
    wire.send(request);
    assert.equal((await wire.answer()).status, 200);
    wire.close();
  });
  await portal.stop();
});

test('resets in the handshake and in the answer leave nothing behind', async (t) => {
  const portal = await tlsPortal(t);
  const warm = new Wire(shakeHands(line(portal.port)).secure);
  warm.send(request);
  assert.equal((await warm.answer()).status, 200);
  warm.close();
  const before = openDescriptors(portal.pid);
  const step = 7; // the server's side goes out in few pieces: all of them are met
  const serverBytes = 2_800; // more than handshake, ticket and answer
  let cutOff = 0;
  await inParallel(serverBytes / step, async (n) => {
    const { secure, settled } = shakeHands(line(portal.port, { resetAfter: (n + 1) * step }));
    const closed = new Promise((done) => secure.once('close', done));
    await settled;
    const answered = new Promise((done) => secure.once('data', done));
    if (!secure.destroyed) secure.write(request);
    await Promise.race([closed, answered]);
    if (secure.destroyed) cutOff += 1;
    secure.destroy();
    await closed;
  });
  t.diagnostic(`${cutOff} of ${serverBytes / step} were reset before their answer was there`);
  assert.ok(cutOff > 100 && cutOff < serverBytes / step, `${cutOff} were cut off`);
  await eventually(() => openDescriptors(portal.pid) <= before, 'all descriptors are closed');
  const { stderr } = await portal.stop();
  assert.doesNotMatch(stderr, /"level":"(warning|error)"/);
});

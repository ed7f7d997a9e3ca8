// How a portal ends, and what it leaves behind.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { startPortal } from './support/portal.mjs';

/** The throw-away folder of a portal that serves demo data: where its database is open. */
function throwAwayFolder(portal) {
  for (const fd of readdirSync(`/proc/${portal.pid}/fd`)) {
    const target = readlinkSync(`/proc/${portal.pid}/fd/${fd}`);
    if (target.endsWith('/portal.db')) return target.slice(0, -'/portal.db'.length);
  }
  return assert.fail('the portal has no database open');
}

/** A connection on which half a request has been received. */
async function halfARequest(portal) {
  const socket = net.connect(portal.port, '127.0.0.1');
  await new Promise((done) => socket.once('connect', done));
  // Pipelined behind a whole one: once that is answered, the half behind it has been received too.
  socket.write('GET /livez HTTP/1.1\r\nHost: t\r\n\r\nGET /livez HTTP/1.1\r\n');
  await new Promise((done) => socket.once('data', done));
  socket.on('error', () => {});
  return socket;
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} takes the throw-away data with it`, async () => {
    const portal = await startPortal();
    const folder = throwAwayFolder(portal);
    assert.ok(existsSync(folder));
    const end = await portal.kill(signal);
    assert.equal(end.code, 0, end.stderr);
    assert.ok(!existsSync(folder), `${folder} is still there`);
  });
}

test('a second signal ends a drain at once, and takes the throw-away data too', async () => {
  const portal = await startPortal();
  const folder = throwAwayFolder(portal);
  const socket = await halfARequest(portal);
  portal.started.child.kill('SIGTERM');
  await portal.logged(/"event":"draining"/);
  const end = await portal.kill('SIGTERM');
  socket.destroy();
  assert.equal(end.code, 128 + 15);
  assert.ok(!existsSync(folder), `${folder} is still there`);
});

// A foreign page whose name has been made to point to this machine (DNS rebinding) is of the portal's own origin to its
// visitor's browser, and demo data has well-known tokens: the Host gives it away (docs/decisions/0018).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startChromium } from './support/chromium.mjs';
import { demo, makeStore, startPortal } from './support/portal.mjs';
import { startInTestMode } from './support/test_mode.mjs';
import { exchange } from './support/wire.mjs';

const foreign = ['evil.example', 'evil.example:PORT', 'localhost.evil.example:PORT', '192.0.2.1:PORT', 'localhost.'];
const own = ['localhost:PORT', '127.0.0.1:PORT', '127.0.0.2', '[::1]:PORT', 'demo.localhost:PORT', 'LOCALHOST'];

/** As a page's script would: with its origin, and with a token that everybody knows. */
async function ask(port, host, line, token, lines = '') {
  const name = host.replace('PORT', port);
  const head = `${line} HTTP/1.1\r\nHost: ${name}\r\nOrigin: http://${name}\r\nAuthorization: Bearer ${token}\r\n`;
  const answer = await exchange(port, `${head}${lines}\r\n`);
  return { status: answer.status, text: answer.body.toString() };
}

let plain;
let testing;
before(async () => {
  plain = await startPortal();
  testing = await startInTestMode();
});
after(() => Promise.all([plain.stop(), testing.stop()]));

const portOf = (url) => Number(new URL(url).port);
const controlPlanes = () => [
  ['demo data', plain.controlPort, 'GET /api/tenants', demo.adminToken],
  ['test mode', portOf(testing.ready.control_url), 'GET /test/requests', demo.adminToken],
];

test('what was sent to another host is refused by the control plane, with what helps', async () => {
  for (const [plane, port, line, token] of controlPlanes()) {
    for (const host of foreign) {
      const { status, text } = await ask(port, host, line, token);
      assert.equal(status, 421, `${plane}, ${host}: ${text}`);
      const problem = JSON.parse(text);
      assert.equal(problem.code, 'MISDIRECTED_REQUEST');
      assert.ok(problem.detail.includes(`"${host.replace('PORT', port)}"`), problem.detail);
      assert.match(problem.detail, /ask localhost or 127\.0\.0\.1, or start the portal with a public_url/);
    }
  }
});

test('this machine by any name of its own is answered', async () => {
  for (const [plane, port, line, token] of controlPlanes()) {
    for (const host of own) {
      const { status, text } = await ask(port, host, line, token);
      assert.equal(status, 200, `${plane}, ${host}: ${text}`);
    }
  }
});

test('a rebound page changes nothing, and finds out nothing where no token is needed either', async () => {
  const control = portOf(testing.ready.control_url);
  const empty = 'Content-Length: 0\r\n';
  for (const [port, line, lines] of [
    [control, 'POST /test/reset', empty],
    [control, 'PUT /test/faults', empty],
    [control, 'DELETE /api/tenants/acme', ''],
    [control, 'GET /livez', ''],
    [plain.controlPort, 'OPTIONS *', ''],
    [plain.controlPort, 'GET /nowhere', ''],
  ]) {
    const { status } = await ask(port, 'evil.example:PORT', line, demo.adminToken, lines);
    assert.equal(status, 421, line);
  }
});

test('the hosts of public_url and of signed URLs are its own, whatever the port', async () => {
  const portal = await startPortal({
    args: ['--public-url', 'http://portal:8080', '--signed-urls-base-url', 'http://files.portal:8080'],
  });
  for (const [host, status] of [
    ['portal:8080', 200],
    ['portal', 200],
    ['Portal:PORT', 200],
    ['files.portal:8080', 200],
    ['127.0.0.1:PORT', 200],
    ['portal.evil.example:8080', 421],
    ['other:8080', 421],
  ]) {
    assert.equal((await ask(portal.controlPort, host, 'GET /api/tenants', demo.adminToken)).status, status, host);
  }
  await portal.stop();
});

test('a folder with demo data is guarded without --seed too; one of your own answers for every host', async () => {
  const { dataDir, token } = await makeStore();
  const real = await startPortal({ dataDir });
  assert.equal((await ask(real.controlPort, 'portal.example.com', 'GET /livez', token)).status, 200);
  await real.stop();

  const seeded = `${dataDir}-seeded`;
  await (await startPortal({ dataDir: seeded, seed: true })).stop();
  const again = await startPortal({ dataDir: seeded });
  assert.equal((await ask(again.controlPort, 'evil.example', 'GET /livez', demo.token)).status, 421);
  assert.equal((await ask(again.port, 'any.example', 'GET /v1/contacts', demo.token)).status, 200, 'there to be read');
  await again.stop();
});

test('a page in a browser whose name comes to point to the portal gets nothing from it', async (t) => {
  // Every name leads to this machine: first the page's own server is there, then the portal is in its place.
  const server = http.createServer((request, response) => {
    response.setHeader('Connection', 'close');
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>a foreign page</title>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  const chromium = startChromium();
  t.after(() => chromium.stop());
  const rebound = `(async () => {
    const headers = { Authorization: 'Bearer ${demo.adminToken}' };
    for (;;) {
      const answer = await fetch('/api/tenants', { headers }).catch(() => undefined);
      const text = await answer?.text();
      if (text && !text.includes('a foreign page')) return { origin: location.origin, status: answer.status, text };
      await new Promise((done) => setTimeout(done, 20));
    }
  })()`;
  const seen = chromium.evaluate(`http://evil.example:${port}`, rebound);
  await once(server, 'request');
  for (let target = ''; target !== '/api/tenants';) [{ url: target }] = await once(server, 'request');
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections(); // a browser holds some in reserve
  await closed;
  const portal = await startPortal({ env: { PORTAL_CONTROL_LISTEN: `127.0.0.1:${port}` } });
  const { origin, status, text } = await seen;
  assert.equal(origin, `http://evil.example:${port}`);
  assert.equal(status, 421, text);
  assert.equal((await portal.control('/api/tenants')).status, 200);
  await portal.stop();
});

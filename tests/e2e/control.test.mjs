// The control plane as operators meet it: curl, TLS, Unix sockets, signals, configuration.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createConfig, lint } from '@redocly/openapi-core';
import { makeCertificate } from '../bench/certificate.mjs';
import { demo, project, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

const run = promisify(execFile);
const documentFile = join(project, 'src/control/openapi.json');

/** curl's view: `{status, body}`, or how it failed. */
async function curl(...args) {
  const { stdout } = await run('curl', ['-sS', '--max-time', '20', '-w', '\n%{http_code}', ...args]);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}
const bearer = (token) => ['-H', `Authorization: Bearer ${token}`];

async function started(t, options) {
  const portal = await startPortal(options);
  t.after(() => portal.stop());
  return portal;
}

test("Redocly's recommended rules find nothing in its description, and it serves just that", async (t) => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lint({ ref: documentFile, config });
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`),
    [],
  );
  const portal = await started(t);
  const served = await curl(...bearer(demo.token), `${portal.controlBase}/api/openapi.json`);
  assert.deepEqual(JSON.parse(served.body), JSON.parse(readFileSync(documentFile, 'utf8')));
});

test('an operator makes a tenant, a client and a token, and the client gets in and out', async (t) => {
  const portal = await started(t);
  const admin = (...args) => curl(...bearer(demo.adminToken), ...args);
  const post = (target, body) =>
    admin('-H', 'Content-Type: application/json', '-d', JSON.stringify(body), `${portal.controlBase}${target}`);

  assert.equal((await post('/api/tenants', { slug: 'initech' })).status, 201);
  assert.equal((await post('/api/tenants/initech/clients', { id: 'initech_web' })).status, 201);
  const made = await post('/api/tenants/initech/tokens', { client: 'initech_web', expires_in: '1h' });
  assert.equal(made.status, 201, made.body);
  const { token, id } = JSON.parse(made.body);
  assert.match(token, /^portal_[A-Za-z0-9]{49}$/);

  const list = (base) => curl(...bearer(token), `${base}/v1/contacts`);
  assert.deepEqual(JSON.parse((await list(portal.base)).body).data, []);
  assert.equal((await admin('-X', 'DELETE', `${portal.controlBase}/api/tenants/initech/tokens/${id}`)).status, 204);
  assert.equal((await list(portal.base)).status, 401);
  assert.doesNotMatch(portal.log, new RegExp(token));

  // One access line a request, with the route's template and the operator's token by its id.
  const lines = (await portal.logged(/"method":"DELETE"/)).split('\n');
  const logged = JSON.parse(lines.find((text) => text.includes('"method":"DELETE"')));
  assert.equal(logged.route, '/api/tenants/{tenant}/tokens/{token}');
  assert.equal(logged.status, 204);
  assert.match(logged.token, /^tok_/);
  assert.equal(logged.client, '');
});

test('a large body is refused before it is sent, and curl hears why', async (t) => {
  const portal = await started(t);
  const large = join(temporaryFolder(), 'large.json');
  writeFileSync(large, Buffer.alloc(8 << 20, ' '));
  const send = (...args) => curl('-H', 'Content-Type: application/json', '-T', large, '-X', 'POST', ...args);
  const target = `${portal.controlBase}/api/tenants`;
  for (const [status, ...args] of [
    [413, ...bearer(demo.adminToken)],
    [401, ...bearer('wrong')],
    [403, ...bearer(demo.token)],
    [413, ...bearer(demo.adminToken), '-H', 'Transfer-Encoding: chunked'],
    [413, ...bearer(demo.adminToken), '-H', 'Expect:'],
  ]) {
    const answer = await send(...args, target);
    assert.equal(answer.status, status, answer.body);
    assert.equal(JSON.parse(answer.body).status, status);
  }
});

test("it speaks TLS with the portal's certificate, and takes a new one with SIGHUP", async (t) => {
  const folder = temporaryFolder();
  const first = makeCertificate(folder);
  const cert = join(folder, 'live.pem');
  const key = join(folder, 'live.key');
  const use = (pair) => {
    copyFileSync(pair.cert, cert);
    copyFileSync(pair.key, key);
  };
  use(first);
  const portal = await started(t, { args: ['--tls-cert', cert, '--tls-key', key] });
  const url = `https://127.0.0.1:${portal.controlPort}/api/status`;
  const trusting = (file) => curl('--cacert', file, ...bearer(demo.adminToken), url);

  const status = await trusting(first.cert);
  assert.equal(status.status, 200, status.body);
  assert.ok(Date.parse(JSON.parse(status.body).certificate.ends_at) > Date.now());
  await assert.rejects(run('curl', ['-sS', '--cacert', first.cert, '--tls-max', '1.1', url]));
  const plain = await curl(`http://127.0.0.1:${portal.controlPort}/livez`);
  assert.equal(plain.status, 400);
  assert.match(plain.body, /speaks TLS/);

  const second = makeCertificate(temporaryFolder());
  use(second);
  portal.started.child.kill('SIGHUP');
  await portal.logged(/"event":"reloaded"/);
  assert.equal((await trusting(second.cert)).status, 200);
  await assert.rejects(trusting(first.cert), { code: 60 });
});

test('it listens on a Unix socket, or not at all', async (t) => {
  const socket = join(temporaryFolder(), 'control.sock');
  const portal = await started(t, { args: ['--control-listen', `unix:${socket}`] });
  const answer = await curl('--unix-socket', socket, ...bearer(demo.adminToken), 'http://localhost/api/status');
  assert.equal(answer.status, 200);

  const without = await started(t, { args: ['--control-listen', ''] });
  assert.equal(without.controlPort, undefined);
  assert.doesNotMatch(without.log, /control_listening/);
});

test('it takes a free port where all of listen does and nobody says more', async (t) => {
  const portal = await started(t, { env: { PORTAL_CONTROL_LISTEN: undefined } });
  assert.notEqual(portal.controlPort, 3001);
  assert.equal((await curl(`${portal.controlBase}/livez`)).status, 200);
});

test('its port is known before the other one, and the file goes with the portal', async () => {
  const portFile = join(temporaryFolder(), 'port');
  const portal = await startPortal({ portFile });
  const file = `${portFile}.control`;
  assert.match(readFileSync(file, 'utf8'), /^\d+\n$/);
  await portal.stop();
  assert.equal(existsSync(file), false);
});

test('where its address is taken, serve says which key to change', async () => {
  const taken = net.createServer();
  await new Promise((done) => taken.listen(0, '127.0.0.1', done));
  const address = `127.0.0.1:${taken.address().port}`;
  const result = await runPortal(['serve', '--seed', '--listen', '127.0.0.1:0', '--control-listen', address]);
  taken.close();
  assert.equal(result.code, 4, result.stderr);
  assert.match(
    result.stderr,
    new RegExp(`control\\.listen: Cannot listen on ${address}: another program already does`),
  );
});

test('demo data is not for other machines on this plane either', async () => {
  const result = await runPortal(['serve', '--seed', '--listen', '127.0.0.1:0', '--control-listen', '0.0.0.0:0']);
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stderr, /well-known tokens/);
});

test('a proxy on this machine does not open it to others', async (t) => {
  const portal = await started(t);
  const proxy = http.createServer((request, response) => {
    const headers = { ...request.headers, 'x-forwarded-for': '203.0.113.7' };
    const passed = http.request({ port: portal.controlPort, path: request.url, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
  t.after(() => proxy.close());
  const answer = await curl(...bearer(demo.adminToken), `http://127.0.0.1:${proxy.address().port}/api/tenants`);
  assert.equal(answer.status, 403, answer.body);
});

test('SIGTERM lets the request that runs finish and takes no other', async () => {
  const portal = await startPortal();
  const body = JSON.stringify({ slug: 'late' });
  const wire = await Wire.open(portal.controlPort);
  wire.send(
    `POST /api/tenants HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${demo.adminToken}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  // It is asked for its body: the request runs.
  await new Promise((done) => wire.socket.once('data', done));
  wire.buffer = Buffer.alloc(0);
  const stopped = portal.stop();
  await portal.logged(/"event":"draining"/);
  // The listener closes with the drain's first step.
  for (;;) {
    const refused = await Wire.open(portal.controlPort).then(
      (late) => late.close(),
      () => true,
    );
    if (refused) break;
  }
  wire.send(body);
  const answer = await wire.answer();
  assert.equal(answer.status, 201, answer.body.toString());
  assert.deepEqual(answer.headers.connection, ['close']);
  wire.close();
  await stopped;
});

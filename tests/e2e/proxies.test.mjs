// Behind a proxy: whose request it is, that signed URLs work, and that no log of the proxy has one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { demo, startPortal, temporaryFolder } from './support/portal.mjs';
import { proxies } from './support/proxy.mjs';

const publicUrl = 'https://portal.example.com';
const authorization = { Authorization: `Bearer ${demo.token}` };

/** A portal that trusts these, for as long as the test at most. */
async function start(t, trusted, args = []) {
  const portal = await startPortal({ args: [...trusted.flatMap((each) => ['--net-trusted-proxies', each]), ...args] });
  t.after(() => portal.kill('SIGKILL'));
  return portal;
}

/** A portal that trusts the proxy before it. */
async function startBoth(t, startProxy) {
  const portal = await start(t, ['127.0.0.1'], ['--public-url', publicUrl]);
  const proxy = await startProxy(portal.port);
  t.after(() => proxy.stop());
  return { portal, proxy };
}

/** The address that the access log has for the request with that id. */
async function addressOf(portal, id) {
  const log = await portal.logged(new RegExp(`"request_id":"${id}"`));
  const line = log.split('\n').find((each) => each.includes(`"request_id":"${id}"`));
  return JSON.parse(line).address;
}

for (const [kind, startProxy] of Object.entries(proxies)) {
  test(`behind ${kind}, a request is from the client, and links lead back to the proxy`, async (t) => {
    const { portal, proxy } = await startBoth(t, startProxy);
    const cases = [
      ['plain', {}],
      ['forged', { 'X-Forwarded-For': '203.0.113.9' }],
      ['forged-twice', { 'X-Forwarded-For': '203.0.113.9, 127.0.0.1' }],
      ['nonsense', { 'X-Forwarded-For': 'unknown, , 127.0.0.1' }],
    ];
    for (const [id, headers] of cases) {
      const answer = await proxy.request('/v1/contacts?limit=1', {
        headers: { ...authorization, 'X-Request-Id': id, ...headers },
      });
      assert.equal(answer.status, 200, `${id}: ${answer.body}`);
      assert.match(answer.headers.link, /<https:\/\/portal\.example\.com\/v1\/contacts\?/);
      assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000');
      assert.equal(await addressOf(portal, id), '127.0.0.77', id);
    }
    const own = await proxy.request('/livez', { headers: { Origin: publicUrl } });
    assert.equal(own.status, 200);
    assert.equal(own.headers['access-control-allow-origin'], publicUrl);
    const missing = await proxy.request('/nowhere');
    assert.equal(JSON.parse(missing.body).type, `${publicUrl}/errors/not-found`);
    await proxy.stop();
    await portal.stop();
  });

  test(`through ${kind}, signed URLs work and are in none of its logs`, async (t) => {
    const { portal, proxy } = await startBoth(t, startProxy);
    const row = await portal.fileRow();
    assert.ok(row.signed_url.startsWith(`${publicUrl}/files/`), row.signed_url);

    const whole = await proxy.request(row.signed_url);
    assert.equal(whole.status, 200);
    assert.equal(createHash('sha256').update(whole.body).digest('hex'), row.sha256);
    assert.equal(whole.headers.etag, `"${row.sha256}"`);
    const part = await proxy.request(row.signed_url, { headers: { Range: 'bytes=100-199' } });
    assert.equal(part.status, 206);
    assert.deepEqual(part.body, whole.body.subarray(100, 200));
    const unchanged = await proxy.request(row.signed_url, { headers: { 'If-None-Match': whole.headers.etag } });
    assert.equal(unchanged.status, 304);
    const head = await proxy.request(row.signed_url, { method: 'HEAD' });
    assert.equal(head.headers['content-length'], `${demo.fileSize}`);
    const forged = row.signed_url.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    assert.equal((await proxy.request(forged)).status, 403);
    // What proxies like to write about: clients that hang up, requests that are none, and a portal that is away.
    await proxy.request(row.signed_url, { take: 1000 });
    await proxy.request(row.signed_url, { method: 'POST' });
    await proxy.request(`${row.signed_url}%zz`);
    await portal.stop();
    const away = await proxy.request(row.signed_url);
    assert.ok([502, 503].includes(away.status), `${away.status}`);

    const log = await proxy.stop();
    assert.ok(log.includes(demo.fileName), 'it does log requests');
    assert.ok(log.includes('127.0.0.77'));
    const { searchParams } = new URL(row.signed_url);
    assert.ok(!log.includes(searchParams.get('signature').slice(0, 32)), log);
    assert.doesNotMatch(log, /signature|expires=|[?]/i);
  });
}

test('whoever is no trusted proxy is believed nothing', async (t) => {
  const portal = await start(t, ['192.0.2.0/24', '::1']);
  for (const forwarded of ['203.0.113.9', '192.0.2.1']) {
    const id = `direct-${forwarded}`;
    await portal.request('/livez', { headers: { 'X-Forwarded-For': forwarded, 'X-Request-Id': id } });
    assert.equal(await addressOf(portal, id), '127.0.0.1');
  }
  await portal.stop();
});

test('a proxy on a Unix socket is trusted by that name', async (t) => {
  const socketPath = join(temporaryFolder(), 'portal.sock');
  const get = (headers) =>
    new Promise((done, failed) => {
      const request = http.get({ socketPath, path: '/livez', headers, agent: false }, (response) => {
        response.resume().on('end', () => done(response.statusCode));
      });
      request.on('error', failed);
    });
  for (const [trusted, address] of [
    [['unix'], '203.0.113.9'],
    [['127.0.0.1'], 'unix'],
  ]) {
    const portal = await start(t, trusted, ['--listen', `unix:${socketPath}`]);
    assert.equal(await get({ 'X-Forwarded-For': '203.0.113.9', 'X-Request-Id': 'by-socket' }), 200);
    assert.equal(await addressOf(portal, 'by-socket'), address);
    await portal.stop();
  }
});

test('the control plane is for this machine alone, unless a trusted proxy forwards', async (t) => {
  const headers = { 'X-Forwarded-For': '203.0.113.9', 'X-Request-Id': 'operator' };
  const strict = await start(t, ['192.0.2.1']);
  const refused = await strict.control('/api/tenants', { headers });
  assert.equal(refused.status, 403);
  assert.match(refused.json.detail, /net\.trusted_proxies/);
  await strict.stop();
  const trusting = await start(t, ['127.0.0.1']);
  assert.equal((await trusting.control('/api/tenants', { headers })).status, 200);
  assert.equal(await addressOf(trusting, 'operator'), '203.0.113.9');
  await trusting.stop();
});

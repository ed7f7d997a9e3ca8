// Circuit breakers as operators and monitors meet them.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { unlimited } from './support/budgets.mjs';
import { demo, startPortal, temporaryFolder } from './support/portal.mjs';

const { token } = demo;
const force = (portal, name, state) => portal.control(`/api/breakers/${name}`, { method: 'PUT', body: { state } });

async function start(t, args = []) {
  const portal = await startPortal({ args, env: unlimited });
  t.after(() => portal.kill('SIGKILL'));
  return portal;
}

test('an operator holds the database open: all that needs it is refused, and nothing else', async (t) => {
  const portal = await start(t);
  const { signed_url: url } = await portal.fileRow();
  const opened = await force(portal, 'database', 'open');
  assert.equal(opened.status, 200, opened.text);
  assert.deepEqual([opened.json.name, opened.json.state, opened.json.forced], ['database', 'OPEN', 'open']);

  const refused = [
    ['a page', () => portal.request('/v1/contacts', { token })],
    ['a row', () => portal.request(`/v1/contacts/${demo.contact}`, { token })],
    ['a token that nobody knows', () => portal.request('/v1/jobs', { token: 'nobody_token' })],
    ['a download', () => portal.request(url)],
    ['the control plane', () => portal.control('/api/tenants')],
    ['a write', () => portal.control(`/api/tenants/acme/contacts/${demo.contact}`, { method: 'PATCH', body: {} })],
  ];
  for (const [what, ask] of refused) {
    const answer = await ask();
    assert.equal(answer.status, 503, `${what}: ${answer.text}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json', what);
    assert.equal(answer.headers['retry-after'], '30', what);
    assert.equal(answer.json.code, 'CIRCUIT_OPEN', what);
    assert.match(answer.json.type, /\/errors\/circuit-open$/, what);
    assert.equal(answer.json.detail, "The circuit to the portal's database is open. Please retry after 30 seconds");
  }
  assert.equal((await portal.request('/v1/contacts')).status, 401, 'who has no token needs no database to hear so');
  assert.equal((await portal.request('/livez')).status, 200);

  for (const credentials of [{}, { token }]) {
    const { status, json } = await portal.request('/v1/health', credentials);
    assert.equal(status, 200);
    assert.equal(json.status, 'degraded');
    assert.deepEqual(Object.keys(json.circuitBreakers), ['database']);
    const { openedAt, retryAt, ...rest } = json.circuitBreakers.database;
    assert.deepEqual(rest, { state: 'OPEN', failureRate: 0 });
    const open = await portal.control('/api/breakers');
    assert.equal(open.json.data[0].opened_at, openedAt);
    assert.equal(Date.parse(retryAt) - Date.parse(json.timestamp) > 29_000, true, retryAt);
  }

  assert.equal((await force(portal, 'database', 'auto')).json.state, 'HALF_OPEN');
  for (let n = 0; n < 3; n += 1) assert.equal((await portal.request('/v1/contacts', { token })).status, 200);
  const { json } = await portal.control('/api/breakers');
  assert.deepEqual(
    json.data.map(({ name, state, forced }) => ({ name, state, forced })),
    ['database', 'database_writes', 'blobs', 'blob_writes'].map((name) => ({ name, state: 'CLOSED', forced: null })),
  );
  assert.deepEqual(
    json.data[0].transitions.map(({ from, to, reason }) => [from, to, reason]),
    [
      ['CLOSED', 'OPEN', 'forced open by an operator'],
      ['OPEN', 'HALF_OPEN', 'no longer forced open'],
      ['HALF_OPEN', 'CLOSED', '3 probes succeeded'],
    ],
  );
  const { stderr } = await portal.stop();
  assert.equal(stderr.match(/"event":"breaker_transition"/g).length, 3);
  assert.doesNotMatch(stderr, /"event":"request_failed"/, 'refusals are no failures of their own');
});

test('an operator holds the blobs open: downloads and uploads are refused, rows are not', async (t) => {
  const portal = await start(t);
  const { signed_url: url } = await portal.fileRow();
  await force(portal, 'blobs', 'open');
  assert.equal((await portal.request(url)).json.code, 'CIRCUIT_OPEN');
  const put = { method: 'PUT', token: demo.feedToken, body: 'x', headers: { 'Content-Type': 'text/plain' } };
  const upload = () => portal.control(`/api/tenants/acme/jobs/${demo.job}/files/file_new/content?name=new.txt`, put);
  assert.equal((await upload()).json.code, 'CIRCUIT_OPEN');
  assert.equal((await portal.request('/v1/contacts', { token })).status, 200);
  assert.deepEqual(Object.keys((await portal.request('/v1/health')).json.circuitBreakers), ['blobs']);
  assert.equal((await force(portal, 'blobs', 'closed')).json.forced, 'closed');
  assert.equal((await upload()).status, 201);
  assert.equal((await portal.request(url)).status, 200);
  await portal.stop();
});

test('an operator holds writes open: the portal is read, and nothing else', async (t) => {
  const portal = await start(t);
  const { signed_url: url } = await portal.fileRow();
  const options = { method: 'PUT', token: demo.feedToken, headers: { 'Content-Type': 'text/plain' } };
  const upload = () =>
    portal.control(`/api/tenants/acme/jobs/${demo.job}/files/file_new/content?name=new.txt`, { ...options, body: 'x' });
  const rename = () =>
    portal.control(`/api/tenants/acme/contacts/${demo.contact}`, { method: 'PATCH', body: { name: 'Renamed' } });
  for (const [name, uploads, renames, words] of [
    ['blob_writes', 503, 200, /The circuit to the portal's blob writes is open/],
    ['database_writes', 503, 503, /The circuit to the portal's database writes is open/],
  ]) {
    await force(portal, name, 'open');
    const uploaded = await upload();
    assert.deepEqual([uploaded.status, (await rename()).status], [uploads, renames], name);
    assert.match(uploaded.json.detail, words);
    for (const target of [`/v1/contacts/${demo.contact}`, '/v1/contacts?q=re', url]) {
      assert.equal((await portal.request(target, target === url ? {} : { token })).status, 200, `${name}: ${target}`);
    }
    const health = await portal.request('/v1/health');
    assert.deepEqual([health.status, health.json.status], [200, 'degraded']);
    assert.deepEqual(Object.keys(health.json.circuitBreakers), [name]);
    await force(portal, name, 'closed');
    assert.ok((await upload()).status < 300, name);
  }
  await portal.stop();
});

test('orders that are none are refused, and so is whoever may not give them', async (t) => {
  const portal = await start(t);
  const cases = [
    ['other', { state: 'open' }, 404, /Circuit breaker not found/],
    ['database', {}, 400, /state/],
    ['database', { state: 'OPEN' }, 400, /must be open, closed or auto/],
    ['database', { state: 'open', until: 'later' }, 400, /until/],
  ];
  for (const [name, body, status, words] of cases) {
    const answer = await portal.control(`/api/breakers/${name}`, { method: 'PUT', body });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, words);
  }
  for (const [who, status] of [
    [demo.feedToken, 403],
    ['nobody_token', 401],
  ]) {
    const answer = await portal.control('/api/breakers/database', {
      method: 'PUT',
      token: who,
      body: { state: 'open' },
    });
    assert.equal(answer.status, status, answer.text);
  }
  assert.equal((await portal.request('/v1/health')).json.status, 'healthy');
  await portal.stop();
});

test("no tenant's bad input opens a breaker", async (t) => {
  const dataDir = join(temporaryFolder(), 'data');
  const portal = await startPortal({ dataDir, seed: true, env: unlimited });
  t.after(() => portal.kill('SIGKILL'));
  await portal.control('/api/tenants/acme', { method: 'PATCH', body: { quota_bytes: 1 } });
  const { signed_url: url } = await portal.fileRow();
  const at = '/api/tenants/acme';
  const feed = (method, path, body, headers) =>
    portal.control(`${at}${path}`, { method, token: demo.feedToken, body, headers });
  const nobody = '00000000-0000-4000-8000-000000000000';
  const large = `/jobs/${demo.job}/files/file_big/content?name=big.bin`;
  const bad = [
    [401, () => portal.request('/v1/contacts', { token: 'nobody_token' })],
    [404, () => portal.request(`/v1/contacts/${nobody}`, { token })],
    [400, () => portal.request('/v1/contacts?limit=0', { token })],
    [400, () => portal.request('/v1/contacts?cursor=x', { token })],
    [200, () => portal.request('/v1/contacts?q=%22%27%29%3B--', { token })],
    [403, () => portal.request(`${url.slice(0, -4)}0000`)],
    [404, () => feed('GET', `/contacts/${nobody}`)],
    [400, () => feed('PUT', '/jobs/job_bad', { title: 'x', status: 'no such status' })],
    [400, () => feed('PUT', '/jobs/job_bad', { title: 'x', status: 'pending', contact_id: nobody })],
    [507, () => feed('PUT', large, Buffer.alloc(4096), { 'Content-Type': 'text/plain' })],
  ];
  for (const [status, ask] of bad) {
    for (let n = 0; n < 30; n += 1) {
      const answer = await ask();
      assert.equal(answer.status, status, answer.text);
    }
  }
  const { json } = await portal.control('/api/breakers');
  for (const { name, state, failure_rate: rate, last_failure: failure } of json.data) {
    assert.deepEqual({ name, state, rate, failure }, { name, state: 'CLOSED', rate: 0, failure: '' });
  }
  assert.equal((await portal.request('/v1/health')).json.status, 'healthy');
  await portal.stop();
});

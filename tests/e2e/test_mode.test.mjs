// A portal that does as a test tells it (docs/decisions/0019): its clock, what it was asked, and the way back. What
// goes wrong in it is in test_mode_faults.test.mjs.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { demo, logged, runPortal, startPortal } from './support/portal.mjs';
import { startInTestMode } from './support/test_mode.mjs';

const start = '2025-09-02T10:00:00Z';
let portal;
before(async () => (portal = await startInTestMode({ args: ['--random-seed', '7', '--clock', start] })));
beforeEach(() => portal.reset());
after(() => portal.stop());

const statuses = async (count, target = '/v1/contacts?limit=1', options) => {
  const seen = [];
  for (let i = 0; i < count; i += 1) seen.push((await portal.data(target, options)).status);
  return seen;
};

test('every answer of both planes says that this is a test', async () => {
  for (const target of ['/v1/contacts', '/v1/health', '/nowhere', '/v1/contacts?limit=0', '/livez']) {
    assert.equal((await portal.data(target)).headers['x-portal-test-mode'], '1', target);
  }
  for (const target of ['/api/status', '/api/nowhere', '/livez']) {
    assert.equal((await portal.control(target)).headers['x-portal-test-mode'], '1', target);
  }
});

test('without the flag there is nothing of it', async () => {
  const plain = await startPortal();
  for (const [method, target] of [
    ['POST', '/test/reset'],
    ['PUT', '/test/clock'],
    ['PUT', '/test/faults'],
    ['GET', '/test/requests'],
    ['GET', '/test/openapi.json'],
  ]) {
    assert.equal((await plain.control(target, { method })).status, 404, target);
  }
  assert.equal((await plain.request('/livez')).headers['x-portal-test-mode'], undefined);
  assert.equal((await plain.control('/livez')).headers['x-portal-test-mode'], undefined);
  await plain.stop();
});

test('only an operator drives it', async () => {
  for (const [token, status] of [
    [undefined, 401],
    ['wrong', 401],
    [demo.token, 403],
    [demo.feedToken, 403],
  ]) {
    const answer = await portal.control('/test/reset', { method: 'POST', token: token ?? '' });
    assert.equal(answer.status, status, token);
  }
});

test('it is started on this machine alone, in memory, and with the control plane', async () => {
  for (const [args, code, says] of [
    [['--test-mode', '--listen', '0.0.0.0:0'], 3, /test mode answers as it is told and is served on loopback alone/],
    [['--test-mode', '--control-listen', '0.0.0.0:0', '--listen', '127.0.0.1:0'], 3, /loopback alone/],
    [
      ['--test-mode', '--control-listen', '', '--listen', '127.0.0.1:0'],
      3,
      /--test-mode is driven over the control plane/,
    ],
    [['--test-mode', '--data-dir', '/tmp/data'], 2, /--test-mode keeps its store in memory: leave --data-dir out/],
    [['--ephemeral', '--seed', '--data-dir', '/tmp/data'], 2, /--ephemeral keeps its store in memory/],
    [['--ephemeral'], 2, /--ephemeral needs --seed or --test-mode/],
    [['--random-seed', '1'], 2, /--random-seed goes with --test-mode alone/],
    [['--clock', start, '--seed'], 2, /--clock goes with --test-mode alone/],
    [['--test-mode', '--random-seed', '-1'], 2, /--random-seed: "-1" is no whole number/],
    [['--test-mode', '--clock', 'noon'], 2, /--clock: "noon" is no time of RFC 3339/],
  ]) {
    const { code: exit, stderr } = await runPortal(['serve', ...args], { timeout: 10_000 });
    assert.equal(exit, code, stderr);
    assert.match(stderr, says);
  }
});

test('it is said in the log, as a warning', async () => {
  await logged(portal.started, /"level":"warning","event":"test_mode"/);
});

test('a reset puts back what is logged and forgets the last errors', async () => {
  const log = async () => (await portal.control('/api/log')).json;
  const before = await log();
  const changed = await portal.control('/api/log', { method: 'PUT', body: { level: 'off', access: !before.access } });
  assert.equal(changed.status, 200, changed.text);
  assert.notDeepEqual(await log(), before);
  await portal.put('/test/faults', { faults: [{ status: 503 }] });
  assert.equal((await portal.data('/v1/contacts?limit=1')).status, 503);
  assert.equal((await portal.control('/api/errors')).json.data.length, 1);
  await portal.reset();
  assert.deepEqual(await log(), before);
  assert.deepEqual((await portal.control('/api/errors')).json, { data: [] });
});

test('what a budget says of time is right after the clock has moved', async () => {
  await portal.put('/test/clock', { advance: '3h' });
  const { headers } = await portal.data('/v1/contacts?limit=1');
  const left = Number(/;t=(\d+)$/.exec(headers.ratelimit)[1]);
  const resetsIn = Number(headers['x-ratelimit-reset']) - Date.parse(headers.date) / 1000;
  assert.equal(left, 60);
  assert.ok(resetsIn === 60 || resetsIn === 61, `X-RateLimit-Reset is ${resetsIn} s from now`);
});

test('the clock is set and advanced; tokens and signed URLs follow it', async () => {
  const now = async () => (await portal.data('/v1/health')).json.timestamp;
  assert.ok((await now()).startsWith('2025-09-02T10:00:0'), await now());
  const { signed_url: url } = (await portal.data(`/v1/jobs/${demo.job}/files/${demo.file}`)).json;
  const target = new URL(url).pathname + new URL(url).search;
  const download = async () => (await portal.data(target, { token: undefined, method: 'HEAD' })).status;
  await portal.put('/test/clock', { advance: '14m' });
  assert.equal(await download(), 200);
  const advanced = await portal.put('/test/clock', { advance: '1m' });
  assert.ok(advanced.json.now.startsWith('2025-09-02T10:15:0'), advanced.text);
  assert.equal(await download(), 403);
  await portal.put('/test/clock', { set: '2031-01-01T00:00:00Z' });
  assert.ok((await now()).startsWith('2031-01-01T00:00:0'), await now());
  assert.match((await portal.data('/livez')).headers.date, /01 Jan 2031/);
  assert.match((await portal.control('/livez')).headers.date, /01 Jan 2031/);
  await portal.put('/test/clock', { set: '1999-12-31T23:59:59Z' });
  assert.equal(await download(), 403, 'it is signed for a time too far ahead');
  await portal.reset();
  assert.ok((await now()).startsWith('2025-09-02T10:00:0'), await now());
});

test('what was asked is remembered, without values of queries, and not without end', async () => {
  await portal.data('/v1/contacts?limit=1&q=secret', { headers: { 'X-Trace-Id': 'trace-of-mine' } });
  await portal.data('/v1/jobs/job_x?limit');
  await portal.data('/nowhere', { token: 'wrong' });
  const { data, total } = (await portal.control('/test/requests')).json;
  assert.equal(total, 3);
  const at = /^2025-09-02T10:00:\d\d\.\d{3}Z$/;
  for (const request of data) assert.match(request.at, at);
  const [first, ...others] = data.map(({ at: _, ...request }) => request);
  assert.deepEqual(first, {
    method: 'GET',
    route: '/v1/contacts',
    target: '/v1/contacts?limit&q',
    status: 200,
    client: 'client_prod',
    trace_id: 'trace-of-mine',
    fault: false,
  });
  const brief = others.map(({ route, target, status, client }) => [route, target, status, client]);
  assert.deepEqual(brief, [
    ['/v1/jobs/{jobId}', '/v1/jobs/job_x?limit', 400, 'client_prod'],
    ['other', '/nowhere', 404, ''],
  ]);
  await Promise.all(Array.from({ length: 20 }, () => statuses(50, '/livez', { token: undefined })));
  await portal.data('/v1/health');
  const later = (await portal.control('/test/requests')).json;
  assert.equal(later.total, 1004);
  assert.equal(later.data.length, 1000);
  assert.equal(later.data.at(-1).route, '/v1/health');
});

test('a reset takes back every change of the store, and no ETag comes again', async () => {
  const page = '/v1/contacts?limit=3&sort=name';
  const look = async () => {
    const { json, headers } = await portal.data(page);
    return { json, etag: headers.etag };
  };
  const found = async () => (await portal.data('/v1/contacts?q=zebediah')).json.total;
  const before = await look();
  const etags = new Set([before.etag]);
  for (let round = 0; round < 3; round += 1) {
    const id = `00000000-0000-4000-8000-00000000000${round}`;
    const made = await portal.control(`/api/tenants/acme/contacts/${id}`, {
      method: 'PUT',
      body: { name: 'Aa Zebediah' },
    });
    assert.equal(made.status, 201, made.text);
    const gone = await portal.control(`/api/tenants/acme/jobs/${demo.job}`, { method: 'DELETE' });
    assert.equal(gone.status, 204, gone.text);
    await portal.control('/api/tenants', { method: 'POST', body: { slug: 'extra', name: 'Extra' } });
    await portal.control('/api/tenants/acme/clients/client_prod', { method: 'PATCH', body: { revoked: true } });
    assert.equal((await portal.data(page)).status, 401);
    const purged = await portal.control('/api/purge?all=true', { method: 'POST' });
    assert.equal(purged.status, 200, purged.text);
    await portal.reset();
    const after = await look();
    assert.deepEqual(after.json, before.json);
    assert.ok(!etags.has(after.etag), 'an ETag came again');
    etags.add(after.etag);
    assert.equal(await found(), 0, 'the search index is as it was');
    const { json: tenants } = await portal.control('/api/tenants');
    assert.deepEqual(tenants.data.map(({ slug }) => slug).sort(), ['acme', 'globex']);
    const { signed_url: url } = (await portal.data(`/v1/jobs/${demo.job}/files/${demo.file}`)).json;
    const blob = await fetch(url);
    assert.equal((await blob.arrayBuffer()).byteLength, demo.fileSize, 'the purged blob is back');
  }
});

test('with a seed the same requests get the same ids and tokens, after a reset and in another portal', async () => {
  const ids = async (from) => {
    const seen = [];
    for (let i = 0; i < 3; i += 1) {
      const { headers } = await from.data('/v1/contacts?limit=1');
      seen.push(headers['x-request-id'], headers['x-trace-id']);
    }
    const body = { client: 'client_prod', label: 'test', scopes: ['read'] };
    const made = await from.control('/api/tenants/acme/tokens', { method: 'POST', body });
    assert.equal(made.status, 201, made.text);
    const url = (await from.data(`/v1/jobs/${demo.job}/files/${demo.file}`)).json.signed_url;
    return [...seen, made.json.id, made.json.token, new URL(url).searchParams.get('signature').length];
  };
  const first = await ids(portal);
  await portal.reset();
  assert.deepEqual(await ids(portal), first);
  const same = await startInTestMode({ args: ['--random-seed', '7'] });
  const other = await startInTestMode({ args: ['--random-seed', '8'] });
  assert.deepEqual(await ids(same), first);
  assert.notDeepEqual(await ids(other), first);
  await Promise.all([same.stop(), other.stop()]);
});

test('without demo data it is empty, and an operator fills it', async () => {
  const empty = await startInTestMode({ seed: false });
  assert.deepEqual(empty.ready.tokens, { admin: demo.adminToken });
  assert.deepEqual((await empty.control('/api/tenants')).json.data, []);
  const made = await empty.control('/api/tenants', { method: 'POST', body: { slug: 'mine', name: 'Mine' } });
  assert.equal(made.status, 201, made.text);
  await empty.reset();
  assert.deepEqual((await empty.control('/api/tenants')).json.data, []);
  await empty.stop();
});

if (process.env.PORTAL_LONG === '1') {
  // Uses are written once a minute.
  test('what was used before a reset was not used after it', async () => {
    const used = async () => {
      const { data } = (await portal.control('/api/tenants/acme/tokens')).json;
      return data.filter((each) => each.last_used_at !== null).map(({ client }) => client);
    };
    await portal.data('/v1/contacts?limit=1', { token: demo.token });
    await portal.reset();
    await portal.data('/v1/contacts?limit=1', { token: 'load_token' });
    await eventually(async () => (await used()).length > 0, 'uses are written', 90_000);
    assert.deepEqual(await used(), ['client_load']);
  });
}

test('a reset takes milliseconds, after writes too', async (t) => {
  const times = [];
  for (let round = 0; round < 15; round += 1) {
    const id = '00000000-0000-4000-8000-000000000001';
    await portal.control(`/api/tenants/acme/contacts/${id}`, { method: 'PUT', body: { name: 'Ada' } });
    const begun = performance.now();
    await portal.reset();
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`reset: median ${times[7].toFixed(1)} ms, most ${times[14].toFixed(1)} ms`);
  assert.ok(times[7] < 200, `${times[7]} ms`); // 20 ms on a calm machine, which tests do not have to themselves
});

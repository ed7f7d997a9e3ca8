// A portal that does as a test tells it (docs/decisions/0019): faults, clock, requests, and the way back.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { demo, runPortal, startPortal } from './support/portal.mjs';
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
    [['--test-mode', '--control-listen', '', '--listen', '127.0.0.1:0'], 3, /--test-mode is driven over the control plane/],
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
  assert.match(portal.started.output.stderr, /"level":"warning","event":"test_mode"/);
});

test('an answer is replaced on one route, for one tenant, as often as was said', async () => {
  await portal.put('/test/faults', { faults: [{ route: '/v1/contacts', tenant: 'acme', status: 503, count: 2 }] });
  assert.deepEqual(await statuses(1, '/v1/jobs'), [200]);
  assert.deepEqual(await statuses(1, '/v1/contacts', { token: demo.otherToken }), [200]);
  assert.deepEqual(await statuses(3), [503, 503, 200]);
});

test('an injected error is a problem as the portal tells it', async () => {
  const problems = [];
  for (const status of [400, 401, 403, 404, 429, 500, 503, 507]) {
    await portal.put('/test/faults', { faults: [{ status }] });
    const answer = await portal.data('/v1/contacts');
    assert.equal(answer.status, status);
    assert.match(answer.headers['content-type'], /^application\/problem\+json/);
    problems.push(answer.json.code);
  }
  const codes = ['BAD_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMIT_EXCEEDED', 'INTERNAL_ERROR'];
  assert.deepEqual(problems, [...codes, 'SERVICE_UNAVAILABLE', 'STORAGE_FULL']);
});

test('who is not let in does not meet the fault', async () => {
  await portal.put('/test/faults', { faults: [{ status: 500 }] });
  assert.deepEqual(await statuses(1, '/v1/contacts', { token: 'wrong' }), [401]);
  assert.deepEqual(await statuses(1, '/v1/contacts', { method: 'DELETE' }), [405]);
});

test('a probability hits the same requests again with the same seed, and others with another', async () => {
  const run = async (seed) => {
    await portal.put('/test/faults', { faults: [{ status: 500, probability: 0.4, seed }] });
    return statuses(40);
  };
  const first = await run(7);
  const hits = first.filter((status) => status === 500).length;
  assert.ok(hits > 6 && hits < 28, `${hits} of 40`);
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
});

test('a delay takes its time, and nobody else waits', async () => {
  await portal.put('/test/faults', { faults: [{ route: '/v1/jobs', latency: '400ms' }] });
  const begun = performance.now();
  const delayed = portal.data('/v1/jobs?limit=1').then(() => performance.now() - begun);
  await portal.data('/v1/contacts?limit=1');
  const other = performance.now() - begun;
  assert.ok((await delayed) >= 399, 'it came early');
  assert.ok(other < (await delayed), 'the other request waited');
});

test('a delay ends when its fault is taken away', async () => {
  await portal.put('/test/faults', { faults: [{ route: '/v1/jobs', latency: '60s' }] });
  const begun = performance.now();
  const delayed = portal.data('/v1/jobs?limit=1');
  await portal.data('/v1/contacts?limit=1');
  await portal.put('/test/faults', {});
  assert.equal((await delayed).status, 200);
  assert.ok(performance.now() - begun < 20_000);
});

test('a dropped request has no answer, at once or after a delay', async () => {
  for (const fault of [{ drop: true }, { drop: true, latency: '10ms' }]) {
    await portal.put('/test/faults', { faults: [{ route: '/v1/contacts', ...fault }] });
    await assert.rejects(portal.data('/v1/contacts'), TypeError);
    assert.deepEqual(await statuses(1, '/v1/jobs'), [200]);
  }
  const { data } = (await portal.control('/test/requests')).json;
  const dropped = data.filter(({ route }) => route === '/v1/contacts');
  assert.ok(dropped.length >= 2, 'fetch may ask again where it got nothing');
  for (const { status, fault } of dropped) assert.deepEqual({ status, fault }, { status: null, fault: true });
});

test('a fault ends in its time, by the clock that can be moved', async () => {
  await portal.put('/test/faults', { faults: [{ status: 503, expires: '30s' }] });
  assert.deepEqual(await statuses(1), [503]);
  await portal.put('/test/clock', { advance: '29s' });
  assert.deepEqual(await statuses(1), [503]);
  await portal.put('/test/clock', { advance: '1s' });
  assert.deepEqual(await statuses(1), [200]);
});

test('a database that fails fails reads and writes, and recovers', async () => {
  await portal.put('/test/faults', { dependencies: { database: 'io_error' } });
  assert.deepEqual(await statuses(1), [503]);
  const write = { method: 'PUT', body: { name: 'Ada' } };
  const target = '/api/tenants/acme/contacts/00000000-0000-4000-8000-000000000001';
  assert.equal((await portal.control(target, write)).status, 503);
  await portal.reset();
  assert.deepEqual(await statuses(1), [200]);
});

test('a full disk fails writes alone', async () => {
  await portal.put('/test/faults', { dependencies: { database: 'full' } });
  assert.deepEqual(await statuses(1), [200]);
  const target = '/api/tenants/acme/contacts/00000000-0000-4000-8000-000000000001';
  const answer = await portal.control(target, { method: 'PUT', body: { name: 'Ada' } });
  assert.equal(answer.status, 507, answer.text);
});

test('blobs are missing, or cannot be read, until they are back', async () => {
  const { signed_url: url } = (await portal.data(`/v1/jobs/${demo.job}/files/${demo.file}`)).json;
  const target = new URL(url).pathname + new URL(url).search;
  const download = async () => (await portal.data(target, { token: undefined, method: 'HEAD' })).status;
  assert.equal(await download(), 200);
  await portal.put('/test/faults', { dependencies: { blob: 'missing' } });
  assert.equal(await download(), 500, 'its row says that it is there');
  await portal.put('/test/faults', { dependencies: { blob: 'io_error' } });
  assert.equal(await download(), 503);
  await portal.put('/test/faults', {});
  assert.equal(await download(), 200);
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

test('what is wrong with a fault or a time is told by name, and nothing has changed', async () => {
  for (const [target, body, parameter] of [
    ['/test/faults', { faults: [{ route: '/v2', status: 500 }] }, 'faults[0].route'],
    ['/test/faults', { faults: [{ status: 500 }, { tenant: 'nobody', status: 500 }] }, 'faults[1].tenant'],
    ['/test/faults', { faults: [{ status: 200 }] }, 'faults[0].status'],
    ['/test/faults', { faults: [{ status: 418 }] }, 'faults[0].status'],
    ['/test/faults', { faults: [{ route: '/v1/jobs' }] }, 'faults[0].status'],
    ['/test/faults', { faults: [{ latency: '61s' }] }, 'faults[0].latency'],
    ['/test/faults', { faults: [{ latency: 5 }] }, 'faults[0].latency'],
    ['/test/faults', { faults: [{ status: 500, drop: true }] }, 'faults[0].drop'],
    ['/test/faults', { faults: [{ status: 500, probability: 1.5 }] }, 'faults[0].probability'],
    ['/test/faults', { faults: [{ status: 500, count: 0 }] }, 'faults[0].count'],
    ['/test/faults', { faults: [{ status: 500, seed: -1 }] }, 'faults[0].seed'],
    ['/test/faults', { faults: [{ status: 500, expires: 'soon' }] }, 'faults[0].expires'],
    ['/test/faults', { faults: [{ status: 500, colour: 'red' }] }, 'faults[0].colour'],
    ['/test/faults', { faults: ['all'] }, 'faults'],
    ['/test/faults', { faults: Array(101).fill({ status: 500 }) }, 'faults'],
    ['/test/faults', { dependencies: { database: 'slow' } }, 'dependencies.database'],
    ['/test/faults', { dependencies: { disk: 'full' } }, 'dependencies.disk'],
    ['/test/faults', { fault: [] }, 'fault'],
    ['/test/clock', {}, 'set'],
    ['/test/clock', { set: start, advance: '1s' }, 'set'],
    ['/test/clock', { set: '9999-01-01T00:00:00Z' }, 'set'],
    ['/test/clock', { advance: '-1s' }, 'advance'],
    ['/test/clock', { advance: '400000d' }, 'advance'],
  ]) {
    const answer = await portal.control(target, { method: 'PUT', body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.deepEqual(answer.json.errors.map((error) => error.parameter), [parameter], answer.text);
  }
  assert.deepEqual(await statuses(1), [200]);
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
    const made = await portal.control(`/api/tenants/acme/contacts/${id}`, { method: 'PUT', body: { name: 'Aa Zebediah' } });
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

test('with a seed the same requests get the same ids and tokens, before and after a reset, and in another portal', async () => {
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

test('it ends while a request is delayed', async () => {
  const ending = await startInTestMode();
  await ending.put('/test/faults', { faults: [{ latency: '60s' }] });
  const delayed = ending.data('/v1/contacts?limit=1');
  const seen = async () => (await ending.control('/api/status')).json.data_plane.connections.waiting;
  while ((await seen()) === 0) continue;
  const begun = performance.now();
  await ending.stop();
  assert.equal((await delayed).status, 200);
  assert.ok(performance.now() - begun < 10_000);
});

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

test('a breaker opens by faults, refuses at once, and is closed by a reset', async () => {
  const states = async () => (await portal.control('/api/breakers')).json.data.map(({ name, state }) => [name, state]);
  await portal.put('/test/faults', { dependencies: { database: 'io_error' } });
  const codes = [];
  for (let i = 0; i < 30; i += 1) codes.push((await portal.data('/v1/contacts?limit=1')).json.code);
  assert.equal(codes[0], 'SERVICE_UNAVAILABLE');
  assert.equal(codes.at(-1), 'CIRCUIT_OPEN');
  assert.deepEqual((await states())[0], ['database', 'OPEN']);
  await portal.put('/test/faults', {});
  assert.deepEqual(await statuses(1), [503], 'it stays open');
  await portal.put('/test/clock', { advance: '30s' });
  assert.deepEqual(await statuses(3), [200, 200, 200], 'probes');
  await portal.put('/test/breakers/blobs', { state: 'open' });
  await portal.put('/test/breakers/database', { state: 'open' });
  assert.deepEqual(await statuses(1), [503]);
  await portal.reset();
  assert.deepEqual(await statuses(1), [200]);
  assert.deepEqual(await states(), [
    ['database', 'CLOSED'],
    ['blobs', 'CLOSED'],
  ]);
  for (const { transitions, forced } of (await portal.control('/api/breakers')).json.data) {
    assert.deepEqual([transitions, forced], [[], null]);
  }
});

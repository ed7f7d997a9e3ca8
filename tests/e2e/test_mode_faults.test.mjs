// What goes wrong in a portal because a test says so (docs/decisions/0019): faults, breakers and budgets on demand.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { demo, logged, temporaryFolder } from './support/portal.mjs';
import { startInTestMode } from './support/test_mode.mjs';

let portal;
before(async () => (portal = await startInTestMode()));
beforeEach(() => portal.reset());
after(() => portal.stop());

const statuses = async (count, target = '/v1/contacts?limit=1', options) => {
  const seen = [];
  for (let i = 0; i < count; i += 1) seen.push((await portal.data(target, options)).status);
  return seen;
};

test('an answer is replaced on one route, for one tenant, as often as was said', async () => {
  await portal.put('/test/faults', { faults: [{ route: '/v1/contacts', tenant: 'acme', status: 503, count: 2 }] });
  assert.deepEqual(await statuses(1, '/v1/jobs'), [200]);
  assert.deepEqual(await statuses(1, '/v1/contacts', { token: demo.otherToken }), [200]);
  assert.deepEqual(await statuses(3), [503, 503, 200]);
});

test("a fault for one tenant can be ordered while the database's breaker is open", async () => {
  await portal.put('/test/breakers/database', { state: 'open' });
  await portal.put('/test/faults', { faults: [{ tenant: 'globex', status: 500 }] });
  const unknown = { faults: [{ tenant: 'nobody', status: 500 }] };
  assert.equal((await portal.control('/test/faults', { method: 'PUT', body: unknown })).status, 400);
  await portal.put('/test/breakers/database', { state: 'closed' });
  assert.deepEqual(await statuses(1), [200]);
  assert.deepEqual(await statuses(1, '/v1/contacts', { token: demo.otherToken }), [500]);
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
  await portal.put('/test/clock', { advance: '20s' });
  assert.deepEqual(await statuses(1), [503]);
  await portal.put('/test/clock', { advance: '10s' });
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
    ['/test/clock', { set: '2025-09-02T10:00:00Z', advance: '1s' }, 'set'],
    ['/test/clock', { set: '9999-01-01T00:00:00Z' }, 'set'],
    ['/test/clock', { advance: '-1s' }, 'advance'],
    ['/test/clock', { advance: '400000d' }, 'advance'],
  ]) {
    const answer = await portal.control(target, { method: 'PUT', body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.deepEqual(
      answer.json.errors.map((error) => error.parameter),
      [parameter],
      answer.text,
    );
  }
  assert.deepEqual(await statuses(1), [200]);
});

test('it ends while a request is delayed', async () => {
  const ending = await startInTestMode();
  await ending.put('/test/faults', { faults: [{ latency: '60s' }] });
  const delayed = ending.data('/v1/contacts?limit=1');
  const seen = async () => (await ending.control('/api/status')).json.data_plane.connections.waiting;
  const begun = performance.now();
  while ((await seen()) === 0) assert.ok(performance.now() - begun < 10_000, 'it is not delayed');
  await ending.stop();
  assert.equal((await delayed).status, 200);
  assert.ok(performance.now() - begun < 20_000);
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
    ['database_writes', 'CLOSED'],
    ['blobs', 'CLOSED'],
    ['blob_writes', 'CLOSED'],
  ]);
  for (const { transitions, forced } of (await portal.control('/api/breakers')).json.data) {
    assert.deepEqual([transitions, forced], [[], null]);
  }
});

test('budgets are set, spent, and back after a reset or when time has passed', async () => {
  const before = (await portal.control('/api/limits')).json.budgets;
  const set = await portal.put('/test/limits', { contacts: 2, jobs: 1 });
  assert.deepEqual(set.json, { ...before, contacts: 2, jobs: 1 });
  assert.deepEqual(await statuses(3), [200, 200, 429]);
  assert.deepEqual(await statuses(2, '/v1/jobs'), [200, 429]);
  await portal.put('/test/clock', { advance: '1m' });
  assert.deepEqual(await statuses(3), [200, 200, 429]);
  await portal.reset();
  assert.deepEqual(await statuses(3), [200, 200, 200]);
  assert.deepEqual((await portal.control('/api/limits')).json.budgets, before);
  for (const body of [{ contacts: -1 }, { contacts: null }, { contacts: 1_000_000_001 }, { letters: 1 }]) {
    const answer = await portal.control('/test/limits', { method: 'PUT', body });
    assert.equal(answer.status, 400, answer.text);
    assert.deepEqual(
      answer.json.errors.map(({ parameter }) => parameter),
      Object.keys(body),
    );
  }
});

test('a reset goes back to the budgets of the configuration that is in force', async () => {
  const file = join(temporaryFolder(), 'portal.toml');
  writeFileSync(file, 'rate_limits.default = 5\n');
  const env = { PORTAL_RATE_LIMITS_DEFAULT: undefined }; // it would speak louder than the file
  const configured = await startInTestMode({ args: ['--config', file], env });
  const budget = async () => (await configured.control('/api/limits')).json.budgets.contacts;
  assert.equal(await budget(), 5);
  writeFileSync(file, 'rate_limits.default = 7\n');
  configured.started.child.kill('SIGHUP');
  await logged(configured.started, /"event":"reloaded","changed":"rate_limits\.default"/);
  await configured.put('/test/limits', { contacts: 1 });
  assert.equal(await budget(), 1);
  await configured.reset();
  assert.equal(await budget(), 7);
  await configured.stop();
});

test('an injected 429 says when to come again, where nothing limits the request too', async () => {
  await portal.put('/test/faults', { faults: [{ status: 429 }] });
  for (const target of ['/v1/contacts', '/livez']) {
    const { status, headers } = await portal.data(target);
    assert.deepEqual({ status, after: Number(headers['retry-after']) >= 1 }, { status: 429, after: true }, target);
  }
});

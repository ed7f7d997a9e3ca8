// What is logged, and the last errors, as operators see and change them while the portal serves.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { demo, startPortal, temporaryFolder } from './support/portal.mjs';

const config = join(temporaryFolder(), 'portal.toml');
let portal;

before(async () => {
  writeFileSync(config, '[log]\nlevel = "warning"\n');
  portal = await startPortal({ args: ['--config', config] });
});
after(() => portal.stop());

const change = (body, options) => portal.control('/api/log', { method: 'PUT', body, ...options });
const state = async () => (await portal.control('/api/log')).json;

/** Asks on both planes, and how many lines say so. */
async function linesOf(name) {
  const headers = { 'X-Request-Id': `asked-${name}` };
  for (const port of [portal.port, portal.controlPort]) {
    await portal.request('/livez', { port, headers });
    await portal.request('/livez', { port }); // on the same connection: answered when the line of the first is written
  }
  const { level } = await state();
  await change({ level: 'warning' }, { headers: { 'X-Trace-Id': `after-${name}` } }); // its line is behind theirs
  await portal.logged(new RegExp(`"log_changed".*"trace_id":"after-${name}"`));
  await change({ level });
  return portal.log.split(`"request_id":"asked-${name}"`).length - 1;
}

test('the level and the access log change at once, on both planes', async () => {
  assert.deepEqual(await state(), { level: 'warning', access: true, lines_dropped: 0 });
  for (const [n, [body, expected, lines]] of [
    [{ level: 'info' }, { level: 'info', access: true }, 2],
    [{ access: false }, { level: 'info', access: false }, 0],
    [{ level: 'debug', access: true }, { level: 'debug', access: true }, 2],
    [{ level: 'error' }, { level: 'error', access: true }, 0],
  ].entries()) {
    const answer = await change(body);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json, { ...expected, lines_dropped: 0 });
    assert.deepEqual(await state(), { ...expected, lines_dropped: 0 });
    assert.equal(await linesOf(n), lines, JSON.stringify(body));
  }
});

test('each change is logged once, with the token that made it, whatever the level', async () => {
  for (const [n, level] of ['warning', 'off', 'error', 'off', 'off', 'debug'].entries()) {
    await change({ level }, { headers: { 'X-Trace-Id': `change-${n}` } });
    const log = await portal.logged(new RegExp(`"log_changed".*"trace_id":"change-${n}"}\n`));
    const ofChange = new RegExp(`"log_changed".*"trace_id":"change-${n}"`);
    const [line, ...more] = log.split('\n').filter((each) => ofChange.test(each));
    assert.deepEqual(more, []);
    const { time, token, ...rest } = JSON.parse(line);
    assert.match(token, /^tok_./);
    const changed = { level: 'warning', event: 'log_changed', log_level: level, access: 'true' };
    assert.deepEqual(rest, { ...changed, trace_id: `change-${n}` });
    const keys = [...line.matchAll(/"(\w+)":/g)].map(([, key]) => key);
    assert.equal(new Set(keys).size, keys.length, line);
  }
});

test('a reload goes back to what is configured', async () => {
  await change({ level: 'debug', access: false });
  writeFileSync(config, '[log]\nlevel = "info"\n');
  portal.started.child.kill('SIGHUP');
  await portal.logged(/"event":"reloaded","changed":"log.level"/);
  assert.deepEqual(await state(), { level: 'info', access: true, lines_dropped: 0 });
});

test('what is no level is told, and changes nothing', async () => {
  for (const [body, parameter, detail] of [
    [{ level: 'loud' }, 'level', /"loud"; must be debug, info, warning, error or off/],
    [{ level: 7 }, 'level', /./],
    [{ access: 'yes' }, 'access', /./],
    [{}, 'level', /./],
    [{ level: 'info', more: 1 }, 'more', /./],
  ]) {
    const { status, json } = await change(body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(json.errors[0].parameter, parameter);
    assert.match(json.errors[0].detail, detail);
  }
  assert.equal((await change({ level: 'debug' }, { token: demo.feedToken })).status, 403);
  assert.deepEqual(await state(), { level: 'info', access: true, lines_dropped: 0 });
});

test('the last errors are there with their trace ids, those of an open breaker too', async () => {
  assert.deepEqual((await portal.control('/api/errors')).json, { data: [] });
  await portal.control('/api/breakers/database', { method: 'PUT', body: { state: 'open' } });
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const refused = await portal.request('/v1/contacts?q=private', { token: demo.token, headers });
  assert.equal(refused.status, 503);
  assert.equal((await portal.request('/v1/nowhere')).status, 404);
  const { status, json, text } = await portal.control('/api/errors');
  assert.equal(status, 200, 'while the breaker is open');
  const [{ time, ...error }] = json.data;
  assert.deepEqual(error, {
    method: 'GET',
    route: '/v1/contacts',
    status: 503,
    code: 'CIRCUIT_OPEN',
    detail: refused.json.detail,
    trace_id: traceId,
  });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
  assert.equal(json.data.length, 1);
  assert.doesNotMatch(text, /prod_token|private/);
  await portal.control('/api/breakers/database', { method: 'PUT', body: { state: 'auto' } });
});

test('the last 200 errors are kept, and nothing of what a client brings about by itself', async () => {
  await portal.control('/api/breakers/database', { method: 'PUT', body: { state: 'open' } });
  for (let i = 0; i < 201; i += 1) {
    assert.equal((await portal.request('/v1/jobs', { token: demo.token })).status, 503);
    const scan = await portal.request('/x', { method: 'GET', headers: { 'Transfer-Encoding': 'gzip' } });
    assert.equal(scan.status, 501);
  }
  const { data } = (await portal.control('/api/errors')).json;
  assert.equal(data.length, 200);
  for (const { route, status } of data) assert.deepEqual({ route, status }, { route: '/v1/jobs', status: 503 });
});

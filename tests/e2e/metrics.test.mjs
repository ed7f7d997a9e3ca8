// What /metrics says, in which form, and to whom.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { unlimited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';
import { exchange } from './support/wire.mjs';

const forwarded = { 'X-Forwarded-For': '192.0.2.1' };
const bounds =
  '0.1 0.25 0.5 1.0 2.5 5.0 10.0 25.0 50.0 100.0 200.0 300.0 400.0 500.0 600.0 800.0 1000.0 2500.0 5000.0 10000.0 +Inf';

let portal;
before(async () => {
  portal = await startPortal();
});
after(() => portal.stop());

/** Series of the text format, by name and labels as they are written. */
function seriesOf(text) {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const scrape = async () => seriesOf((await portal.request('/metrics')).text);
const labels = (endpoint, method = 'GET') => `{method="${method}",endpoint="${endpoint}"}`;

async function operatorToken(scope) {
  const made = await portal.control('/api/tokens', { method: 'POST', body: { scopes: [scope] } });
  assert.equal(made.status, 201, made.text);
  return made.json.token;
}

test('the form is what the client asks for', async () => {
  const [text, open, json] = [
    'text/plain; version=0.0.4; charset=utf-8',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'application/json; charset=utf-8',
  ];
  const prometheus =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
    'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const cases = [
    ['', {}, text],
    ['', { Accept: '*/*' }, text],
    ['', { Accept: prometheus }, open],
    ['', { Accept: 'application/json' }, json],
    ['?format=prometheus', { Accept: prometheus }, text],
    ['?format=openmetrics', {}, open],
    ['?format=json', {}, json],
  ];
  for (const [query, headers, type] of cases) {
    const answer = await portal.request(`/metrics${query}`, { headers });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['content-type'], type, `${query} ${JSON.stringify(headers)}`);
    assert.match(answer.headers.vary, /Accept/);
  }
  for (const [target, headers, status, code] of [
    ['/metrics', { Accept: 'image/png' }, 406, 'NOT_ACCEPTABLE'],
    ['/metrics?format=xml', {}, 400, 'VALIDATION_ERROR'],
    ['/metrics?colour=red', {}, 400, 'VALIDATION_ERROR'],
  ]) {
    const answer = await portal.request(target, { headers });
    assert.deepEqual([answer.status, answer.json.code], [status, code], target);
  }
});

test('requests are counted once, by endpoint, method and class, and timed', async () => {
  const before = await scrape();
  for (let i = 0; i < 3; ++i) await portal.request('/v1/contacts?limit=1', { token: demo.token });
  await portal.request('/v1/contacts?limit=0', { token: demo.token });
  await portal.request('/v1/contacts', { method: 'HEAD', token: demo.token });
  await portal.request('/nowhere');
  await portal.request('/v1/contacts', { method: 'DELETE', token: demo.token });
  const now = await scrape();
  const grown = (name) => now.get(name) - (before.get(name) ?? 0);
  const contacts = labels('/v*/contacts');
  assert.equal(grown(`http_requests_total${contacts}`), 4);
  assert.equal(grown(`http_request_duration_ms_count${contacts}`), 4);
  assert.ok(grown(`http_request_duration_ms_sum${contacts}`) > 0);
  assert.equal(grown(`http_requests_errors_total${contacts}`), 0);
  assert.equal(grown(`http_responses_total${contacts.replace('}', ',class="2xx"}')}`), 3);
  assert.equal(grown(`http_responses_total${contacts.replace('}', ',class="4xx"}')}`), 1);
  assert.equal(grown(`http_requests_total${labels('/v*/contacts', 'HEAD')}`), 1);
  assert.equal(grown(`http_requests_total${labels('/v*/contacts', 'DELETE')}`), 1);
  assert.equal(grown(`http_requests_total${labels('other')}`), 1);
  assert.equal(grown('portal_limiter_decisions_total{policy="contacts",decision="allowed"}'), 5);

  const bucket = `http_request_duration_ms_bucket${contacts.slice(0, -1)},le="`;
  const found = [...now.keys()].filter((name) => name.startsWith(bucket));
  assert.equal(found.map((name) => name.slice(bucket.length, -2)).join(' '), bounds);
  for (const [name] of now) {
    if (!name.startsWith('http_requests_total')) continue;
    assert.ok(
      now.has(name.replace('requests_total', 'requests_errors_total')),
      `${name} has no errors to divide by it`,
    );
  }
});

test('whatever anybody can have answered 5xx is an error of other alone, which rollback triggers leave out', async () => {
  const before = await scrape();
  const heads = [
    ['GET /v1/health HTTP/2.7\r\nHost: portal\r\n\r\n', 505],
    ['GET /v1/health HTTP/1.1\r\nHost: portal\r\nTransfer-Encoding: gzip\r\n\r\n', 501],
    ['CONNECT portal:443 HTTP/1.1\r\nHost: portal:443\r\n\r\n', 501],
  ];
  for (const [head, status] of heads) {
    assert.equal((await exchange(portal.port, head)).status, status, head);
  }
  const errors = [...(await scrape())].filter(
    ([name, value]) => name.startsWith('http_requests_errors_total') && value > (before.get(name) ?? 0),
  );
  assert.equal(errors.length, 2); // of GET and of CONNECT
  for (const [name] of errors) assert.match(name, /endpoint="other"/);
});

test('signed URLs, transfers and bad tokens are counted', async () => {
  const before = await scrape();
  const row = await portal.fileRow();
  const signed = row.signed_url.slice(portal.base.length);
  await portal.request(signed);
  await portal.request(signed.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
  await portal.request(`${signed}&more=1`);
  await portal.request('/v1/jobs', { token: 'wrong' });
  const now = await scrape();
  for (const [name, more] of [
    ['portal_signed_urls_created_total', 1],
    ['portal_signed_urls_refused_total{reason="signature"}', 1],
    ['portal_signed_urls_refused_total{reason="malformed"}', 1],
    ['portal_signed_urls_refused_total{reason="expired"}', 0],
    ['http_transfer_duration_ms_count', 1],
    ['portal_limiter_decisions_total{policy="downloads",decision="allowed"}', 1],
    ['portal_limiter_decisions_total{policy="auth_failures",decision="allowed"}', 2],
  ]) {
    assert.equal(now.get(name) - before.get(name), more, name);
  }
});

test('a breaker says its state and counts its transitions', async () => {
  const state = (now, name) => now.get(`portal_breaker_state{breaker="blobs",state="${name}"}`);
  assert.equal(state(await scrape(), 'CLOSED'), 1);
  const order = (body) => portal.control('/api/breakers/blobs', { method: 'PUT', body });
  assert.equal((await order({ state: 'open' })).status, 200);
  const open = await scrape();
  assert.deepEqual([state(open, 'CLOSED'), state(open, 'OPEN')], [0, 1]);
  assert.equal(open.get('portal_breaker_transitions_total{breaker="blobs",to="OPEN"}'), 1);
  await order({ state: 'closed' });
  await order({ state: 'auto' });
  assert.equal(state(await scrape(), 'CLOSED'), 1);
});

test('what the machine and the store hold is there', async () => {
  const now = await scrape();
  for (const name of [
    'portal_database_bytes',
    'portal_blob_bytes',
    'portal_disk_size_bytes',
    'portal_disk_free_bytes',
    'portal_connections_open',
    'portal_connections_accepted_total',
    'portal_limiter_bytes',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'process_max_fds',
    'process_start_time_seconds',
  ]) {
    assert.ok(now.get(name) > 0, `${name} is ${now.get(name)}`);
  }
  for (const name of ['portal_wal_bytes', 'portal_limiter_shared_total', 'portal_log_lines_dropped_total']) {
    assert.ok(now.get(name) >= 0, `${name} is ${now.get(name)}`);
  }
  assert.equal(now.get('portal_build_info{version="1.0.0"}'), 1);
});

test('quantiles are for people, and exemplars for OpenMetrics', async () => {
  await portal.request('/v1/health', { headers: { 'X-Trace-Id': 'the-one-to-find' } });
  const texts = {};
  for (const query of ['', '?format=prometheus', '?format=openmetrics']) {
    texts[query] = (await portal.request(`/metrics${query}`)).text;
  }
  assert.doesNotMatch(texts[''], /^http_.*quantile=|trace_id|# EOF/m);
  assert.match(
    texts['?format=prometheus'],
    /^http_request_duration_ms\{method="GET",endpoint="\/v\*\/health",quantile="0.95"\} [\d.]+$/m,
  );
  const open = texts['?format=openmetrics'];
  assert.match(
    open,
    /_bucket\{method="GET",endpoint="\/v\*\/health",le="[\d.]+"\} \d+ # \{trace_id="the-one-to-find"\} [\d.]+ \d+\.?\d*$/m,
  );
  assert.match(open, /^# TYPE http_requests counter$/m);
  assert.match(open, /^# TYPE portal_build info$/m);
  assert.ok(open.endsWith('# EOF\n'));
});

test('both planes say the same in JSON', async () => {
  const names = (answer) => answer.json.families.map(({ name }) => name);
  const here = await portal.request('/metrics?format=json');
  const there = await portal.control('/api/metrics');
  assert.equal(there.status, 200);
  assert.deepEqual(names(there), names(here));
  assert.equal((await portal.control('/api/metrics', { token: demo.token })).status, 403);
  assert.equal((await portal.control('/api/metrics', { token: await operatorToken('metrics') })).status, 200);
});

test('promtool finds nothing but the unit that the names have', async () => {
  for (let i = 0; i < 2; ++i) await portal.request('/v1/jobs?limit=1', { token: demo.token });
  const { text } = await portal.request('/metrics');
  const { stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  assert.equal(error, undefined);
  const complaints = `${stdout}${stderr}`.split('\n').filter(Boolean);
  assert.deepEqual([...new Set(complaints.map((line) => line.split(' ')[0]))].sort(), [
    'http_request_duration_ms',
    'http_transfer_duration_ms',
    'portal_slo_latency_ms',
    'portal_slo_latency_target_ms',
  ]);
  for (const line of complaints) assert.match(line, /abbreviated units/);
});

test('without a token they are for this machine and for listed addresses', async () => {
  const status = async (on, options) => (await on.request('/metrics', options)).status;
  assert.equal(await status(portal, {}), 200);
  assert.equal(await status(portal, { headers: forwarded }), 401, 'a proxy on this machine');
  assert.equal(await status(portal, { headers: { Forwarded: 'for=192.0.2.1' } }), 401);
  assert.equal(await status(portal, { headers: forwarded, token: 'wrong' }), 401);
  assert.equal(await status(portal, { headers: forwarded, token: demo.token }), 403);
  assert.equal(await status(portal, { headers: forwarded, token: await operatorToken('admin') }), 403);
  assert.equal(await status(portal, { headers: forwarded, token: await operatorToken('metrics') }), 200);

  const args = ['--net-trusted-proxies', '127.0.0.1', '--metrics-allow', '192.0.2.0/24'];
  const behindProxy = await startPortal({ args, env: unlimited });
  try {
    assert.equal(await status(behindProxy, {}), 200);
    assert.equal(await status(behindProxy, { headers: forwarded }), 200);
    assert.equal(await status(behindProxy, { headers: { 'X-Forwarded-For': '198.51.100.1' } }), 401);
    assert.equal(
      await status(behindProxy, { headers: { Forwarded: 'for=192.0.2.1' } }),
      401,
      'it says nothing we read',
    );
  } finally {
    await behindProxy.stop();
  }
});

test('a page or a proxy that reaches this machine by another name needs a token, too', async () => {
  const ask = async (on, host, lines = '') => {
    const answer = await exchange(on.port, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`);
    return { status: answer.status, text: answer.body.toString() };
  };
  for (const host of ['localhost', `127.0.0.1:${portal.port}`, '[::1]:3000']) {
    assert.equal((await ask(portal, host)).status, 200, host);
  }
  const { status, text } = await ask(portal, 'evil.example');
  assert.equal(status, 401);
  assert.match(JSON.parse(text).detail, /scope metrics.*metrics\.allow.*localhost.*public_url/);
  const bearer = `Authorization: Bearer ${await operatorToken('metrics')}\r\n`;
  assert.equal((await ask(portal, 'evil.example', bearer)).status, 200);

  const open = await startPortal({ args: ['--public-url', 'http://portal.example', '--metrics-allow', '127.0.0.1'] });
  try {
    assert.equal((await ask(open, 'evil.example')).status, 200, 'its address is listed');
  } finally {
    await open.stop();
  }
  const named = await startPortal({ args: ['--public-url', 'http://portal.example'] });
  try {
    assert.equal((await ask(named, 'portal.example')).status, 200);
    assert.equal((await ask(named, 'other.example')).status, 401);
  } finally {
    await named.stop();
  }
});

test('no budget limits a scrape', async () => {
  const strict = await startPortal({ env: { PORTAL_RATE_LIMITS_DEFAULT: '1', PORTAL_RATE_LIMITS_AUTH_FAILURES: '1' } });
  try {
    for (let i = 0; i < 10; ++i) {
      const answer = await strict.request('/metrics');
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['x-ratelimit-limit'], undefined);
    }
  } finally {
    await strict.stop();
  }
});

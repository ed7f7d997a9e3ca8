// A real Prometheus scrapes a running portal by the files of packaging/monitoring.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { dashboardExpressions, ruleExpressions, selectorsIn } from './support/monitoring.mjs';
import { demo, startPortal, temporaryFolder } from './support/portal.mjs';
import { startPrometheus } from './support/prometheus.mjs';

const routes = ['/v1/health', '/v1/contacts?limit=1', '/v1/jobs?limit=1', `/v1/jobs/${demo.job}/files`];
const isNumber = ({ value: [, text] }) => Number.isFinite(Number(text));

let portal;
let prometheus;
let ca;
let traffic;

/** What the portal answers over TLS: `{status, text}`. */
function ask(target, { port = portal.port, method = 'GET', token, body } = {}) {
  const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
  return new Promise((done, failed) => {
    const request = https.request({ host: '127.0.0.1', port, path: target, method, headers, ca }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () => done({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', failed);
    request.end(body && JSON.stringify(body));
  });
}
const control = (target, options) => ask(target, { port: portal.controlPort, token: demo.adminToken, ...options });

/** Asks every route again and again and downloads a file, until it is told to stop. */
function makeTraffic() {
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      let answer;
      for (const route of routes) {
        answer = await ask(route, { token: demo.token });
        assert.equal(answer.status, 200, route);
      }
      const { pathname, search } = new URL(JSON.parse(answer.text).data[0].signed_url);
      assert.equal((await ask(pathname + search)).status, 200, pathname);
      await wait(100);
    }
  })();
  return {
    stop() {
      stopped = true;
      return running;
    },
  };
}

before(async () => {
  const folder = temporaryFolder();
  const [cert, key] = ['cert.pem', 'key.pem'].map((file) => join(folder, file));
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', key, '-out', cert];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '30'];
  execFileSync('openssl', ['req', '-x509', ...pair, ...names], { stdio: 'ignore' });
  ca = readFileSync(cert);
  const backups = join(folder, 'backups');
  portal = await startPortal({ args: ['--tls-cert', cert, '--tls-key', key, '--backup-dir', backups] });
  assert.equal((await control('/api/backups', { method: 'POST' })).status, 200);
  traffic = makeTraffic();
  prometheus = await startPrometheus(
    [`127.0.0.1:${portal.port}`],
    `    scheme: https\n    tls_config: { ca_file: ${cert} }\n`,
  );
});

after(async () => {
  await prometheus?.stop();
  await traffic?.stop();
  await portal?.stop();
});

test('the portal is up', async () => {
  const rows = await prometheus.answers('up{job="portal-api"}', ({ value }) => value[1] === '1');
  assert.deepEqual(
    rows.map(({ metric }) => metric.instance),
    [`127.0.0.1:${portal.port}`],
  );
});

test('the queries of the change plan and of its execution log return numbers', async () => {
  const quantile = (endpoint, range) =>
    `histogram_quantile(0.95,rate(http_request_duration_ms_bucket{endpoint="${endpoint}"}[${range}]))`;
  const queries = [
    quantile('/v*/health', '5m'),
    quantile('/v*/contacts', '15m'),
    quantile('/v*/jobs', '15m'),
    quantile('/v*/jobs/{jobId}/files', '15m'),
  ];
  for (const query of queries) {
    const ofGet = ({ metric }) => metric.method === 'GET';
    const rows = await prometheus.answers(query, (row) => !ofGet(row) || isNumber(row));
    assert.ok(rows.some(ofGet), query);
    for (const { value } of rows.filter(ofGet)) assert.ok(Number(value[1]) > 0, query);
  }
  const ratio = 'rate(http_requests_errors_total[5m]) / rate(http_requests_total[5m])';
  const asked =
    (name) =>
    ({ metric }) =>
      metric.endpoint === name && metric.method === 'GET';
  const rows = await prometheus.answers(ratio);
  for (const endpoint of ['/v*/health', '/v*/contacts', '/v*/jobs', '/v*/jobs/{jobId}/files']) {
    assert.deepEqual(
      rows.filter(asked(endpoint)).map(({ value }) => value[1]),
      ['0'],
      endpoint,
    );
  }
});

test('every series that rules and dashboards ask for is there', async () => {
  const asked = [...ruleExpressions(), ...dashboardExpressions()].flatMap(({ from, expression }) =>
    selectorsIn(expression).map(({ name, matchers }) => ({ from, name, selector: name + matchers })),
  );
  const missing = [];
  const selectors = [...new Set(asked.filter(({ name }) => name !== 'ALERTS').map(({ selector }) => selector))];
  const look = (selector) =>
    prometheus.answers(`count(${selector})`).catch(() => {
      missing.push(`${selector}, for ${asked.find((each) => each.selector === selector).from}`);
    });
  await Promise.all(selectors.map(look));
  assert.deepEqual(missing, []);
});

test('every panel has something to show', async () => {
  const shown = dashboardExpressions().filter(({ expression }) => !expression.includes('ALERTS'));
  await Promise.all(shown.map(({ expression }) => prometheus.answers(expression)));
});

test('an open breaker is on its way to an alert, and on no way once it is closed', async () => {
  const alert = 'ALERTS{alertname="PortalBreakerOpen"}';
  assert.deepEqual(await prometheus.query(alert), []);
  const put = (state) => control('/api/breakers/blob_writes', { method: 'PUT', body: { state } });
  assert.equal((await put('open')).status, 200);
  const [{ metric }] = await prometheus.answers(alert);
  assert.equal(metric.breaker, 'blob_writes');
  assert.equal(metric.alertstate, 'pending');
  assert.equal((await put('auto')).status, 200);
  await prometheus.answers(`absent(${alert})`);
});

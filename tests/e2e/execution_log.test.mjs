// The commands of the deployment's execution log that a client of the read API types, replayed with the
// real curl against the demo data, and compared field by field.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { limited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';

const execute = promisify(execFile);
const publicUrl = 'https://portal.example.com';
const filesUrl = 'https://storage.example.com';

let portal;
before(async () => {
  portal = await startPortal({ args: ['--public-url', publicUrl, '--signed-urls-base-url', filesUrl], env: limited });
});
after(() => portal.stop());

/** curl's output taken apart. `target` is the path of the log's URL. */
async function curl(target, ...options) {
  const { stdout } = await execute('curl', ['-sS', '-D-', ...options, `${portal.base}${target}`]);
  const [head, body] = stdout.split(/\r\n\r\n(.*)/s);
  const [status, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => line.split(/:\s*(.*)/s)).map(([name, value]) => [name, value]),
  );
  return { status, headers, json: JSON.parse(body) };
}
/** What the limit headers say, with how many of the budget are left at the most. */
function assertBudget(headers, { limit, most }) {
  assert.equal(headers['X-RateLimit-Limit'], String(limit));
  assert.ok(Number(headers['X-RateLimit-Remaining']) <= most, headers['X-RateLimit-Remaining']);
  const left = Number(headers['X-RateLimit-Reset']) - Date.now() / 1000;
  assert.ok(left > 0 && left <= 61, `the window resets in ${left} s`);
}
const bearer = (token) => ['-H', `Authorization: Bearer ${token}`];

test('the health check', async () => {
  const trace = 'abc123-def456-ghi789';
  const { status, headers, json } = await curl('/v1/health', ...bearer(demo.token), '-H', `X-Trace-Id: ${trace}`);
  assert.equal(status, 'HTTP/1.1 200 OK');
  assert.equal(headers['Content-Type'], 'application/json; charset=utf-8');
  assert.match(headers.Date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
  assert.match(headers['X-Request-Id'], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(headers['X-Trace-Id'], trace);
  assertBudget(headers, { limit: 60, most: 59 });
  assert.deepEqual(Object.keys(json), ['status', 'timestamp', 'version', 'traceId', 'circuitBreakers']);
  assert.equal(json.status, 'healthy');
  assert.match(json.timestamp, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(json.timestamp) - Date.now()) < 60_000, json.timestamp);
  assert.equal(json.version, '1.0.0');
  assert.equal(json.traceId, trace);
  assert.deepEqual(json.circuitBreakers, {});
});

test('the health check without a token', async () => {
  const { status, json } = await curl('/v1/health');
  assert.equal(status, 'HTTP/1.1 200 OK');
  assert.deepEqual(json.circuitBreakers, {});
});

test('the first file of the production job', async () => {
  const earliest = Math.floor(Date.now() / 1000);
  const { status, headers, json } = await curl('/v1/jobs/job_prod_test/files?limit=1', ...bearer(demo.token));
  const latest = Math.floor(Date.now() / 1000);
  assert.equal(status, 'HTTP/1.1 200 OK');
  assert.equal(headers['Cache-Control'], 'private, max-age=0, no-store');
  assert.equal(headers.Pragma, 'no-cache');
  assertBudget(headers, { limit: 120, most: 119 });
  const { data, ...envelope } = json;
  assert.deepEqual(envelope, { total: 1, limit: 1, offset: 0, has_more: false });
  assert.equal(data.length, 1);
  const { signed_url, expires_at, sha256, content_type, ...row } = data[0];
  assert.deepEqual(row, {
    id: 'file_prod001',
    name: 'production_document.pdf',
    kind: 'document',
    size: 2457600,
    created_at: '2025-09-01T10:15:00.000Z',
  });
  assert.equal(content_type, 'application/pdf');
  assert.match(sha256, /^[0-9a-f]{64}$/);

  const folder = `${filesUrl}/files/portal-files-prod/jobs/job_prod_test/files`.replaceAll('.', '\\.');
  const query = 'expires=(\\d+)&client=client_prod&signature=[0-9a-f]{64}';
  const url = new RegExp(`^${folder}/production_document\\.pdf\\?${query}$`);
  assert.match(signed_url, url);
  const expires = Number(url.exec(signed_url)[1]);
  assert.ok(expires >= earliest + 900 && expires <= latest + 900, 'fifteen minutes from now');
  assert.equal(expires_at, new Date(expires * 1000).toISOString());
});

test('the totals of the smoke test', async () => {
  const totals = [
    ['/v1/contacts?limit=1', demo.contacts],
    ['/v1/jobs?limit=1', demo.jobs],
  ];
  for (const [target, total] of totals) {
    const { status, json } = await curl(target, ...bearer(demo.token));
    assert.equal(status, 'HTTP/1.1 200 OK');
    assert.equal(json.total, total);
    assert.equal(json.limit, 1);
    assert.equal(json.offset, 0);
    assert.equal(json.has_more, true);
    assert.equal(json.data.length, 1);
  }
});

test("another tenant's contact", async () => {
  const trace = 'tenant-isolation-test';
  const { status, headers, json } = await curl(
    `/v1/contacts/${demo.contact}`,
    ...bearer(demo.otherToken),
    '-H',
    `X-Trace-Id: ${trace}`,
  );
  assert.equal(status, 'HTTP/1.1 404 Not Found');
  assert.equal(headers['Content-Type'], 'application/problem+json');
  assert.deepEqual(json, {
    type: `${publicUrl}/errors/not-found`,
    title: 'Not Found',
    status: 404,
    code: 'NOT_FOUND',
    detail: 'Contact not found',
    traceId: trace,
  });
});

test('the contact itself', async () => {
  const { status, json } = await curl(`/v1/contacts/${demo.contact}`, ...bearer(demo.token));
  assert.equal(status, 'HTTP/1.1 200 OK');
  assert.equal(json.id, demo.contact);
});

test('the rate limiting test: 125 requests for files, and one more', async () => {
  const files = '/v1/jobs/job_prod_test/files';
  const { stdout } = await execute('bash', [
    '-c',
    'for i in {1..125}; do curl -s -o /dev/null -w "%{http_code}\\n" -H "Authorization: Bearer $0" "$1"; done',
    demo.token,
    `${portal.base}${files}`,
  ]);
  const statuses = stdout.trim().split('\n');
  const refused = statuses.indexOf('429');
  assert.ok(refused >= 115 && refused <= 120, `${refused} were let through, after those of the tests before`);
  assert.ok(statuses.slice(refused).every((status) => status === '429'));

  const trace = 'rate-limit-test-001';
  const { status, headers, json } = await curl(files, ...bearer(demo.token), '-H', `X-Trace-Id: ${trace}`);
  assert.equal(status, 'HTTP/1.1 429 Too Many Requests');
  assertBudget(headers, { limit: 120, most: 0 });
  const seconds = Number(headers['Retry-After']);
  assert.ok(seconds >= 1 && seconds <= 60);
  assert.deepEqual(json, {
    type: `${publicUrl}/errors/rate-limit`,
    title: 'Too Many Requests',
    status: 429,
    code: 'RATE_LIMIT_EXCEEDED',
    detail: `Files endpoint rate limit exceeded. Please retry after ${seconds} second${seconds === 1 ? '' : 's'}`,
    traceId: trace,
  });
});

test('a page of an origin that is not listed', async () => {
  const { status, headers, json } = await curl('/v1/health', '-H', 'Origin: https://malicious.example.com');
  assert.equal(status, 'HTTP/1.1 403 Forbidden');
  assert.equal(headers['Access-Control-Allow-Origin'], undefined);
  assert.equal(json.code, 'CORS_ORIGIN_DENIED');
});

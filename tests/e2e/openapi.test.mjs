// The API description is sound, and every route answers as it says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createConfig, lint } from '@redocly/openapi-core';
import { assertDescribed, describedAnswers, documentFile, openapi } from './support/openapi.mjs';
import { demo, startPortal } from './support/portal.mjs';
import { exchange } from './support/wire.mjs';

const { token, adminToken, contact, job, file } = demo;
const unknownContact = '00000000-0000-4000-8000-000000000000';
const blob = '/files/{bucket}/jobs/{jobId}/files/{name}';

let portal;
let signed; // a signed target
before(async () => {
  portal = await startPortal();
  signed = (await portal.fileRow()).signed_url.slice(portal.base.length);
});
after(() => portal.stop());

// On the wire, for what a well-behaved client does not send.
async function send(bytes) {
  const answer = await exchange(portal.port, bytes);
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, [value]]) => [name, value]));
  return { status: answer.status, headers, json: JSON.parse(answer.body) };
}

const etagOf = async (target) => (await portal.request(target, { token })).headers.etag;
const as = (headers) => ({ token, headers });

// [path of the document, status, target, options of the request]
const answers = () => [
  ['/v1/health', 200, '/v1/health', {}],
  ['/v1/health', 200, '/v1/health', { token }],
  ['/v1/health', 400, '/v1/health?verbose=1', {}],
  ['/v1/health', 401, '/v1/health', { token: 'wrong' }],

  ['/v1/contacts', 200, '/v1/contacts', { token }],
  ['/v1/contacts', 200, '/v1/contacts?limit=200&sort=name', { token }],
  ['/v1/contacts', 200, '/v1/contacts?limit=200&sort=-updated_at&offset=1200', { token }],
  ['/v1/contacts', 200, '/v1/contacts?offset=1000000', { token }],
  ['/v1/contacts', 200, '/v1/contacts?q=a', { token }],
  ['/v1/contacts', 200, '/v1/contacts?email=nobody@example.com', { token }],
  ['/v1/contacts', 200, '/v1/contacts?updated_since=2025-08-01T00:00:00Z', { token }],
  ['/v1/contacts', 304, '/v1/contacts', async () => as({ 'If-None-Match': await etagOf('/v1/contacts') })],
  ['/v1/contacts', 400, '/v1/contacts?limit=0&colour=red', { token }],
  ['/v1/contacts', 401, '/v1/contacts', {}],
  ['/v1/contacts', 403, '/v1/contacts', { token: adminToken }],
  ['/v1/contacts', 401, '/v1/contacts', { token: 'wrong' }],
  ['/v1/contacts', 412, '/v1/contacts', as({ 'If-Match': '"other"' })],

  ['/v1/contacts/{contactId}', 200, `/v1/contacts/${contact}`, { token }],
  [
    '/v1/contacts/{contactId}',
    304,
    `/v1/contacts/${contact}`,
    async () => as({ 'If-None-Match': await etagOf(`/v1/contacts/${contact}`) }),
  ],
  ['/v1/contacts/{contactId}', 400, '/v1/contacts/%ff', { token }],
  ['/v1/contacts/{contactId}', 401, `/v1/contacts/${contact}`, {}],
  ['/v1/contacts/{contactId}', 403, `/v1/contacts/${contact}`, { token: adminToken }],
  ['/v1/contacts/{contactId}', 404, `/v1/contacts/${unknownContact}`, { token }],
  ['/v1/contacts/{contactId}', 404, '/v1/contacts/not-a-uuid', { token }],
  ['/v1/contacts/{contactId}', 412, `/v1/contacts/${contact}`, as({ 'If-Match': '"other"' })],

  ['/v1/jobs', 200, '/v1/jobs?limit=200', { token }],
  ['/v1/jobs', 200, '/v1/jobs?limit=200&offset=200', { token }],
  ['/v1/jobs', 200, '/v1/jobs?status=on_hold', { token }],
  ['/v1/jobs', 200, `/v1/jobs?contact_id=${contact}`, { token }],
  ['/v1/jobs', 200, '/v1/jobs?sort=scheduled_at', { token }],
  ['/v1/jobs', 304, '/v1/jobs', async () => as({ 'If-None-Match': await etagOf('/v1/jobs') })],
  ['/v1/jobs', 400, '/v1/jobs?status=done', { token }],
  ['/v1/jobs', 401, '/v1/jobs', {}],
  ['/v1/jobs', 403, '/v1/jobs', { token: adminToken }],
  ['/v1/jobs', 412, '/v1/jobs', as({ 'If-Match': '"other"' })],

  ['/v1/jobs/{jobId}', 200, `/v1/jobs/${job}`, { token }],
  ['/v1/jobs/{jobId}', 304, `/v1/jobs/${job}`, async () => as({ 'If-None-Match': await etagOf(`/v1/jobs/${job}`) })],
  ['/v1/jobs/{jobId}', 400, '/v1/jobs/%zz', { token }],
  ['/v1/jobs/{jobId}', 401, `/v1/jobs/${job}`, {}],
  ['/v1/jobs/{jobId}', 403, `/v1/jobs/${job}`, { token: adminToken }],
  ['/v1/jobs/{jobId}', 404, '/v1/jobs/job_unknown', { token }],
  ['/v1/jobs/{jobId}', 412, `/v1/jobs/${job}`, as({ 'If-Match': '"other"' })],

  ['/v1/jobs/{jobId}/files', 200, `/v1/jobs/${job}/files`, { token }],
  ['/v1/jobs/{jobId}/files', 200, `/v1/jobs/${job}/files?kind=video&sort=-name&disposition=inline`, { token }],
  ['/v1/jobs/{jobId}/files', 400, `/v1/jobs/${job}/files?kind=film`, { token }],
  ['/v1/jobs/{jobId}/files', 401, `/v1/jobs/${job}/files`, {}],
  ['/v1/jobs/{jobId}/files', 403, `/v1/jobs/${job}/files`, { token: adminToken }],
  ['/v1/jobs/{jobId}/files', 404, '/v1/jobs/job_unknown/files', { token }],

  ['/v1/jobs/{jobId}/files/{fileId}', 200, `/v1/jobs/${job}/files/${file}`, { token }],
  ['/v1/jobs/{jobId}/files/{fileId}', 400, `/v1/jobs/${job}/files/${file}?disposition=none`, { token }],
  ['/v1/jobs/{jobId}/files/{fileId}', 401, `/v1/jobs/${job}/files/${file}`, {}],
  ['/v1/jobs/{jobId}/files/{fileId}', 403, `/v1/jobs/${job}/files/${file}`, { token: adminToken }],
  ['/v1/jobs/{jobId}/files/{fileId}', 404, `/v1/jobs/${job}/files/file_unknown`, { token }],
  ['/v1/jobs/{jobId}/files/{fileId}', 404, `/v1/jobs/job_unknown/files/${file}`, { token }],

  [blob, 200, signed, {}],
  [blob, 206, signed, { headers: { Range: 'bytes=0-9' } }],
  [blob, 304, signed, { headers: { 'If-None-Match': '*' } }],
  [blob, 400, `${signed}&more=1`, {}],
  [blob, 403, signed.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), {}],
  [blob, 412, signed, { headers: { 'If-Match': '"other"' } }],
  [blob, 416, signed, { headers: { Range: 'bytes=2457600-' } }],

  ['/metrics', 200, '/metrics', {}],
  ['/metrics', 200, '/metrics?format=openmetrics', {}],
  ['/metrics', 200, '/metrics?format=json', {}],
  ['/metrics', 400, '/metrics?format=xml', {}],
  ['/metrics', 401, '/metrics', { headers: { 'X-Forwarded-For': '192.0.2.1' } }],
  ['/metrics', 403, '/metrics', as({ 'X-Forwarded-For': '192.0.2.1' })],
  ['/livez', 200, '/livez', {}],
  ['/readyz', 200, '/readyz', {}],
  ['/errors/{slug}', 200, '/errors/validation', {}],
  ['/errors/{slug}', 404, '/errors/unheard-of', {}],
  ['/errors/{slug}', 400, '/errors/%ff', {}],
  ['/v1/openapi.json', 200, '/v1/openapi.json', {}],
  ['/v1/openapi.json', 400, '/v1/openapi.json?v=2', {}],
];

test("Redocly's recommended rules find nothing", async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lint({ ref: documentFile, config });
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`),
    [],
  );
});

test('every described answer is given, and is as described', async () => {
  const given = new Set();
  for (const [path, status, target, options] of answers()) {
    const answer = await portal.request(target, typeof options === 'function' ? await options() : options);
    assert.equal(answer.status, status, `${target}: ${answer.text.slice(0, 500)}`);
    assertDescribed(path, answer);
    given.add(`${path} ${status}`);
  }
  for (const probe of ['/livez', '/readyz']) {
    const answer = await send(`GET ${probe} HTTP/1.1\r\nno colon\r\n\r\n`);
    assertDescribed(probe, answer);
    given.add(`${probe} ${answer.status}`);
  }
  // Budgets that are used up already.
  const path = '/api/tenants/acme/clients/client_prod';
  const budgets = ['health', 'contacts', 'jobs', 'files', 'downloads'].map((policy) => [`budget_${policy}`, 1]);
  const body = Object.fromEntries(budgets);
  assert.equal((await portal.control(path, { method: 'PATCH', body, token: adminToken })).status, 200);
  for (const [path, status, target, options] of answers()) {
    const limited = path === blob || path.startsWith('/v1/health') || /contacts|jobs/.test(path);
    if (status !== 200 || !limited || (path !== blob && options.token !== token)) continue;
    const answer = await portal.request(target, options);
    assert.equal(answer.status, 429, target);
    assertDescribed(path, answer);
    given.add(`${path} 429`);
  }
  given.add(`${blob} 404`); // in signed_urls.test.mjs, since it takes a URL that has outlived its file
  assert.deepEqual(
    describedAnswers().filter((described) => !given.has(described)),
    [],
  );
});

test('refusals that never reach a route are as described', async () => {
  const host = 'Host: localhost\r\n';
  const refusals = [
    [411, `GET /v1/contacts HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    [413, `GET /v1/contacts HTTP/1.1\r\n${host}Authorization: Bearer ${token}\r\nContent-Length: 2\r\n\r\n{}`],
    [414, `GET /v1/contacts?q=${'a'.repeat(9000)} HTTP/1.1\r\n${host}\r\n`],
    [417, `GET /v1/contacts HTTP/1.1\r\n${host}Expect: 200-ok\r\n\r\n`],
    [431, `GET /v1/contacts HTTP/1.1\r\n${host}${'X-A: b\r\n'.repeat(101)}\r\n`],
    [501, `GET /v1/contacts HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`],
    [505, `GET /v1/contacts HTTP/2.0\r\n${host}\r\n`],
  ];
  for (const [status, bytes] of refusals) {
    const answer = await send(bytes);
    assert.equal(answer.status, status);
    assertDescribed('/v1/contacts', answer);
  }
});

test('the served description is the one in the source', async () => {
  const answer = await portal.request('/v1/openapi.json');
  assert.deepEqual(answer.json, openapi);
});

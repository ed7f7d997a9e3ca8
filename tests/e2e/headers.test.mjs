// What every answer carries: security headers and ids, on answers, problems, unknown paths and refused heads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo, stableHeaders, startPortal } from './support/portal.mjs';
import { Wire, exchange } from './support/wire.mjs';

let portal;
let signed;
before(async () => {
  portal = await startPortal();
  signed = (await portal.fileRow()).signed_url.slice(portal.base.length);
});
after(() => portal.stop());

const security = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
const policy = "default-src 'none'; frame-ancestors 'none'";

/** `headers`: name in lower case to the list of its values. */
function assertCommon(headers, what, expectedPolicy = policy) {
  for (const [name, value] of Object.entries(security)) assert.deepEqual(headers[name], [value], `${what}: ${name}`);
  for (const name of ['date', 'x-request-id', 'x-trace-id', 'content-security-policy']) {
    assert.equal(headers[name]?.length, 1, `${what}: ${name}`);
  }
  if (expectedPolicy) assert.equal(headers['content-security-policy'][0], expectedPolicy, what);
  assert.match(headers['x-request-id'][0], /^[A-Za-z0-9._-]{1,128}$/, what);
  assert.match(headers['x-trace-id'][0], /^[A-Za-z0-9._-]{1,64}$/, what);
  assert.equal(headers['strict-transport-security'], undefined, `${what}: HSTS without TLS`);
  assert.equal(headers.server, undefined, what);
}

function lists(rawHeaders) {
  const found = {};
  for (let i = 0; i < rawHeaders.length; i += 2) (found[rawHeaders[i].toLowerCase()] ??= []).push(rawHeaders[i + 1]);
  return found;
}

const targets = () => [
  ['/v1/health', 200],
  ['/v1/contacts', 200],
  [`/v1/contacts/${demo.contact}`, 200],
  ['/v1/contacts/none', 404],
  ['/v1/contacts?limit=0', 400],
  ['/v1/jobs', 200],
  [`/v1/jobs/${demo.job}`, 200],
  [`/v1/jobs/${demo.job}/files`, 200],
  [`/v1/jobs/${demo.job}/files/${demo.file}`, 200],
  ['/livez', 200],
  ['/readyz', 200],
  ['/v1/openapi.json', 200],
  ['/', 404],
  ['/v1', 404],
  ['/v1/', 404],
  ['/v1/contacts/', 404],
  ['/v1//contacts', 404],
  ['/V1/contacts', 404],
  ['/favicon.ico', 404],
];

test('every route, problem and unknown path', async () => {
  for (const [target, status] of targets()) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await portal.request(target, { method, token: demo.token });
      assert.equal(answer.status, status, `${method} ${target}`);
      assertCommon(lists(answer.rawHeaders), `${method} ${target}`);
      if (method === 'HEAD') assert.equal(answer.body.length, 0);
      if (status >= 400) assert.equal(answer.headers['content-type'], 'application/problem+json', target);
    }
  }
});

test('HEAD carries what GET would, its length too', async () => {
  for (const [target] of targets()) {
    const [get, head] = [
      await portal.request(target, { token: demo.token, headers: { 'X-Trace-Id': 't' } }),
      await portal.request(target, { token: demo.token, headers: { 'X-Trace-Id': 't' }, method: 'HEAD' }),
    ];
    assert.equal(head.status, get.status, target);
    assert.deepEqual(stableHeaders(head), stableHeaders(get), target);
  }
});

test('blobs and human pages have policies of their own', async () => {
  for (const headers of [{}, { Range: 'bytes=0-9' }]) {
    const answer = await portal.request(signed, { headers });
    assertCommon(lists(answer.rawHeaders), 'a blob', "default-src 'none'");
  }
  const page = await portal.request('/errors/rate-limit');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assertCommon(lists(page.rawHeaders), 'an error page', null);
  assert.match(page.headers['content-security-policy'], /default-src 'none'/);
  assert.match(page.text, /RATE_LIMIT_EXCEEDED/);
});

test("every problem's type leads to its page", async () => {
  const problems = [
    ['/v1/contacts', {}],
    ['/v1/contacts?limit=0', { token: demo.token }],
    ['/nowhere', {}],
    ['/v1/jobs', { method: 'POST', token: demo.token }],
    [`${signed}&x=1`, {}],
    [signed, { headers: { Range: 'bytes=99999999-' } }],
  ];
  for (const [target, options] of problems) {
    const { json } = await portal.request(target, options);
    const page = await portal.request(json.type.slice(portal.base.length));
    assert.equal(page.status, 200, json.type);
    assert.ok(page.text.includes(json.code), json.type);
  }
});

test('ids are kept where they are sound, and replaced where they are not', async () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const hex = /^[0-9a-f]{32}$/;
  const cases = [
    [{}, 'x-request-id', uuid],
    [{ 'X-Request-Id': 'my-id_1.2' }, 'x-request-id', /^my-id_1\.2$/],
    [{ 'X-Request-Id': 'a'.repeat(128) }, 'x-request-id', /^a{128}$/],
    [{ 'X-Request-Id': 'a'.repeat(129) }, 'x-request-id', uuid],
    [{ 'X-Request-Id': 'has space' }, 'x-request-id', uuid],
    [{ 'X-Request-Id': '<script>' }, 'x-request-id', uuid],
    [{ 'X-Request-Id': '' }, 'x-request-id', uuid],
    [{}, 'x-trace-id', hex],
    [{ 'X-Trace-Id': 'abc123-def456-ghi789' }, 'x-trace-id', /^abc123-def456-ghi789$/],
    [{ 'X-Trace-Id': 'a'.repeat(64) }, 'x-trace-id', /^a{64}$/],
    [{ 'X-Trace-Id': 'a'.repeat(65) }, 'x-trace-id', hex],
    [{ 'X-Trace-Id': 'no;semicolons' }, 'x-trace-id', hex],
    [{ traceparent: `00-${trace}-00f067aa0ba902b7-01` }, 'x-trace-id', new RegExp(`^${trace}$`)],
    [{ traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'X-Trace-Id': 'other' }, 'x-trace-id', new RegExp(`^${trace}$`)],
    [{ traceparent: `cc-${trace}-00f067aa0ba902b7-01-more` }, 'x-trace-id', new RegExp(`^${trace}$`)],
    [{ traceparent: `ff-${trace}-00f067aa0ba902b7-01`, 'X-Trace-Id': 'other' }, 'x-trace-id', /^other$/],
    [{ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'X-Trace-Id': 'other' }, 'x-trace-id', /^other$/],
    [{ traceparent: `00-${trace}-${'0'.repeat(16)}-01`, 'X-Trace-Id': 'other' }, 'x-trace-id', /^other$/],
    [{ traceparent: `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, 'X-Trace-Id': 'other' }, 'x-trace-id', /^other$/],
  ];
  for (const [headers, name, expected] of cases) {
    const answer = await portal.request('/v1/health', { headers });
    assert.match(answer.headers[name], expected, JSON.stringify(headers));
    assert.equal(answer.json.traceId, answer.headers['x-trace-id']);
  }
  const ids = new Set();
  for (let i = 0; i < 100; i += 1) ids.add((await portal.request('/livez')).headers['x-request-id']);
  assert.equal(ids.size, 100);
});

test('methods: OPTIONS describes, others are refused with Allow', async () => {
  for (const target of ['/v1/health', '/v1/contacts', `/v1/jobs/${demo.job}/files`, '/livez', signed]) {
    const options = await portal.request(target, { method: 'OPTIONS' });
    assert.equal(options.status, 204, target);
    assert.equal(options.headers.allow, 'GET, HEAD, OPTIONS');
    assertCommon(lists(options.rawHeaders), `OPTIONS ${target}`);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
      const answer = await portal.request(target, { method, token: demo.token });
      assert.equal(answer.status, 405, `${method} ${target}`);
      assert.equal(answer.headers.allow, 'GET, HEAD, OPTIONS');
      assert.equal(answer.json.code, 'METHOD_NOT_ALLOWED');
      assertCommon(lists(answer.rawHeaders), `${method} ${target}`);
    }
  }
  assert.equal((await portal.request('/nowhere', { method: 'POST' })).status, 404);
});

const host = 'Host: localhost\r\n';
const refusedHeads = [
  [400, 'no Host', 'GET /livez HTTP/1.1\r\n\r\n'],
  [400, 'two Hosts', `GET /livez HTTP/1.1\r\n${host}${host}\r\n`],
  [400, 'an empty header name', `GET /livez HTTP/1.1\r\n${host}: x\r\n\r\n`],
  [400, 'a space before the colon', `GET /livez HTTP/1.1\r\n${host}X-A : b\r\n\r\n`],
  [400, 'a folded header', `GET /livez HTTP/1.1\r\n${host}X-A: b\r\n c\r\n\r\n`],
  [400, 'a bare LF', `GET /livez HTTP/1.1\nHost: localhost\n\n`],
  [400, 'a NUL', `GET /livez HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`],
  [400, 'no target', `GET HTTP/1.1\r\n${host}\r\n`],
  [400, 'two spaces', `GET  /livez HTTP/1.1\r\n${host}\r\n`],
  [400, 'a control in the target', `GET /li\x01vez HTTP/1.1\r\n${host}\r\n`],
  [400, 'a fragment', `GET /livez#x HTTP/1.1\r\n${host}\r\n`],
  [400, 'not HTTP', 'hello\r\n\r\n'],
  [400, 'both framings', `GET /livez HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
  [400, 'two lengths', `GET /livez HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
  [400, 'a signed length', `GET /livez HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\n`],
  [400, 'two tokens', `GET /v1/jobs HTTP/1.1\r\n${host}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`],
  [413, 'a body', `GET /livez HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`],
  [411, 'a chunked body', `GET /livez HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  [405, 'a body on a POST', `POST /livez HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`],
  [404, 'a body to nowhere', `POST /nowhere HTTP/1.1\r\n${host}Content-Length: 4\r\n\r\nbody`],
  [414, 'a long target', `GET /${'a'.repeat(8192)} HTTP/1.1\r\n${host}\r\n`],
  [417, 'an expectation', `GET /livez HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`],
  [431, 'many headers', `GET /livez HTTP/1.1\r\n${host}${'X-A: b\r\n'.repeat(101)}\r\n`],
  [431, 'large headers', `GET /livez HTTP/1.1\r\n${host}X-A: ${'b'.repeat(33_000)}\r\n\r\n`],
  [501, 'an unknown coding', `GET /livez HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`],
  [505, 'HTTP/2.0', `GET /livez HTTP/2.0\r\n${host}\r\n`],
];
for (const [status, name, bytes] of refusedHeads) {
  test(`a refused head has them too: ${name}`, async () => {
    const wire = await Wire.open(portal.port);
    try {
      wire.send(Buffer.from(bytes, 'latin1'));
      const answer = await wire.answer();
      assert.equal(answer.status, status, answer.body.toString());
      assertCommon(answer.headers, name);
      assert.deepEqual(answer.headers['content-type'], ['application/problem+json']);
      const json = JSON.parse(answer.body);
      assert.equal(json.status, status);
      assert.equal(json.traceId, answer.headers['x-trace-id'][0]);
      assert.deepEqual(
        answer.headers.connection?.map((each) => each.toLowerCase()),
        ['close'],
        'what follows is uncertain',
      );
      await wire.end();
    } finally {
      wire.close();
    }
  });
}

test('a refused head keeps the ids that came before the fault', async () => {
  const bytes = `GET /livez HTTP/1.1\r\n${host}X-Trace-Id: mine\r\nContent-Length: x\r\n\r\n`;
  const answer = await exchange(portal.port, bytes);
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.headers['x-trace-id'], ['mine']);
});

test('HTTP/1.0 needs no Host and is closed after its answer', async () => {
  const wire = await Wire.open(portal.port);
  wire.send('GET /livez HTTP/1.0\r\n\r\n');
  assert.equal((await wire.answer()).status, 200);
  await wire.end();
});

test('a hundred pipelined requests are answered in order', async () => {
  const wire = await Wire.open(portal.port);
  const ids = Array.from({ length: 100 }, (_, i) => `request-${i}`);
  wire.send(ids.map((id) => `GET /livez HTTP/1.1\r\n${host}X-Request-Id: ${id}\r\n\r\n`).join(''));
  for (const id of ids) assert.deepEqual((await wire.answer()).headers['x-request-id'], [id]);
  wire.close();
});

// Which pages may use the API: what a real browser lets their scripts read, and the headers of every answer there is.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { startChromium } from './support/chromium.mjs';
import { demo, startPortal } from './support/portal.mjs';
import { exchange } from './support/wire.mjs';

const authorization = { Authorization: `Bearer ${demo.token}` };
const exposed = [
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit-Policy',
  'RateLimit',
  'Retry-After',
  'ETag',
  'Link',
  'X-Request-Id',
  'X-Trace-Id',
];

/** A server of empty pages on a free port. */
async function startPages() {
  const server = http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>page</title>');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

let pages;
let otherPages;
let portal;
let chromium;
let page; // the origin that is allowed
let signed;
let spent; // the token of a client that has used up its budget
before(async () => {
  [pages, otherPages] = await Promise.all([startPages(), startPages()]);
  page = `http://app.test:${pages.address().port}`;
  chromium = startChromium();
  const origins = ['--cors-allowed-origins', page, '--cors-allowed-origins', 'https://b.test'];
  portal = await startPortal({ args: [...origins, '--net-head-timeout', '1s', '--rate-limits-window', '30m'] });
  signed = (await portal.fileRow()).signed_url;
  spent = await spentToken();
});

/** Refused requests do not count, so that this one's first stays its last for the whole window. */
async function spentToken() {
  const must = async (method, target, body) => {
    const answer = await portal.control(target, { method, body });
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
  };
  await must('POST', '/api/tenants/acme/clients', { id: 'client_spent', budget_contacts: 1 });
  const { token } = await must('POST', '/api/tenants/acme/tokens', { client: 'client_spent' });
  assert.equal((await portal.request('/v1/contacts?limit=1', { token })).status, 200);
  return token;
}
after(async () => {
  await chromium?.stop();
  for (const server of [pages, otherPages]) {
    server.closeAllConnections();
    server.close();
  }
  await portal.stop();
});

const forged = (url) => url.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

/** A script that tries to read an answer: `{status, headers, size}`, or `{error}` where the browser keeps it. */
const reading = (url, init = {}) => `
  fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).then(
    async (answer) => ({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      size: (await answer.arrayBuffer()).byteLength,
    }),
    (error) => ({ error: error.name }),
  )`;

test('a script of an allowed page reads data, problems and what is exposed', async () => {
  const url = `${portal.base}/v1/contacts?limit=2`;
  const contacts = await chromium.evaluate(page, reading(url, { headers: authorization }));
  assert.equal(contacts.status, 200, JSON.stringify(contacts));
  assert.ok(contacts.size > 200);
  for (const name of ['etag', 'link', 'x-request-id', 'x-trace-id']) assert.ok(contacts.headers[name], name);
  assert.equal(contacts.headers['x-frame-options'], undefined, 'what is not exposed stays hidden');
  // The token could not have been sent without a preflight.
  const preflights = await portal.logged(/"method":"OPTIONS","route":"\/v1\/contacts","status":204/);
  assert.ok(preflights);

  const conditional = { ...authorization, 'If-None-Match': contacts.headers.etag, 'X-Request-Id': 'page-1' };
  const unchanged = await chromium.evaluate(page, reading(url, { headers: conditional, cache: 'no-store' }));
  assert.equal(unchanged.status, 304, JSON.stringify(unchanged));
  assert.equal(unchanged.headers['x-request-id'], 'page-1');

  const cases = [
    [signed, {}, 200, demo.fileSize],
    [signed, { headers: { Range: 'bytes=0-99' } }, 206, 100],
    [signed, { method: 'HEAD' }, 200, 0],
    [forged(signed), {}, 403],
    [`${portal.base}/v1/contacts`, {}, 401],
    [`${portal.base}/v1/contacts/none`, { headers: authorization }, 404],
    [`${portal.base}/nowhere`, { headers: authorization }, 404],
    [`${portal.base}/v1/contacts`, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'x' }, 405],
    [`${portal.base}/livez`, {}, 200],
  ];
  for (const [target, init, status, size] of cases) {
    const answer = await chromium.evaluate(page, reading(target, init));
    assert.equal(answer.status, status, `${target} ${JSON.stringify(init)}: ${JSON.stringify(answer)}`);
    if (size !== undefined) assert.equal(answer.size, size, target);
  }
});

test('the browser holds an allowed page to the methods and headers of the preflight', async () => {
  const url = `${portal.base}/v1/contacts`;
  for (const init of [
    { method: 'DELETE', headers: authorization },
    { headers: { ...authorization, 'X-Other': '1' } },
  ]) {
    assert.deepEqual(await chromium.evaluate(page, reading(url, init)), { error: 'TypeError' }, JSON.stringify(init));
  }
});

test('a script of any other page reads nothing, however alike its address looks', async () => {
  const { port } = pages.address();
  const strangers = [
    `http://evil.test:${port}`,
    `http://app.test.evil.test:${port}`,
    `http://evil-app.test:${port}`,
    `http://www.app.test:${port}`,
    `http://app.test.:${port}`,
    `http://app.test:${otherPages.address().port}`,
    `http://app.test@evil.test:${port}`,
    `http://app.tes:${port}`,
    `http://\u0430pp.test:${port}`, // a Cyrillic a
    `http://127.0.0.1:${port}`,
    'data:text/html,<title>null</title>', // its origin is null
  ];
  for (const url of strangers) {
    for (const [target, init] of [
      [`${portal.base}/v1/contacts`, { headers: authorization }],
      [signed, {}],
    ]) {
      const answer = await chromium.evaluate(url, reading(target, init));
      assert.deepEqual(answer, { error: 'TypeError' }, `${url}: ${target}`);
    }
  }
  const upper = await chromium.evaluate(`http://APP.test:${port}`, reading(`${portal.base}/livez`));
  assert.equal(upper.status, 200, 'the same page, which browsers write in lower case');
});

test('a sandboxed frame of an allowed page has no origin and reads nothing', async () => {
  const inFrame = `
    new Promise((done) => {
      addEventListener('message', ({ data }) => done(data));
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = ${JSON.stringify(`<script>${reading('URL')}.then((r) => parent.postMessage(r, '*'))<\/script>`)}
        .replace('URL', ${JSON.stringify(`${portal.base}/livez`)});
      document.body.append(frame);
    })`;
  assert.deepEqual(await chromium.evaluate(page, inFrame), { error: 'TypeError' });
});

test("a page of the portal's own is no stranger", async () => {
  const own = `${portal.base}/errors/cors`;
  const post = reading(`${portal.base}/v1/contacts`, { method: 'POST' }); // a browser says Origin with it
  const answer = await chromium.evaluate(own, post, { bypassPolicy: true });
  assert.equal(answer.status, 405, JSON.stringify(answer));
});

// --- on the wire ------------------------------------------------------------------------------------

const requestWith = (line, fields) => `${line}\r\nHost: 127.0.0.1:${portal.port}\r\n${fields}\r\n`;

/** Every kind of answer: the request's line and fields beside Host and Origin, its status, and whether the head is
 * refused before it is read to its end. */
const answers = () => {
  const token = `Authorization: Bearer ${demo.token}\r\n`;
  const path = signed.slice(portal.base.length);
  return [
    ['GET /v1/health HTTP/1.1', '', 200],
    ['HEAD /v1/contacts HTTP/1.1', token, 200],
    ['GET /v1/contacts HTTP/1.1', '', 401],
    ['GET /v1/contacts?limit=0 HTTP/1.1', token, 400],
    ['GET /v1/contacts?token=x HTTP/1.1', token, 400],
    ['GET /nowhere HTTP/1.1', '', 404],
    ['GET /%zz HTTP/1.1', '', 404],
    ['DELETE /v1/contacts HTTP/1.1', '', 405],
    ['OPTIONS /v1/contacts HTTP/1.1', '', 204],
    ['OPTIONS * HTTP/1.1', '', 204],
    ['GET /v1/contacts HTTP/1.1', 'Content-Length: 1\r\n', 413],
    ['GET /v1/contacts HTTP/1.1', 'Transfer-Encoding: chunked\r\n', 411],
    [`HEAD ${path} HTTP/1.1`, '', 200],
    [`GET ${path} HTTP/1.1`, 'Range: bytes=0-9\r\n', 206],
    [`GET ${path} HTTP/1.1`, 'Range: bytes=99999999-\r\n', 416],
    [`HEAD ${path} HTTP/1.1`, 'If-None-Match: *\r\n', 304],
    [`HEAD ${path} HTTP/1.1`, 'If-Match: "other"\r\n', 412],
    [`GET ${forged(path)} HTTP/1.1`, '', 403],
    ['GET /v1/contacts HTTP/1.1', `Authorization: Bearer ${spent}\r\n`, 429],
    ['GET /livez HTTP/1.1', '', 200],
    ['GET /errors/cors HTTP/1.1', '', 200],
    ['GET /v1/openapi.json HTTP/1.1', '', 200],
    ['GET /livez HTTP/1.0', '', 200],
    ['GET /livez HTTP/1.1', 'Bad Name: x\r\n', 400, true],
    ['GET /livez HTTP/1.1', 'Host: other\r\n', 400, true],
    ['GET /livez HTTP/1.1', 'Transfer-Encoding: gzip\r\n', 501, true],
    ['GET /livez HTTP/1.1', 'Expect: wonders\r\n', 417, true],
    ['GET /livez HTTP/1.1', 'X-Many: x\r\n'.repeat(101), 431, true],
  ];
};

test('every answer says that it depends on the page, and lets the allowed one read it', async () => {
  for (const [line, fields, status, isRefused] of answers()) {
    const method = line.split(' ')[0];
    // Which host a refused head means, nobody knows.
    for (const origin of [undefined, page, 'https://b.test', ...(isRefused ? [] : [portal.base])]) {
      const all = origin === undefined ? fields : `Origin: ${origin}\r\n${fields}`;
      const answer = await exchange(portal.port, requestWith(line, all), { method });
      const what = `${line} ${fields.slice(0, 40)} from ${origin}`;
      assert.equal(answer.status, status, what);
      assert.deepEqual(answer.headers.vary, ['Origin'], what);
      assert.deepEqual(answer.headers['access-control-allow-origin'], origin && [origin], what);
      assert.deepEqual(answer.headers['access-control-expose-headers'], origin && [exposed.join(', ')], what);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined, what);
    }
  }
});

test('a page that is not allowed gets a 403 from every route, and never a word of CORS', async () => {
  for (const [line, fields, status, isRefused] of answers()) {
    const method = line.split(' ')[0];
    for (const origin of ['https://evil.test', `${page}.evil.test`, `${page}/`, page.toUpperCase(), 'null', '*', '']) {
      const answer = await exchange(portal.port, requestWith(line, `Origin: ${origin}\r\n${fields}`), { method });
      const what = `${line} from ${origin}`;
      assert.equal(answer.status, isRefused ? status : 403, what);
      if (!isRefused && method !== 'HEAD') {
        assert.equal(JSON.parse(answer.body).code, 'CORS_ORIGIN_DENIED', what);
      }
      assert.deepEqual(answer.headers.vary, ['Origin'], what);
      const names = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
      assert.deepEqual(names, [], what);
    }
  }
});

test('a preflight is answered for every resource, without a token', async () => {
  const ask = 'Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: authorization\r\n';
  for (const path of ['/v1/contacts', '/v1/jobs/x/files', signed.slice(portal.base.length), '/livez', '/nowhere']) {
    const answer = await exchange(portal.port, requestWith(`OPTIONS ${path} HTTP/1.1`, `Origin: ${page}\r\n${ask}`));
    assert.equal(answer.status, 204, path);
    assert.deepEqual(answer.headers['access-control-allow-origin'], [page]);
    assert.deepEqual(answer.headers['access-control-allow-methods'], ['GET, HEAD, OPTIONS']);
    assert.deepEqual(answer.headers['access-control-allow-headers'], [
      'Authorization, Content-Type, If-None-Match, traceparent, X-Request-Id',
    ]);
    assert.deepEqual(answer.headers['access-control-max-age'], ['600']);
    const denied = await exchange(portal.port, requestWith(`OPTIONS ${path} HTTP/1.1`, `Origin: null\r\n${ask}`));
    assert.equal(denied.status, 403, path);
  }
});

test('a page may read that its request came too slowly', async () => {
  const answer = await exchange(portal.port, `GET /livez HTTP/1.1\r\nHost: localhost\r\nOrigin: ${page}\r\nX-`);
  assert.equal(answer.status, 408);
  assert.deepEqual(answer.headers['access-control-allow-origin'], [page]);
});

test('two origins are none', async () => {
  const request = requestWith('GET /livez HTTP/1.1', `Origin: ${page}\r\nOrigin: ${page}\r\n`);
  const answer = await exchange(portal.port, request);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['access-control-allow-origin'], undefined);
});

test('the control plane has no CORS, and a page of somebody else changes nothing there', async () => {
  const revoke = '/api/tenants/acme/contacts/none';
  const cases = [
    ['GET', '/api/tenants', { Origin: 'https://evil.test' }, 200],
    ['GET', '/api/tenants', { Origin: page }, 200],
    ['DELETE', revoke, {}, 404],
    ['DELETE', revoke, { Origin: portal.controlBase }, 404],
    ['DELETE', revoke, { Origin: page }, 403],
    ['DELETE', revoke, { Origin: 'null' }, 403],
    ['DELETE', revoke, { Origin: 'https://evil.test' }, 403],
    ['OPTIONS', revoke, { Origin: page, 'Access-Control-Request-Method': 'DELETE' }, 403],
  ];
  for (const [method, target, headers, status] of cases) {
    const answer = await portal.control(target, { method, headers });
    const what = `${method} ${JSON.stringify(headers)}: ${answer.text}`;
    assert.equal(answer.status, status, what);
    if (status === 403) assert.equal(answer.json.code, 'CORS_ORIGIN_DENIED', what);
    assert.equal(answer.headers['access-control-allow-origin'], undefined, what);
  }
});

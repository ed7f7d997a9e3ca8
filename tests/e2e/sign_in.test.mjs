// Signing in to the admin page: tokens, the password, cookies, and whose pages may use them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { makeCertificate } from '../bench/certificate.mjs';
import { limited } from './support/budgets.mjs';
import {
  binary,
  demo,
  makeStore,
  mustRun,
  project,
  runPortal,
  startPortal,
  temporaryFolder,
} from './support/portal.mjs';
import { Terminal } from './support/terminal.mjs';
import { startInTestMode } from './support/test_mode.mjs';
import { exchange } from './support/wire.mjs';

const password = 'correct horse battery staple';
const ownPage = { 'Sec-Fetch-Site': 'same-origin' };

let dataDir;
let portal;
let operator; // its token

const setPassword = (text, ...args) =>
  runPortal(['admin', 'password', '--data-dir', dataDir, ...args], { input: text });

before(async () => {
  ({ dataDir } = await makeStore());
  const made = ['token', 'create', '--operator', '--scopes', 'admin', '--data-dir', dataDir, '--json'];
  operator = JSON.parse((await mustRun(made)).stdout).token;
  assert.equal((await setPassword(`${password}\n`)).code, 0);
  portal = await startPortal({ dataDir });
});
after(() => portal.stop());

/** What a browser sends from the portal's own page. */
const asPage = (cookie, extra = {}) => ({ token: '', headers: { ...ownPage, ...extra, Cookie: cookie } });
const signIn = (body, options = {}) =>
  (options.portal ?? portal).control('/api/session', { method: 'POST', token: '', body, ...options });

/** Signs in, which must succeed: `{cookie, session, answer}`. */
async function signedIn(body, options) {
  const answer = await signIn(body, options);
  assert.equal(answer.status, 201, answer.text);
  const cookie = answer.headers['set-cookie'][0].split(';')[0];
  return { cookie, session: answer.json.session, answer };
}
const statusWith = async (cookie, target = '/api/status') => (await portal.control(target, asPage(cookie))).status;

test('a token or the password begins a session, whose cookie does what the token would', async () => {
  for (const body of [{ token: operator }, { password }]) {
    const headers = { 'User-Agent': 'Lynx' };
    const { cookie, session, answer } = await signedIn(body, { headers });
    assert.match(answer.headers['set-cookie'][0], /^portal=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(answer.json.scopes, ['admin']);
    assert.equal(session.began_with, body.token ? 'token' : 'password');
    assert.equal(session.address, '127.0.0.1');
    assert.equal(session.user_agent, 'Lynx');
    assert.equal(session.current, true);
    assert.ok(!answer.text.includes(cookie.split('=')[1]), 'the secret is in the cookie alone');

    const me = await portal.control('/api/session', asPage(cookie));
    assert.equal(me.json.session.id, session.id);
    const slug = `made-by-${session.began_with}`;
    const made = await portal.control('/api/tenants', { method: 'POST', body: { slug }, ...asPage(cookie) });
    // `asPage` says whose page it is, and a body says what it is.
    assert.equal(made.status, 201, made.text);

    const out = await portal.control('/api/session', { method: 'DELETE', ...asPage(cookie) });
    assert.equal(out.status, 204);
    assert.match(out.headers['set-cookie'][0], /^portal=; .*Max-Age=0$/);
    assert.equal(await statusWith(cookie), 401);
  }
});

test('what is not right is one answer, and a bad body another', async () => {
  const reader = (await mustRun(['token', 'create', '--client', 'acme_client', '--data-dir', dataDir, '--json']))
    .stdout;
  const wrong = [{ token: 'guess' }, { token: '' }, { token: JSON.parse(reader).token }, { password: 'guess' }];
  const answers = await Promise.all(wrong.map((body) => signIn(body)));
  for (const answer of answers) {
    assert.equal(answer.status, 401, answer.text);
    assert.equal(answer.json.detail, answers[0].json.detail);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
  const bad = [{}, { token: operator, password }, { token: 1 }, { user: 'root' }, { password: 'a'.repeat(1025) }];
  for (const body of bad) assert.equal((await signIn(body)).status, 400, JSON.stringify(body));
  const secret = 8_675_309;
  for (const body of [{ password: secret }, { token: secret }, { password: { secret } }, { token: [secret] }]) {
    const answer = await signIn(body);
    assert.equal(answer.status, 400);
    assert.doesNotMatch(answer.text, new RegExp(secret), 'what was typed is not shown');
  }
  const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
  assert.equal((await signIn(`token=${operator}`, form)).status, 415);
});

test('a cookie is good for the own page alone, and for JSON alone', async () => {
  const { cookie } = await signedIn({ token: operator });
  const own = `http://127.0.0.1:${portal.controlPort}`;
  const other = 'http://127.0.0.1:8080';
  // [method, target, header fields, body, status]
  const cases = [
    ['GET', '/api/status', {}, undefined, 200],
    ['GET', '/api/status', { 'Sec-Fetch-Site': 'none' }, undefined, 200],
    ['GET', '/api/status', { 'Sec-Fetch-Site': 'same-site' }, undefined, 403],
    ['GET', '/api/status', { 'Sec-Fetch-Site': 'cross-site' }, undefined, 403],
    ['GET', '/api/status', { Origin: other }, undefined, 403],
    ['POST', '/api/purge', {}, undefined, 403],
    ['POST', '/api/purge', { 'Sec-Fetch-Site': 'none' }, undefined, 403],
    ['POST', '/api/purge', { 'Sec-Fetch-Site': 'same-site', Origin: other }, undefined, 403],
    ['POST', '/api/purge', { Origin: other }, undefined, 403],
    ['POST', '/api/purge', { Origin: 'null' }, undefined, 403],
    ['POST', '/api/purge', { Origin: own }, undefined, 200],
    ['POST', '/api/purge', ownPage, undefined, 200],
    ['POST', '/api/limits/reset', { ...ownPage, 'Content-Type': 'application/json' }, '{}', 204],
    ['POST', '/api/limits/reset', { ...ownPage, 'Content-Type': 'text/plain' }, '{}', 415],
    ['POST', '/api/limits/reset', ownPage, '{}', 415],
    ['DELETE', '/api/sessions', {}, undefined, 403],
  ];
  for (const [method, target, fields, body, status] of cases) {
    const answer = await portal.control(target, { method, token: '', body, headers: { ...fields, Cookie: cookie } });
    assert.equal(answer.status, status, `${method} ${target} ${JSON.stringify(fields)}: ${answer.text}`);
  }
  const both = { token: 'wrong', headers: { ...ownPage, Cookie: cookie } };
  assert.equal((await portal.control('/api/status', both)).status, 401, 'a bearer token wins');
});

test('a session ends with the token that began it, and follows what that may do', async () => {
  const make = async (scopes) =>
    (await portal.control('/api/tokens', { method: 'POST', token: operator, body: { scopes } })).json;
  const { id, token } = await make(['admin']);
  const { cookie } = await signedIn({ token });
  assert.equal(await statusWith(cookie), 200);
  const other = await signedIn({ token });
  await mustRun(['token', 'revoke', id, '--data-dir', dataDir]);
  assert.equal(await statusWith(cookie), 401);
  const { json } = await portal.control('/api/sessions', { token: operator });
  assert.deepEqual(
    json.data.filter((session) => session.id === other.session.id),
    [],
    'not listed either, though nobody has used it',
  );
  assert.equal((await signIn({ token })).status, 401);

  const metrics = await signedIn({ token: (await make(['metrics'])).token });
  assert.deepEqual(metrics.answer.json.scopes, ['metrics']);
  assert.equal(await statusWith(metrics.cookie), 200);
  assert.equal(await statusWith(metrics.cookie, '/api/tenants'), 403);
});

test('a session ends with the password that began it', async () => {
  const { cookie } = await signedIn({ password });
  const token = await signedIn({ token: operator });
  assert.equal((await setPassword('another password\nand a second line\n')).code, 0);
  assert.equal(await statusWith(cookie), 401);
  assert.equal(await statusWith(token.cookie), 200);
  assert.equal((await signIn({ password })).status, 401);
  const next = await signedIn({ password: 'another password' });
  const removed = await setPassword('', '--remove', '--json');
  assert.deepEqual(JSON.parse(removed.stdout), { password: false });
  assert.equal(await statusWith(next.cookie), 401);
  assert.equal((await signIn({ password: 'another password' })).status, 401);
  assert.match((await setPassword('', '--remove')).stderr, /there was no password/);

  for (const refused of ['', 'short\n', `${'a'.repeat(1025)}\n`]) {
    const { code, stderr } = await setPassword(refused);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /must have 12 to 1024/);
  }
  for (const [refused, why] of [
    [Buffer.from('caf\xe9 caf\xe9 caf\xe9', 'latin1'), /is not UTF-8/],
    ['correct\thorse battery\n', /has control characters/],
    [`${' '.repeat(12)}\n`, /nothing but blanks/],
  ]) {
    const { code, stderr } = await setPassword(refused);
    assert.equal(code, 6, stderr);
    assert.match(stderr, why);
  }
  assert.equal((await setPassword('caf\u00e9 caf\u00e9 caf\u00e9\n')).code, 0);
  await signedIn({ password: 'caf\u00e9 caf\u00e9 caf\u00e9' });
  const other = await signIn({ password: 'cafe\u0301 cafe\u0301 cafe\u0301' });
  assert.equal(other.status, 401, 'compared byte for byte');
  assert.equal((await setPassword(password)).code, 0, 'without an end of line, too');
  await signedIn({ password });
});

/** Runs lines on a terminal; as soon as each question has come, in turn, does what belongs to it: `{code, screen}`. */
async function onTerminal(lines, steps) {
  const terminal = new Terminal(lines);
  for (const { question, act } of steps) {
    await terminal.shows(question);
    act(terminal);
  }
  const code = await terminal.ended;
  return { code, screen: terminal.shown };
}
const admin = `'${binary}' admin password --data-dir`;
const types = (question, input) => ({ question, act: (terminal) => terminal.type(input) });

/** Sets the password on a terminal, typing each line when it is asked for. */
const typePassword = (first, second) =>
  onTerminal(`${admin} '${dataDir}'`, [types(/New password/, `${first}\n`), types(/Once more/, `${second}\n`)]);

test('on a terminal the password is asked for twice and never shown', async () => {
  const slip = await typePassword(password, `${password}!`);
  assert.equal(slip.code, 6, slip.screen);
  assert.match(slip.screen, /not the same/);
  const set = await typePassword('typed on a terminal', 'typed on a terminal');
  assert.equal(set.code, 0, set.screen);
  for (const { screen } of [slip, set]) assert.doesNotMatch(screen, /correct horse|typed on/);
  await signedIn({ password: 'typed on a terminal' });
  assert.equal((await setPassword(password)).code, 0);
});

test('whatever ends the question leaves a terminal that shows what is typed', async () => {
  const asked = `sh -c 'echo "pid $$."; exec "$0" "$@"' ${admin} '${dataDir}'`;
  const kill = (signal) => ({
    question: /New password/,
    act: (terminal) => process.kill(Number(/pid (\d+)\./.exec(terminal.shown)[1]), signal),
  });
  for (const [step, code] of [
    [types(/New password/, '\x03'), 130],
    [types(/New password/, '\x1c'), 131],
    [kill('SIGTERM'), 143],
    [kill('SIGHUP'), 129],
  ]) {
    const { screen } = await onTerminal(`trap : INT QUIT\n${asked}\necho "code $?"\nstty -a`, [step]);
    assert.match(screen, new RegExp(`code ${code}\\b`));
    assert.match(screen, /[ ;]echo /, screen);
  }
});

test('a question that was stopped shows the terminal as it was, and is asked again', async () => {
  const typed = 'typed after a pause';
  const lines = `set -m\n${admin} '${dataDir}'\necho "code $?"\nstty -a\nfg\necho "code $?"`;
  const { screen } = await onTerminal(lines, [
    types(/New password/, '\x1a'),
    types(/New password/, `${typed}\n`),
    types(/Once more/, `${typed}\n`),
  ]);
  assert.match(screen, /code 148\b[^]* echo [^]*code 0\b/);
  assert.doesNotMatch(screen, /typed after/);
  await signedIn({ password: typed });
  assert.equal((await setPassword(password)).code, 0);
});

test("whoever closes the database's breaker can sign in to do so", async () => {
  const force = (state, options) =>
    portal.control('/api/breakers/database', { method: 'PUT', body: { state }, ...options });
  assert.equal((await force('open', { token: operator })).status, 200);
  for (const body of [{ token: operator }, { password }]) {
    const { cookie } = await signedIn(body);
    assert.equal(await statusWith(cookie, '/api/tenants'), 503);
    for (const path of ['/api/session', '/api/sessions', '/api/metrics']) {
      assert.equal(await statusWith(cookie, path), 200, path);
    }
    assert.equal((await force('open', asPage(cookie))).status, 200);
  }
  assert.equal((await force('closed', { token: operator })).status, 200);
});

test('sessions are listed, ended one by one, and all at once', async () => {
  const [first, second] = [await signedIn({ token: operator }), await signedIn({ password })];
  const list = async (options) => (await portal.control('/api/sessions', options)).json.data;
  const seen = await list(asPage(second.cookie));
  const currentOf = (id) => seen.find((session) => session.id === id).current;
  assert.equal(currentOf(first.session.id), false);
  assert.equal(currentOf(second.session.id), true);
  assert.ok((await list({ token: operator })).every(({ current }) => !current));

  const end = (id, options) => portal.control(`/api/sessions${id}`, { method: 'DELETE', ...options });
  assert.equal((await end(`/${first.session.id}`, asPage(second.cookie))).status, 204);
  assert.equal((await end(`/${first.session.id}`, asPage(second.cookie))).status, 404);
  assert.equal(await statusWith(first.cookie), 401);
  assert.equal(await statusWith(second.cookie), 200);

  const third = await signedIn({ token: operator });
  const out = await end('', asPage(third.cookie));
  assert.equal(out.status, 204);
  assert.match(out.headers['set-cookie'][0], /Max-Age=0/);
  for (const { cookie } of [second, third]) assert.equal(await statusWith(cookie), 401);
  assert.deepEqual(await list({ token: operator }), []);
  assert.equal((await portal.control('/api/session', { method: 'DELETE', token: operator })).status, 404);
  const me = await portal.control('/api/session', { token: operator });
  assert.deepEqual(me.json, { scopes: ['admin'], session: null });
});

test('whoever guesses is braked, and by his address alone', async (t) => {
  const store = await makeStore();
  const guarded = await startPortal({ dataDir: store.dataDir, env: limited });
  t.after(() => guarded.stop());
  const guess = (body) => signIn(body, { portal: guarded });
  for (let n = 0; n < 10; ++n) assert.equal((await guess({ password: 'guess' })).status, 401);
  const braked = await guess({ password: 'guess' });
  assert.equal(braked.status, 429);
  const wait = Number(braked.headers['retry-after']);
  assert.ok(wait >= 1 && wait <= 60, braked.headers['retry-after']);
  for (let n = 0; n < 20; ++n) assert.equal((await guess({ token: 'guess' })).status, 401);
  const tokens = await guess({ token: 'guess' });
  assert.equal(tokens.status, 429, 'thirty bad ones in all');
  assert.ok(Number(tokens.headers['retry-after']) >= 1);
  const made = ['token', 'create', '--operator', '--scopes', 'admin', '--data-dir', store.dataDir, '--json'];
  const { token } = JSON.parse((await mustRun(made)).stdout);
  assert.equal((await guess({ token })).status, 201, 'a good token is never braked');
});

test('whoever is told to come again is one line in the log, however often he comes', async (t) => {
  const guarded = await startPortal({ dataDir: (await makeStore()).dataDir });
  t.after(() => guarded.stop());
  const statuses = [];
  for (let n = 0; n < 30; ++n) statuses.push((await signIn({ password: 'guess' }, { portal: guarded })).status);
  assert.deepEqual(statuses, [...Array(10).fill(401), ...Array(20).fill(429)]);
  assert.equal((await signIn({}, { portal: guarded })).status, 400);
  assert.equal((await guarded.control('/api/status', { token: 'guess' })).status, 401);
  const log = await guarded.logged(/"event":"sign_in_refused"[^\n]*Too many/);
  const lines = log.split('\n').filter((line) => line.includes('"event":"sign_in_refused"'));
  assert.equal(lines.length, 11);
});

test('a password is neither right nor wrong while there is no memory to try it', async (t) => {
  const store = await makeStore();
  const set = ['admin', 'password', '--data-dir', store.dataDir];
  const short = await startPortal({ dataDir: store.dataDir, env: limited });
  t.after(() => short.stop());
  assert.equal((await short.control('/livez')).status, 200); // it has all its threads
  const limit = (bytes) => execFileSync('prlimit', ['--pid', short.pid, `--as=${bytes}:`]);
  const taken = () => Number(/VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${short.pid}/status`, 'utf8'))[1]) * 1024;
  for (const kept of [false, true]) {
    if (kept) assert.equal((await runPortal(set, { input: password })).code, 0);
    limit(taken() + 2 ** 25);
    const answers = [];
    for (const text of [password, 'guess guess guess'])
      answers.push(await signIn({ password: text }, { portal: short }));
    limit('unlimited');
    for (const answer of answers) {
      assert.equal(answer.status, 503, answer.text);
      assert.equal(answer.json.detail, answers[0].json.detail);
    }
  }
  assert.equal((await signIn({ password }, { portal: short })).status, 201);
});

test('on loopback nobody signs in at a host that is not its own, unless a trusted proxy asks', async (t) => {
  const proxied = await startPortal({
    dataDir: (await makeStore()).dataDir,
    args: ['--public-url', 'https://portal.example.com', '--net-trusted-proxies', '127.0.0.1'],
  });
  t.after(() => proxied.stop());
  const body = JSON.stringify({ token: operator });
  const ask = async (at, host, line, lines = '') => {
    const fields = `Host: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${lines}`;
    return exchange(at.controlPort, `${line} HTTP/1.1\r\n${fields}\r\n${body}`);
  };
  const signInAt = (at, host, lines) => ask(at, host, 'POST /api/session', lines);
  for (const [at, host, lines, status] of [
    [portal, 'localhost:3001', '', 201],
    [portal, '127.0.0.1', '', 201],
    [portal, '[::1]:3001', '', 201],
    [portal, 'evil.example', '', 421],
    [portal, 'localhost.evil.example:3001', '', 421],
    [portal, 'evil.example', 'X-Forwarded-For: 192.0.2.1\r\n', 403],
    [proxied, 'portal.example.com', '', 401],
    [proxied, 'evil.example', '', 421],
    [proxied, 'admin.example.com', 'X-Forwarded-For: 192.0.2.1\r\n', 401],
  ]) {
    const answer = await signInAt(at, host, lines);
    assert.equal(answer.status, status, `${host} ${lines}: ${answer.body}`);
  }
  const { detail } = JSON.parse((await signInAt(portal, 'evil.example')).body);
  assert.match(detail, /"evil\.example".* ask localhost or 127\.0\.0\.1, or start the portal with a public_url/);
  assert.equal((await ask(portal, 'evil.example', 'GET /livez')).status, 200, 'there is nothing to guess');
});

test('nobody who has walked away stays signed in', async (t) => {
  const tested = await startInTestMode();
  t.after(() => tested.stop());
  const begin = async () => {
    const body = { token: demo.adminToken };
    const answer = await tested.control('/api/session', { method: 'POST', token: '', body });
    return answer.headers['set-cookie'].split(';')[0];
  };
  const cookie = await begin();
  const used = async () => (await tested.control('/api/session', { token: '', headers: { Cookie: cookie } })).status;
  await tested.put('/test/clock', { advance: '29m' });
  assert.equal(await used(), 200);
  await tested.put('/test/clock', { advance: '31m' });
  assert.equal(await used(), 401);
});

test('over TLS the cookie is for this host alone', async (t) => {
  const { cert, key } = makeCertificate(temporaryFolder());
  const secure = await startPortal({ args: ['--tls-cert', cert, '--tls-key', key] });
  t.after(() => secure.stop());
  const ask = (method, target, headers, body) =>
    new Promise((done, failed) => {
      const options = { host: '127.0.0.1', port: secure.controlPort, path: target, method, headers };
      const request = https.request({ ...options, ca: readFileSync(cert), agent: false }, (response) => {
        response.resume().on('end', () => done(response));
      });
      request.on('error', failed).end(body);
    });
  const body = JSON.stringify({ token: demo.adminToken });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const begun = await ask('POST', '/api/session', headers, body);
  assert.equal(begun.statusCode, 201);
  const [field] = begun.headers['set-cookie'];
  assert.match(field, /^__Host-portal=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  const cookie = field.split(';')[0];
  assert.equal((await ask('GET', '/api/status', { Cookie: cookie })).statusCode, 200);
  assert.equal((await ask('GET', '/api/status', { Cookie: cookie.replace('__Host-', '') })).statusCode, 401);
});

test('the page comes whole, and may load nothing but its own', async () => {
  const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' };
  const names = readdirSync(join(project, 'web')).filter((name) => name.startsWith('admin'));
  const files = Object.fromEntries(names.map((name) => [`/${name}`, types[name.split('.')[1]]]));
  files['/'] = types.html;
  for (const [target, type] of Object.entries(files)) {
    const answer = await portal.control(target, { token: '' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], `${type}; charset=utf-8`);
    assert.equal(
      answer.headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    assert.ok(answer.body.length > 0);
  }
  assert.equal((await portal.control('/admin_of_nobody.js', { token: '' })).status, 404);
  const { text } = await portal.control('/', { token: '' });
  assert.doesNotMatch(text, /<style|<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=/i, 'nothing inline');
});

test('a password costs what it should, and no secret is in the log', async (t) => {
  const memory = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${portal.pid}/status`, 'utf8'))[1]) / 1024;
  const times = [];
  for (let n = 0; n < 3; ++n) {
    const begin = performance.now();
    const { cookie } = await signedIn({ password });
    times.push(performance.now() - begin);
    await portal.control('/api/session', { method: 'DELETE', ...asPage(cookie) });
  }
  const { cookie } = await signedIn({ token: operator });
  assert.ok(memory() > 64, `Argon2id takes its 64 MiB: ${memory()} MiB at most so far`);
  t.diagnostic(`a sign-in with a password: ${times.map((ms) => `${ms.toFixed(0)} ms`).join(', ')}`);
  t.diagnostic(`most memory so far: ${memory().toFixed(0)} MiB`);
  const log = await portal.logged(/"event":"signed_in"/);
  for (const secret of [password, 'another password', operator, cookie.split('=')[1]]) {
    assert.ok(!log.includes(secret), 'a secret is in the log');
  }
  assert.match(log, /"event":"sign_in_refused"/);
});

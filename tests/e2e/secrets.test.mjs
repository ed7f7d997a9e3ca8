// Canaries: secrets that can be told from anything else go through all that a portal does, and are then looked for in
// all that it leaves behind: logs, answers, backups, exports, what /proc shows, cores.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after as afterAll, before, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { makeCertificate } from '../bench/certificate.mjs';
import { unlimited } from './support/budgets.mjs';
import { operationsOf, targetOf } from './support/operations.mjs';
import { mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { Secrets, filesBelow } from './support/secrets.mjs';
import { Wire } from './support/wire.mjs';

const passphrase = 'canary-passphrase-Xq7vT2mL9';
const password = 'canary-password-Lk3nV8wQ1';
const contact = '11111111-1111-4111-8111-111111111111';
const pdf = Buffer.from('%PDF-1.7 canary\n');

const secrets = new Secrets();
const folder = temporaryFolder();
const dataDir = join(folder, 'data');
const data = ['--data-dir', dataDir];
const answers = []; // {what, bytes}: of every answer that is not there to hand a secret out
let portal;
let client; // its token
let operator;

const json = async (args) => JSON.parse((await mustRun([...args, ...data, '--json'])).stdout);

/** The answer, which is kept for the search. */
async function ask(target, { plane = 'data', token, method = 'GET', headers = {}, body } = {}) {
  const port = plane === 'data' ? portal.port : portal.controlPort;
  const answer = await portal.request(target, { method, token, headers, body, port });
  const bytes = JSON.stringify(answer.rawHeaders) + answer.text;
  answers.push({ what: `${method} ${target}: ${answer.status}`, bytes });
  return answer;
}

/** Bytes that are no request of a well-behaved client, and all that comes back. */
async function throwAt(port, bytes) {
  const wire = await Wire.open(port);
  wire.send(bytes);
  wire.socket.end();
  await wire.end();
  answers.push({ what: `${bytes}`.slice(0, 80), bytes: wire.buffer });
  wire.close();
}

before(async () => {
  await mustRun(['tenant', 'create', 'acme', ...data]);
  await mustRun(['client', 'create', '--tenant', 'acme', '--id', 'crm', ...data]);
  client = (await json(['token', 'create', '--client', 'crm', '--scopes', 'read,write'])).token;
  operator = (await json(['token', 'create', '--operator', '--scopes', 'admin'])).token;
  secrets.add('client token', client);
  secrets.add('operator token', operator);
  secrets.add('passphrase', passphrase);
  secrets.add('password', password);
  assert.equal(await command(['admin', 'password', '--json'], { input: `${password}\n` }), 0);
  const { cert, key } = makeCertificate(temporaryFolder());
  const encoded = readFileSync(key, 'utf8').split('\n').slice(1, -2).join('');
  secrets.add('TLS key', Buffer.from(encoded, 'base64').subarray(40, 90));
  const args = ['--log-level', 'debug', '--backup-dir', join(folder, 'backups'), '--tls-cert', cert, '--tls-key', key];
  args.push('--listen', 'http://127.0.0.1:0', '--control-listen', 'http://127.0.0.1:0');
  const portFile = join(folder, 'port');
  portal = await startPortal({ dataDir, portFile, args, env: unlimited });
  portal.port = Number(readFileSync(portFile, 'utf8').split('\n')[1]); // the other one speaks TLS
  noteSigningKeys();
});

afterAll(() => portal.kill('SIGKILL'));

function noteSigningKeys() {
  const { keys } = JSON.parse(readFileSync(join(dataDir, 'keys/signing.json'), 'utf8'));
  for (const { id, secret } of keys) {
    secrets.add(`signing key ${id}`, Buffer.from(secret, 'hex'));
    secrets.add(`signing key ${id} as it is in its file`, secret);
  }
}

/** A fresh signed target, whose signature is a secret from now on. */
async function signedTarget(query = '') {
  const page = await portal.request(`/v1/jobs/job_1/files${query}`, { token: client });
  const url = new URL(page.json.data[0].signed_url);
  secrets.add('signature', url.searchParams.get('signature'));
  return url.pathname + url.search;
}

async function write() {
  const control = { plane: 'control', token: client };
  const put = async (path, body, headers = { 'Content-Type': 'application/json' }) =>
    (await ask(`/api/tenants/acme/${path}`, { ...control, method: 'PUT', headers, body })).status;
  assert.equal(await put(`contacts/${contact}`, '{"name":"Ada"}'), 201);
  assert.equal(await put('jobs/job_1', '{"title":"Roof","status":"pending"}'), 201);
  const content = 'jobs/job_1/files/file_1/content?name=a.pdf&kind=document';
  assert.equal(await put(content, pdf, { 'Content-Type': 'application/pdf' }), 201);
  assert.equal(await put(content, pdf, { 'Repr-Digest': 'sha-256=:AAAA:' }), 400);
  const feed = (type, body, more = {}) => {
    const headers = { 'Content-Type': type, ...more };
    return ask('/api/tenants/acme/contacts/bulk', { ...control, method: 'POST', headers, body });
  };
  const rows = `{"id":"${contact}","name":"Ada"}\n{"id":"nonsense"}\n`;
  assert.equal((await feed('application/x-ndjson', rows, { 'Idempotency-Key': 'once' })).status, 200);
  assert.equal((await feed('text/csv', 'id,name\nnonsense,"open\n')).status, 200);
  const made = await portal.request('/api/tenants/acme/tokens', {
    method: 'POST',
    port: portal.controlPort,
    token: operator,
    headers: { 'Content-Type': 'application/json' },
    body: '{"client":"crm"}',
  });
  assert.equal(made.status, 201);
  secrets.add('token from the API', made.json.token);
}

/** Somebody signs in, with what is right and with what is not; the cookie is a secret as well. */
async function signIn() {
  const headers = { 'Content-Type': 'application/json' };
  const tried = { token: [operator, client, `${operator}x`], password: [password, `${password}x`] };
  for (const [kind, values] of Object.entries(tried)) {
    for (const value of values) {
      const body = JSON.stringify({ [kind]: value });
      const options = { method: 'POST', headers, body, port: portal.controlPort };
      const answer = await portal.request('/api/session', options);
      answers.push({ what: `sign in: ${answer.status}`, bytes: answer.text });
      const [cookie] = answer.headers['set-cookie'] ?? [];
      if (!cookie) continue;
      secrets.add('session', /=([^;]+)/.exec(cookie)[1]);
      const own = { plane: 'control', headers: { Cookie: cookie.split(';')[0], 'Sec-Fetch-Site': 'same-origin' } };
      for (const target of ['/api/session', '/api/sessions', '/api/tokens']) await ask(target, own);
    }
  }
}

/** Every operation of both planes, with good tokens and with none, and with a token where none belongs. */
async function callEverything() {
  const known = {
    ...{ contactId: contact, jobId: 'job_1', fileId: 'file_1', bucket: 'portal-files-acme', name: 'a.pdf' },
    ...{ tenant: 'acme', job: 'job_1', id: 'nobody', client: 'nobody', token: 'nobody', sha256: '0'.repeat(64) },
  };
  const documents = {
    data: (await ask('/v1/openapi.json')).json,
    control: (await ask('/api/openapi.json', { plane: 'control', token: client })).json,
  };
  for (const [plane, document] of Object.entries(documents)) {
    for (const operation of operationsOf(document)) {
      const { method } = operation;
      const target = targetOf(operation, known);
      if (method === 'DELETE' && target === '/api/tenants/acme') continue;
      if (target.startsWith('/v1/jobs/job_1/files')) continue; // these hand URLs out
      for (const token of [client, operator]) {
        await ask(target, { plane, method, token });
        await ask(`${target}?access_token=${token}`, { plane, method });
        await ask(target, { plane, method, headers: { Authorization: `Basic ${btoa(`crm:${token}`)}` } });
        const headers = { Authorization: `Bearer ${token}x`, Cookie: `t=${token}` };
        await ask(target, { plane, method, headers });
        await ask(target.replace('acme', token).replace('job_1', token), { plane, method, token });
      }
    }
  }
}

async function download() {
  for (const query of ['', '?disposition=inline']) {
    const target = await signedTarget(query);
    for (const range of ['bytes=0-3', 'bytes=900-', 'x']) await ask(target, { headers: { Range: range } });
    for (const name of ['If-Match', 'If-None-Match']) await ask(target, { headers: { [name]: '"x"' } });
    await ask(`${target}&more=1`);
    await ask(target.replace(/expires=\d/, 'expires=9'));
    await ask(target, { token: client });
    await ask(target, { method: 'POST' });
    await ask(`/v1${target}`);
    await ask(`/v1/contacts?q=a&${target.split('?')[1]}`, { token: client });
  }
}

/** Heads that are refused before anybody looks at who is asking. */
async function throwHeads() {
  const target = await signedTarget();
  for (const port of [portal.port, portal.controlPort]) {
    for (const token of [client, operator]) {
      const bearer = `Authorization: Bearer ${token}`;
      const heads = [
        `GET ${target} HTTP/1.1\r\n${bearer}\r\n\r\n`,
        `GET ${target} HTTP/2.0\r\nHost: localhost\r\n${bearer}\r\n\r\n`,
        `GET ${target}&pad=${'a'.repeat(9000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET /${token}${'a'.repeat(33_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: ${token} ${token}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\n${bearer}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\n${bearer} : x\r\n ${token}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\n${token}\r\n\r\n`,
        `${token} / HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET ${token} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\n${`${bearer}${'x'.repeat(400)}\r\n`.repeat(99)}\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${token}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: ${token}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: localhost\r\nExpect: ${token}\r\n${bearer}\r\n\r\n`,
        `POST /api/tenants HTTP/1.1\r\nHost: localhost\r\n${bearer}\r\nContent-Length: 5\r\n\r\n{`,
        `GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${token}!\r\nX-Trace-Id: ${token}!\r\n\r\n`,
        `GET /v1/health HTTP/1.1\r\nHost: localhost\r\ntraceparent: ${token}\r\n\r\n`,
        `\x16\x03\x01${token}`,
      ];
      for (const head of heads) await throwAt(port, head);
    }
  }
}

const outputs = []; // {what, bytes} of commands

async function command(args, options) {
  const { code, stdout, stderr } = await runPortal([...args, ...data], options);
  outputs.push({ what: `${args[0]} ${args[1]} (${code})`, bytes: stdout + stderr });
  return code;
}

async function operate() {
  const phraseFile = join(folder, 'phrase');
  writeFileSync(phraseFile, `${passphrase}\n`);
  chmodSync(phraseFile, 0o600);
  const made = join(folder, 'made');
  mkdirSync(made);
  assert.equal(await command(['backup', made]), 0);
  assert.equal(await command(['backup', made, '--with-keys', '--passphrase-file', phraseFile]), 0);
  const variable = { env: { PORTAL_BACKUP_PASSPHRASE: passphrase } };
  assert.equal(await command(['backup', made, '--with-keys', '--json'], variable), 0);
  assert.equal(await command(['export', '--tenant', 'acme', '-o', join(made, 'acme.tar')]), 0);
  assert.equal((await ask('/api/backups', { plane: 'control', method: 'POST', token: operator })).status, 200);
  assert.equal(await command(['verify', '--deep']), 0);
  await command(['doctor']);
  await command(['doctor', '--json']);
  const ofAcme = ['list', '--tenant', 'acme'];
  for (const list of [
    ['keys', 'list'],
    ['token', ...ofAcme],
    ['client', ...ofAcme],
  ]) {
    assert.equal(await command(list), 0);
    assert.equal(await command([...list, '--json']), 0);
  }
  await command(['token', 'revoke', client]); // an operator who pastes the token, not its id
  await command(['check-config']);
  await command(['check-config', '--json'], variable);
  assert.equal(await command(['keys', 'rotate']), 0);
  noteSigningKeys();
  await portal.logged(/"event":"signing_keys_changed"/);
  portal.started.child.kill('SIGHUP');
  await portal.logged(/"event":"reloaded"/);
  const broken = readFileSync(join(dataDir, 'keys/signing.json'), 'utf8');
  writeFileSync(join(dataDir, 'keys/signing.json'), broken.replace('"version": 1', '"version": 2'));
  await portal.logged(/"event":"signing_keys_unusable"/);
  writeFileSync(join(dataDir, 'keys/signing.json'), broken);
}

const foundIn = (list) => list.flatMap(({ what, bytes }) => secrets.in(bytes).map((found) => `${what}: ${found}`));

test('the search finds what a leaking portal would write', () => {
  const line = (value) => JSON.stringify({ event: 'request', authorization: value });
  for (const leak of [`Bearer ${client}`, btoa(`Bearer ${operator}`), btoa(`crm:${client}`), btoa(`xx:${client}`)]) {
    assert.notDeepEqual(secrets.in(line(leak)), [], leak);
  }
  assert.deepEqual(secrets.in(line('Bearer …')), []);
});

test('no secret is in an answer that is not there to hand it out', async (t) => {
  await write();
  await callEverything();
  await signIn();
  await download();
  await throwHeads();
  assert.deepEqual(foundIn(answers), []);
  t.diagnostic(`${answers.length} answers`);
});

test('no secret is in what commands say', async (t) => {
  await operate();
  assert.deepEqual(foundIn(outputs), []);
  t.diagnostic(`${outputs.length} commands`);
});

test('no secret is in the log', async (t) => {
  const lines = portal.log.split('\n');
  assert.ok(lines.length > answers.length / 2, 'there is a line for each request');
  assert.deepEqual(secrets.in(portal.log), []);
  const leaking = `${portal.log}{"event":"request","authorization":"Bearer ${client}"}\n`;
  assert.deepEqual(secrets.in(leaking), ['client token (plain)'], 'one leaking line among them is found');
  t.diagnostic(`${lines.length} lines`);
});

test('no secret is in a backup or an export, nor in any file but that of the keys', (t) => {
  const isKeyFile = (file) => file === join(dataDir, 'keys/signing.json');
  const files = filesBelow(folder);
  assert.ok(files.filter((file) => file.endsWith('manifest.json')).length >= 4);
  assert.ok(files.some((file) => file.endsWith('.tar')));
  const phrase = join(folder, 'phrase');
  assert.deepEqual(
    secrets.below(folder, (file) => isKeyFile(file) || file === phrase),
    [],
  );
  assert.notDeepEqual(secrets.in(readFileSync(files.find(isKeyFile))), [], 'where it is, it is found');
  t.diagnostic(`${files.length} files`);
});

test('no secret is in what everybody on the machine sees of the process', () => {
  for (const file of ['cmdline', 'environ', 'comm', 'status', 'maps']) {
    assert.deepEqual(secrets.in(readFileSync(`/proc/${portal.pid}/${file}`)), [], file);
  }
});

/** Ends in an abort in a folder of its own, with cores allowed; resolves with the files that are there then. */
async function filesOfACrash(start, { filter = '0x33' } = {}) {
  const crash = temporaryFolder();
  const allowed = `ulimit -c unlimited; echo ${filter} > /proc/self/coredump_filter; exec "$@"`;
  const child = await start(crash, ['bash', '-c', allowed, 'bash']);
  child.kill('SIGABRT');
  await new Promise((done) => child.once('exit', done));
  return filesBelow(crash);
}

test('a core has the memory of a process that does nothing about it, and with no mappings none', async (t) => {
  const witness = 'canary-of-the-witness-8fK2mQ';
  // It has its canary from base64, since a core names a process's arguments.
  const canary = `Buffer.from('${btoa(witness)}', 'base64')`;
  const program = `const canary = ${canary}; console.log(); setInterval(() => canary, 1e6)`;
  const start = async (crash, [shell, ...args]) => {
    const child = spawn(shell, [...args, process.execPath, '-e', program], { cwd: crash });
    await new Promise((done) => child.stdout.once('data', done));
    return child;
  };
  const found = new Secrets();
  found.add('witness', witness);
  const told = (cores) => cores.map((core) => found.in(readFileSync(core)).includes('witness (plain)'));
  const open = told(await filesOfACrash(start));
  const closed = told(await filesOfACrash(start, { filter: '0' }));
  t.diagnostic(`cores that are written here: ${open.length}, and ${closed.length} without mappings`);
  // Where a handler takes cores there is none to look at.
  assert.deepEqual(
    open,
    open.map(() => true),
  );
  assert.deepEqual(
    closed,
    closed.map(() => false),
  );
});

test('a portal that crashes leaves none of its memory behind', async () => {
  let limits;
  let filter;
  const left = await filesOfACrash(async (crash, prefix) => {
    const dataDir = join(crash, 'data');
    const crashing = await startPortal({ dataDir, seed: true, cwd: crash, prefix, env: unlimited });
    secrets.add('signature', new URL((await crashing.fileRow()).signed_url).searchParams.get('signature'));
    const { keys } = JSON.parse(readFileSync(join(crash, 'data/keys/signing.json'), 'utf8'));
    secrets.add('signing key of the one that crashes', Buffer.from(keys[0].secret, 'hex'));
    limits = readFileSync(`/proc/${crashing.pid}/limits`, 'utf8');
    filter = readFileSync(`/proc/${crashing.pid}/coredump_filter`, 'utf8');
    return crashing.started.child;
  });
  assert.match(limits, /^Max core file size +0 +0 /m);
  assert.equal(Number.parseInt(filter, 16), 0, 'and a handler that is not bound by limits gets no memory');
  assert.deepEqual(
    left.filter((file) => !file.includes('/data/')),
    [],
  );
});

test('a command leaves none of its memory behind either', async () => {
  const { child, ended } = spawnPortal(['import', 'contacts', '-', '--tenant', 'acme', ...data]);
  const look = (file) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  // It waits for its input; before that it has seen to its cores.
  const patience = Date.now() + 15_000;
  while (Number.parseInt(look('coredump_filter'), 16) !== 0 && Date.now() < patience) await after(10);
  assert.equal(Number.parseInt(look('coredump_filter'), 16), 0);
  assert.match(look('limits'), /^Max core file size +0 +0 /m);
  child.stdin.end();
  await ended;
});

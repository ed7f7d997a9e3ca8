// Blobs and files over the control plane, as a feeding system's curl sends them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { makeStore, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { mostResidentMebibytes } from './support/process.mjs';

const exec = promisify(execFile);
const folder = temporaryFolder();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const digest = (bytes) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

let dataDir, portal, token, reader;
before(async () => {
  ({ dataDir, token: reader } = await makeStore({ parent: folder }));
  await mustRun(['tenant', 'create', 'globex', '--data-dir', dataDir]);
  const made = await mustRun([
    'token',
    'create',
    '--client',
    'acme_client',
    '--scopes',
    'read,write',
    '--data-dir',
    dataDir,
    '--json',
  ]);
  token = JSON.parse(made.stdout).token;
  await mustRun(['import', 'jobs', '-', '--tenant', 'acme', '--format', 'ndjson', '--data-dir', dataDir], {
    input: '{"id":"job_1","title":"Roof","status":"pending"}\n',
  });
  portal = await startPortal({ dataDir, args: ['--control-max-upload', '400MiB'] });
});
after(() => portal.stop());

const put = (target, body, headers = {}, as = token) =>
  portal.control(`/api/tenants/acme${target}`, { method: 'PUT', token: as, body, headers });
const blob = (bytes) => `/blobs/${sha256(bytes)}`;

/** Every regular file below blobs/, so that nothing half-done goes unseen. */
function blobFiles() {
  const blobs = join(dataDir, 'blobs');
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

/** Polls, for what happens on the server after a client has gone. */
async function eventually(what, condition) {
  const end = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < end, what);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** curl's answer: status, head and body. */
async function curl(...args) {
  const { stdout } = await exec('curl', ['-sS', '-i', '--max-time', '60', ...args], { maxBuffer: 1 << 26 });
  const heads = stdout.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/gm.exec(heads.at(-2))[1]), heads, body: heads.at(-1) };
}

test('a blob is uploaded, found, and named by a file whose signed URL serves it', async () => {
  const bytes = randomBytes(100_000);
  const made = await put(blob(bytes), bytes, { 'Repr-Digest': digest(bytes) });
  assert.equal(made.status, 201, made.text);
  assert.deepEqual(made.json, { sha256: sha256(bytes), size: bytes.length });
  assert.equal(made.headers.location, `/api/tenants/acme${blob(bytes)}`);
  assert.equal((await put(blob(bytes), bytes)).status, 200);

  const head = await portal.control(`/api/tenants/acme${blob(bytes)}`, { method: 'HEAD', token: reader });
  assert.equal(head.status, 200);
  assert.equal(head.headers['x-blob-size'], String(bytes.length));
  assert.equal(head.headers['repr-digest'], digest(bytes));

  const row = { name: 'plan.bin', content_type: 'application/octet-stream', sha256: sha256(bytes) };
  const named = await put('/jobs/job_1/files/file_plan', row, { 'Content-Type': 'application/json' });
  assert.equal(named.status, 201, named.text);
  const { signed_url } = await portal.fileRow({ job: 'job_1', file: 'file_plan', token });
  assert.deepEqual((await portal.request(signed_url)).body, bytes);
});

test('a file is uploaded in one step; its type is what the request says, or what it is', async () => {
  const pdf = Buffer.from(`%PDF-1.4\n${'x'.repeat(500)}\n%%EOF\n`);
  const target = '/jobs/job_1/files/file_one/content?name=plan%20%C3%A4.pdf';
  const made = await put(target, pdf);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.content_type, 'application/pdf');
  assert.equal(made.json.kind, 'document');
  assert.equal(made.json.name, 'plan ä.pdf');
  assert.equal(made.json.sha256, sha256(pdf));
  assert.ok(made.headers.etag);
  const again = await put(target, pdf, { 'Content-Type': 'application/octet-stream' });
  assert.equal(again.status, 200);
  assert.equal(again.headers.etag, made.headers.etag, 'the same again is no change');
  const typed = await put(`${target}&kind=photo`, pdf, { 'Content-Type': 'image/x-plan; v=1' });
  assert.equal(typed.json.content_type, 'image/x-plan; v=1');
  assert.equal(typed.json.kind, 'photo');
  const listed = await portal.request('/v1/jobs/job_1/files', { token });
  assert.equal(listed.json.data.filter((file) => file.name === 'plan ä.pdf').length, 1);
});

test('what a request gets wrong is refused by name, and nothing of it is kept', async () => {
  const bytes = Buffer.from('never kept');
  const other = Buffer.from('other bytes');
  const content = '/jobs/job_1/files/file_bad/content';
  const before = blobFiles();
  const cases = [
    [blob(other), {}, 400, /another SHA-256 than the path/],
    [blob(bytes), { 'Repr-Digest': digest(other) }, 400, /Repr-Digest/],
    [blob(bytes), { 'Repr-Digest': 'sha-256=:short=:' }, 400, /Repr-Digest/],
    [blob(bytes), { 'Content-Encoding': 'gzip' }, 415, /Content-Encoding/],
    ['/blobs/0123', {}, 400, /sha256/],
    [content, {}, 400, /name/],
    [`${content}?name=..`, {}, 400, /name/],
    [`${content}?name=a&kind=song`, {}, 400, /kind/],
    [`${content}?name=a&name=b`, {}, 400, /name/],
    [`${content}?name=a`, { 'Content-Type': 'nonsense' }, 400, /Content-Type/],
    [`/jobs/job_1/files/nofile/content?name=a`, {}, 400, /id/],
    [`/jobs/job_9/files/file_bad/content?name=a`, {}, 404, /Job not found/],
  ];
  for (const [target, headers, status, detail] of cases) {
    const answer = await put(target, bytes, headers);
    assert.equal(answer.status, status, `${target} ${JSON.stringify(headers)}: ${answer.text}`);
    assert.match(answer.text, detail);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
  }
  assert.equal((await put(blob(bytes), bytes, {}, reader)).status, 403, 'a token without the scope write');
  assert.deepEqual(blobFiles(), before);
  const unknown = { 'Repr-Digest': 'sha-512=:AAAA:, md5=:AAAA:' };
  assert.equal((await put(blob(bytes), bytes, unknown)).status, 201, 'other algorithms are ignored');
});

test('another tenant neither sees nor gets the bytes', async () => {
  const bytes = Buffer.from('for acme alone');
  assert.equal((await put(blob(bytes), bytes)).status, 201);
  const made = await mustRun(['token', 'create', '--operator', '--scopes', 'admin', '--data-dir', dataDir, '--json']);
  const admin = JSON.parse(made.stdout).token;
  const look = (slug, as) => portal.control(`/api/tenants/${slug}${blob(bytes)}`, { method: 'HEAD', token: as });
  assert.equal((await look('acme', admin)).status, 200);
  assert.equal((await look('globex', admin)).status, 404);
  assert.equal((await look('globex', token)).status, 404);
});

test('an upload without a length is refused, also in chunks', async () => {
  const file = join(folder, 'chunked');
  writeFileSync(file, 'chunked');
  const url = `${portal.controlBase}/api/tenants/acme${blob('chunked')}`;
  const chunked = await curl(
    ...['-X', 'PUT', '--data-binary', `@${file}`, '-H', 'Transfer-Encoding: chunked'],
    ...['-H', `Authorization: Bearer ${token}`, url],
  );
  assert.equal(chunked.status, 411);
});

test('a refused upload is refused before its body is sent', async () => {
  const file = join(folder, 'too-large');
  closeSync(openSync(file, 'w'));
  const fd = openSync(file, 'r+');
  writeSync(fd, 'x', 500 * 2 ** 20); // sparse, and more than control.max_upload
  closeSync(fd);
  const answer = await curl(
    ...['-T', file, '-H', 'Expect: 100-continue', '--expect100-timeout', '30', '-w', '%{size_upload}'],
    ...['-H', `Authorization: Bearer ${token}`, `${portal.controlBase}/api/tenants/acme/blobs/${'0'.repeat(64)}`],
  );
  assert.equal(answer.status, 413);
  assert.match(answer.body, /PAYLOAD_TOO_LARGE/);
  const sent = Number(/(\d+)$/.exec(answer.body)[1]);
  assert.ok(sent < 1 << 20, `${sent} bytes were sent`);
});

test('a large upload is streamed: 300 MB with little memory', async (t) => {
  const file = join(folder, 'large');
  const hash = createHash('sha256');
  const fd = openSync(file, 'w');
  const piece = randomBytes(1 << 20);
  for (let i = 0; i < 300; i += 1) {
    piece.writeUInt32BE(i);
    hash.update(piece);
    writeSync(fd, piece);
  }
  closeSync(fd);
  const started = Date.now();
  const answer = await curl(
    ...['-T', file, '-H', `Authorization: Bearer ${token}`, '-H', 'Expect: 100-continue'],
    `${portal.controlBase}/api/tenants/acme/blobs/${hash.digest('hex')}`,
  );
  assert.equal(answer.status, 201, answer.body);
  const most = mostResidentMebibytes(portal.pid);
  t.diagnostic(`300 MiB in ${Date.now() - started} ms; at most ${most.toFixed(1)} MiB resident`);
  assert.ok(most < 60, `${most} MiB resident`);
  assert.equal(JSON.parse(answer.body).size, statSync(file).size);
});

test('an upload that breaks off leaves nothing', async () => {
  const before = blobFiles();
  const bytes = randomBytes(3_000_000);
  for (const sent of [0, 1, 100_000, bytes.length - 1]) {
    const socket = net.connect(portal.controlPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `PUT /api/tenants/acme${blob(bytes)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Length: ${bytes.length}\r\n\r\n`,
    );
    await new Promise((done) => socket.write(bytes.subarray(0, sent), done));
    socket.destroy();
    await eventually('the half is gone', () => blobFiles().length === before.length);
    const look = await portal.control(`/api/tenants/acme${blob(bytes)}`, { method: 'HEAD', token });
    assert.equal(look.status, 404);
  }
  assert.equal((await put(blob(bytes), bytes)).status, 201, 'and then it is uploaded as if nothing had been');
});

test('the quota holds before the body is read and again at the commit', async () => {
  const used = JSON.parse((await mustRun(['tenant', 'list', '--data-dir', dataDir, '--json'])).stdout)[0].blob_bytes;
  const unsure = await runPortal(['tenant', 'quota', 'acme', '10GB', '--data-dir', dataDir]);
  assert.equal(unsure.code, 2);
  assert.match(unsure.stderr, /BYTES.*"10GB"/);
  await mustRun(['tenant', 'quota', 'acme', String(used + 1_000), '--data-dir', dataDir]);
  const before = blobFiles();
  const large = randomBytes(1_001);
  const refused = await put(blob(large), large);
  assert.equal(refused.status, 507);
  assert.equal(refused.json.code, 'STORAGE_FULL');
  assert.match(refused.json.detail, /1001 bytes do not fit into the tenant's quota/);
  assert.deepEqual(blobFiles(), before);

  const [a, b] = [randomBytes(700), randomBytes(700)];
  const both = await Promise.all([put(blob(a), a), put(blob(b), b)]);
  assert.deepEqual(both.map((answer) => answer.status).sort(), [201, 507], 'two at once, of which one fits');
  assert.equal(blobFiles().length, before.length + 1);
  await mustRun(['tenant', 'quota', 'acme', 'none', '--data-dir', dataDir]);
  assert.equal((await put(blob(large), large)).status, 201);
});

test('file put, list and rm work beside the running portal', async () => {
  const file = join(folder, 'beside.txt');
  writeFileSync(file, 'put by hand');
  const at = ['--tenant', 'acme', '--job', 'job_1', '--data-dir', dataDir];
  await mustRun(['file', 'put', file, ...at]);
  const listed = JSON.parse((await mustRun(['file', 'list', ...at, '--json'])).stdout);
  const row = listed.find(({ name }) => name === 'beside.txt');
  assert.equal(row.sha256, sha256('put by hand'));
  const signed = await portal.fileRow({ job: 'job_1', file: row.id, token });
  assert.equal((await portal.request(signed.signed_url)).text, 'put by hand');
  await mustRun(['file', 'rm', 'beside.txt', ...at]);
  assert.equal((await portal.request(signed.signed_url)).status, 404);
  assert.equal((await portal.request(`/v1/jobs/job_1/files/${row.id}`, { token })).status, 404);
  assert.ok(existsSync(file) && readFileSync(file, 'utf8') === 'put by hand', 'the caller keeps his file');
});

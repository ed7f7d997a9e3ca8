// Blobs: conditions, ranges, dispositions, types, and names that are meant to hurt.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { demo, makeStore, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';

let portal;
let row;
let target;
let whole; // the answer without conditions
before(async () => {
  portal = await startPortal();
  row = await portal.fileRow();
  target = row.signed_url.slice(portal.base.length);
  whole = await portal.request(target);
});
after(() => portal.stop());

const get = (headers, options) => portal.request(target, { headers, ...options });

test('the whole blob, described', () => {
  assert.equal(whole.status, 200);
  assert.equal(whole.body.length, demo.fileSize);
  assert.equal(whole.body.subarray(0, 5).toString(), '%PDF-');
  const sha256 = createHash('sha256').update(whole.body).digest('hex');
  assert.equal(sha256, row.sha256);
  const { headers } = whole;
  assert.equal(headers.etag, `"${sha256}"`);
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.equal(headers['content-type'], 'application/pdf');
  assert.equal(headers['content-length'], String(demo.fileSize));
  assert.match(headers['content-disposition'], /^inline; filename="?production_document\.pdf"?/);
  assert.match(headers['last-modified'], / GMT$/);
  const age = Number(/^private, max-age=(\d+)$/.exec(headers['cache-control'])[1]);
  assert.ok(age > 880 && age <= 900, headers['cache-control']);
  assert.equal(headers['content-security-policy'], "default-src 'none'");
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('HEAD answers as GET without a body, and ignores Range', async () => {
  const answer = await get({ Range: 'bytes=0-9' }, { method: 'HEAD' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.length, 0);
  for (const name of [
    'content-length',
    'content-type',
    'etag',
    'last-modified',
    'content-disposition',
    'accept-ranges',
  ]) {
    assert.equal(answer.headers[name], whole.headers[name], name);
  }
});

test('ranges', async () => {
  const size = demo.fileSize;
  const satisfiable = [
    ['bytes=0-0', 0, 0],
    ['bytes=0-499', 0, 499],
    ['bytes=500-999', 500, 999],
    ['bytes=100-', 100, size - 1],
    ['bytes=-1', size - 1, size - 1],
    ['bytes=-500', size - 500, size - 1],
    [`bytes=-${size * 2}`, 0, size - 1],
    [`bytes=${size - 1}-`, size - 1, size - 1],
    [`bytes=0-${size * 9}`, 0, size - 1],
    ['bytes=0-99999999999999999999', 0, size - 1],
    ['BYTES=0-9', 0, 9],
  ];
  for (const [range, from, to] of satisfiable) {
    const answer = await get({ Range: range });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers['content-range'], `bytes ${from}-${to}/${size}`, range);
    assert.equal(answer.headers['content-length'], String(to - from + 1), range);
    assert.ok(answer.body.equals(whole.body.subarray(from, to + 1)), range);
    assert.equal(answer.headers.etag, whole.headers.etag);
  }
  for (const range of [`bytes=${size}-`, `bytes=${size * 2}-${size * 3}`, 'bytes=-0', 'bytes=99999999999999999999-']) {
    const answer = await get({ Range: range });
    assert.equal(answer.status, 416, range);
    assert.equal(answer.headers['content-range'], `bytes */${size}`, range);
    assert.equal(answer.json.code, 'RANGE_NOT_SATISFIABLE');
  }
  const ignored = ['items=0-9', 'bytes=9-0', 'bytes=a-b', 'bytes=', 'bytes=1', 'bytes', 'bytes=0-9,20-29', 'bytes=--1'];
  for (const range of ignored) {
    const answer = await get({ Range: range });
    assert.equal(answer.status, 200, range);
    assert.equal(answer.body.length, size, range);
  }
});

test('a download resumed in pieces is the blob', async () => {
  const pieces = [];
  for (let from = 0; from < demo.fileSize; from += 600_000) {
    const answer = await get({ Range: `bytes=${from}-${from + 599_999}`, 'If-Range': whole.headers.etag });
    assert.equal(answer.status, 206);
    pieces.push(answer.body);
  }
  assert.ok(Buffer.concat(pieces).equals(whole.body));
});

test('conditions, in the order of RFC 9110', async () => {
  const etag = whole.headers.etag;
  const modified = whole.headers['last-modified'];
  const past = 'Sat, 01 Jan 2000 00:00:00 GMT';
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
  const other = '"other"';
  const range = 'bytes=0-9';
  const cases = [
    [412, { 'If-Match': other }],
    [200, { 'If-Match': etag }],
    [200, { 'If-Match': '*' }],
    [200, { 'If-Match': `${other}, ${etag}` }],
    [412, { 'If-Match': `W/${etag}` }], // strong comparison
    [412, { 'If-Unmodified-Since': past }],
    [200, { 'If-Unmodified-Since': modified }],
    [200, { 'If-Unmodified-Since': 'not a date' }],
    [200, { 'If-Match': etag, 'If-Unmodified-Since': past }], // the first decides
    [412, { 'If-Match': other, 'If-Unmodified-Since': future }],
    [304, { 'If-None-Match': etag }],
    [304, { 'If-None-Match': `W/${etag}` }],
    [304, { 'If-None-Match': '*' }],
    [304, { 'If-None-Match': `${other}, ${etag}` }],
    [200, { 'If-None-Match': other }],
    [304, { 'If-Modified-Since': modified }],
    [200, { 'If-Modified-Since': past }],
    [200, { 'If-Modified-Since': 'not a date' }],
    [200, { 'If-None-Match': other, 'If-Modified-Since': modified }], // the first decides
    [304, { 'If-None-Match': etag, 'If-Modified-Since': past }],
    [412, { 'If-Match': other, 'If-None-Match': etag }],
    [304, { 'If-Match': etag, 'If-None-Match': etag }],
    [304, { 'If-None-Match': etag, Range: range }],
    [412, { 'If-Match': other, Range: 'bytes=99999999-' }],
    [206, { 'If-Match': etag, Range: range }],
    [206, { 'If-Range': etag, Range: range }],
    [200, { 'If-Range': other, Range: range }],
    [200, { 'If-Range': `W/${etag}`, Range: range }],
    [206, { 'If-Range': modified, Range: range }],
    [200, { 'If-Range': past, Range: range }],
    [200, { 'If-Range': etag }],
    [200, { 'If-Range': other, Range: 'bytes=99999999-' }],
  ];
  for (const [status, headers] of cases) {
    const answer = await get(headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 304) {
      assert.equal(answer.headers.etag, etag);
      assert.equal(answer.body.length, 0);
    }
    if (status === 412) assert.equal(answer.json.code, 'PRECONDITION_FAILED');
  }
});

test('a disposition asked for is signed, and obeyed where the type allows', async () => {
  for (const disposition of ['attachment', 'inline']) {
    const { signed_url } = await portal.fileRow({ query: `?disposition=${disposition}` });
    assert.match(signed_url, new RegExp(`&client=client_prod&disposition=${disposition}&signature=`));
    const answer = await portal.request(signed_url, { method: 'HEAD' });
    assert.equal(answer.status, 200);
    assert.ok(answer.headers['content-disposition'].startsWith(`${disposition}; filename=`));
  }
});

/** A store with one job, `file put`, and a portal on it. */
async function portalWithFiles(make) {
  const { dataDir, token } = await makeStore();
  const data = ['--tenant', 'acme', '--data-dir', dataDir];
  await mustRun(['import', 'jobs', '-', ...data], { input: 'id,title,status\njob_a,Roof,pending\n' });
  const folder = join(temporaryFolder(), 'files');
  mkdirSync(folder);
  make(folder);
  // Hidden files are left out of folders; by name they are put like any other.
  const hidden = readdirSync(folder)
    .filter((name) => name.startsWith('.'))
    .map((name) => join(folder, name));
  await mustRun(['file', 'put', '--job', 'job_a', ...data, folder, ...hidden]);
  const running = await startPortal({ dataDir });
  const rows = (await running.request('/v1/jobs/job_a/files?limit=200', { token })).json.data;
  return { running, rows, token, data, folder };
}

test('hostile names come back byte for byte', async () => {
  const names = [
    'plain.txt',
    'with space.txt',
    'quote".txt',
    "apostrophe'.txt",
    'back\\slash.txt',
    '100%.txt',
    '%2e%2e%2fetc.txt',
    '%00.txt',
    '..hidden.txt',
    '...',
    '-rf.txt',
    'semi;colon.txt',
    'comma,and=equals&more?.txt',
    'hash#.txt',
    'plus+tilde~.txt',
    'umlaut äöü ß.txt',
    'emoji 🏠🔨.txt',
    '名前.txt',
    'e\u0301 combining.txt',
    '\u202etxt.exe',
    `${'é'.repeat(125)}.txtx`, // 255 bytes
    'a'.repeat(255),
    'disposition=inline&signature=x',
  ];
  const { running, rows } = await portalWithFiles((folder) => {
    for (const name of names) writeFileSync(join(folder, name), `content of ${name}`);
  });
  try {
    assert.deepEqual(rows.map(({ name }) => name).sort(), [...names].sort());
    for (const { name, signed_url, sha256, size } of rows) {
      const content = `content of ${name}`;
      assert.equal(size, Buffer.byteLength(content));
      const answer = await running.request(signed_url);
      assert.equal(answer.status, 200, `${name}: ${signed_url} ${answer.text}`);
      assert.equal(answer.text, content);
      assert.equal(answer.headers.etag, `"${sha256}"`);
      const disposition = answer.headers['content-disposition'];
      assert.match(disposition, /^(inline|attachment); filename="(?:[ !#-[\]-~]|\\["\\])*"/, name);
      const extended = /; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)$/.exec(disposition);
      if (/[^\x20-\x7e]/.test(name)) assert.ok(extended, `${name}: ${disposition}`);
      if (extended) assert.equal(decodeURIComponent(extended[1]), name);
    }
  } finally {
    await running.stop();
  }
});

test('types come from the content, and only harmless ones are shown inline', async () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
  const kinds = [
    // name, content, type, kind, inline
    ['picture.txt', png, 'image/png', 'photo', true],
    ['photo.bin', Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), 'image/jpeg', 'photo', true],
    ['report', Buffer.from('%PDF-1.7\n%âãÏÓ\n'), 'application/pdf', 'document', true],
    ['notes.exe', Buffer.from('just a note\n'), 'text/plain; charset=utf-8', 'document', true],
    ['page.png', Buffer.from('<!DOCTYPE html><script>alert(1)</script>'), undefined, undefined, undefined],
    [
      'vector.png',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
      undefined,
      undefined,
      undefined,
    ],
    ['noise.pdf', Buffer.from([0, 1, 2, 3, 255, 254, 253]), 'application/octet-stream', 'other', false],
    ['empty.pdf', Buffer.alloc(0), undefined, undefined, undefined],
  ];
  const { running, rows, token, data, folder } = await portalWithFiles((into) => {
    for (const [name, content] of kinds) writeFileSync(join(into, name), content);
  });
  try {
    for (const [name, content, type, kind, inline] of kinds) {
      const file = rows.find((each) => each.name === name);
      assert.ok(file, name);
      const answer = await running.request(file.signed_url);
      assert.equal(answer.status, 200, name);
      assert.ok(answer.body.equals(content), name);
      assert.equal(answer.headers['content-type'], file.content_type);
      assert.doesNotMatch(file.content_type, /html|svg|xml|script/, `${name} must not become active content`);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.match(answer.headers['content-security-policy'], /^default-src 'none'(; sandbox)?$/);
      if (file.content_type !== 'application/pdf') assert.match(answer.headers['content-security-policy'], /sandbox/);
      if (type !== undefined) {
        assert.equal(file.content_type, type, name);
        assert.equal(file.kind, kind, name);
        assert.equal(answer.headers['content-disposition'].startsWith('inline'), inline, name);
      }
    }
    const empty = rows.find(({ name }) => name === 'empty.pdf');
    assert.equal(empty.size, 0);
    assert.equal((await running.request(empty.signed_url, { headers: { Range: 'bytes=0-' } })).status, 416);

    // The same name again replaces the file; its id stays.
    const old = rows.find(({ name }) => name === 'notes.exe');
    writeFileSync(join(folder, 'notes.exe'), 'another note\n');
    await mustRun(['file', 'put', '--job', 'job_a', ...data, join(folder, 'notes.exe')]);
    const now = (await running.request(`/v1/jobs/job_a/files/${old.id}`, { token })).json;
    assert.equal((await running.request(now.signed_url)).text, 'another note\n');
    assert.notEqual(now.sha256, old.sha256);
  } finally {
    await running.stop();
  }
});

// Whoever holds a signed URL gets exactly one file for a while; whoever changes a byte of it gets nothing.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertDescribed } from './support/openapi.mjs';
import { demo, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

let portal;
let target;
before(async () => {
  portal = await startPortal();
  target = (await portal.fileRow()).signed_url.slice(portal.base.length);
});
after(() => portal.stop());

/** Sends many targets, on as few connections as the portal allows, and gives each answer's status and body. */
async function statuses(targets) {
  let wire = await Wire.open(portal.port);
  const answers = [];
  for (const bytes of targets) {
    if (wire.closed) wire = await Wire.open(portal.port);
    wire.send(Buffer.concat([Buffer.from('GET '), bytes, Buffer.from(' HTTP/1.1\r\nHost: localhost\r\n\r\n')]));
    const answer = await wire.answer();
    answers.push({ target: bytes.toString('latin1'), status: answer.status, text: answer.body.toString() });
    if (answer.headers.connection?.[0] === 'close') {
      wire.close();
      wire = await Wire.open(portal.port);
    }
  }
  wire.close();
  return answers;
}

async function assertRefused(targets) {
  assert.ok(targets.length > 0);
  for (const { target: sent, status, text } of await statuses(targets)) {
    assert.ok([400, 403, 404, 414].includes(status), `${status} for ${sent}`);
    assert.doesNotMatch(text, /%PDF/);
  }
}

// What a byte changes to: printable, since spaces and controls break the request line, which is another test's.
const replacements = [0x21, 0x25, 0x26, 0x2b, 0x2e, 0x2f, 0x30, 0x3d, 0x3f, 0x41, 0x61, 0x7e];
const spliced = (bytes, at, removed, ...inserted) =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted), bytes.subarray(at + removed)]);

test('the URL itself works, for GET and HEAD', async () => {
  for (const method of ['GET', 'HEAD']) {
    const answer = await portal.request(target, { method });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-length'], String(demo.fileSize));
    assert.equal(answer.body.length, method === 'GET' ? demo.fileSize : 0);
  }
});

test('every byte changed', async () => {
  const bytes = Buffer.from(target);
  const changed = [...bytes.keys()].flatMap((at) =>
    [bytes[at] ^ 1, bytes[at] ^ 0x20, ...replacements]
      .filter((byte) => byte !== bytes[at] && byte > 0x20 && byte < 0x7f)
      .map((byte) => spliced(bytes, at, 1, byte)),
  );
  await assertRefused(changed);
});

test('every byte dropped, and every byte doubled', async () => {
  const bytes = Buffer.from(target);
  await assertRefused([...bytes.keys()].map((at) => spliced(bytes, at, 1)).filter((changed) => changed[0] === 0x2f));
  await assertRefused([...bytes.keys()].map((at) => spliced(bytes, at, 0, bytes[at])));
});

test('every byte escaped that the signer does not escape', async () => {
  const bytes = Buffer.from(target);
  const escape = (byte) => Buffer.from(`%${byte.toString(16).toUpperCase()}`);
  await assertRefused([...bytes.keys()].map((at) => spliced(bytes, at, 1, ...escape(bytes[at]))).slice(1));
});

test('every beginning of it, and more behind it', async () => {
  const bytes = Buffer.from(target);
  await assertRefused(Array.from({ length: bytes.length - 1 }, (_, size) => bytes.subarray(0, size + 1)));
  const tails = ['&', '&a=b', '#x', '?', '/', '%00', '%20', '0', 'a'.repeat(9000)];
  await assertRefused(tails.map((tail) => Buffer.from(target + tail)));
});

test('parameters reordered, repeated, added, renamed, emptied', async () => {
  const [path, query] = target.split('?');
  const parameters = query.split('&');
  const [expires, client, signature] = parameters;
  const permutations = [
    [expires, signature, client],
    [client, expires, signature],
    [client, signature, expires],
    [signature, expires, client],
    [signature, client, expires],
  ];
  const repeated = parameters.flatMap((parameter) => [
    [...parameters, parameter],
    [parameter, ...parameters],
    parameters.flatMap((each) => (each === parameter ? [each, each] : [each])),
  ]);
  const added = ['disposition=inline', 'disposition=attachment', 'a=b', 'expires=9999999999', ''].flatMap((extra) =>
    [0, 1, 2, 3].map((at) => [...parameters.slice(0, at), extra, ...parameters.slice(at)]),
  );
  const dropped = parameters.map((parameter) => parameters.filter((each) => each !== parameter));
  const rewritten = parameters.flatMap((parameter) => {
    const [name, value] = parameter.split('=');
    return [
      `${name}`,
      `${name}=`,
      `=${value}`,
      `${name.toUpperCase()}=${value}`,
      `${name}==${value}`,
      `${name}=%20${value}`,
    ].map((other) => parameters.map((each) => (each === parameter ? other : each)));
  });
  const lists = [...permutations, ...repeated, ...added, ...dropped, ...rewritten, []];
  await assertRefused(lists.map((list) => Buffer.from(`${path}?${list.join('&')}`)));
  await assertRefused([Buffer.from(path), Buffer.from(`${path}?${query.replaceAll('&', ';')}`)]);
});

test('another expiry, client, job, file, bucket, disposition or signature', async () => {
  const now = Math.floor(Date.now() / 1000);
  const expires = /expires=(\d+)/.exec(target)[1];
  const inline = (await portal.fileRow({ query: '?disposition=inline' })).signed_url.slice(portal.base.length);
  const load = (await portal.fileRow({ token: 'load_token' })).signed_url.slice(portal.base.length);
  const signature = (from) => /signature=(\w+)/.exec(from)[1];
  const changes = [
    ...[
      Number(expires) + 1,
      Number(expires) - 1,
      now,
      now + 901,
      now + 86_400,
      0,
      -1,
      '1e10',
      `0${expires}`,
      `+${expires}`,
      '9'.repeat(19),
      '9'.repeat(40),
    ].map((other) => target.replace(`expires=${expires}`, `expires=${other}`)),
    ...['client_load', 'nobody', 'CLIENT_PROD', 'client_prod%00', '*'].map((client) =>
      target.replace('client=client_prod', `client=${client}`),
    ),
    target.replace('job_prod_test', 'job_unknown'),
    target.replace('portal-files-prod', 'portal-files-dev'),
    target.replace('production_document', 'Production_document'),
    target.replace('/files/production', '/files/../files/production'),
    target.replace('/jobs/', '//jobs/'),
    inline.replace('disposition=inline', 'disposition=attachment'),
    inline.replace('&disposition=inline', ''),
    target.replace(signature(target), signature(load)),
    target.replace(signature(target), signature(inline)),
    target.replace(signature(target), signature(target).toUpperCase()),
    target.replace(signature(target), '0'.repeat(64)),
    target.replace(signature(target), ''),
  ];
  await assertRefused(changes.map((change) => Buffer.from(change)));
  for (const good of [inline, load, target]) assert.equal((await portal.request(good, { method: 'HEAD' })).status, 200);
});

test('a bearer token beside a signature is refused, whatever it is worth', async () => {
  for (const token of [demo.token, demo.otherToken, 'nonsense']) {
    const answer = await portal.request(target, { token });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.code, 'BAD_REQUEST');
  }
});

test('the host is not signed', async () => {
  const answer = await portal.request(target, { method: 'HEAD', headers: { Host: 'storage.localhost' } });
  assert.equal(answer.status, 200);
});

test('no signature of another portal holds', async () => {
  const other = await startPortal();
  try {
    const foreign = (await other.fileRow()).signed_url.slice(other.base.length);
    const answer = await portal.request(foreign);
    assert.equal(answer.status, 403);
    assert.equal(answer.json.code, 'SIGNATURE_INVALID');
  } finally {
    await other.stop();
  }
});

test('a URL works until its second and not after it', async () => {
  const brief = await startPortal({ args: ['--signed-urls-ttl', '2s'] }); // whole seconds: it lives for one at the least
  try {
    const row = await brief.fileRow();
    const end = Date.parse(row.expires_at);
    const ask = (method) => brief.request(row.signed_url, { method });
    let seen = 0;
    for (;;) {
      const asked = Date.now();
      const answer = await ask('HEAD');
      if (answer.status !== 200) {
        assert.ok(Date.now() >= end, 'refused too early');
        break;
      }
      assert.ok(asked < end + 50, 'still there after its time');
      seen += 1;
    }
    assert.ok(seen > 0, 'it worked before');
    const late = await ask('GET');
    assert.equal(late.status, 403);
    assert.equal(late.json.code, 'SIGNATURE_EXPIRED');
    // The signature is checked first: a late forgery learns nothing about its time.
    const forged = await brief.request(row.signed_url.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
    assert.equal(forged.status, 403);
    assert.equal(forged.json.code, 'SIGNATURE_INVALID');
  } finally {
    await brief.stop();
  }
});

test('URLs end with their client, with their tenant, and with their file', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const data = ['--data-dir', dataDir];
  const running = await startPortal({ dataDir, seed: true });
  let url;
  try {
    url = (await running.fileRow()).signed_url.slice(running.base.length);
    const ask = async () => {
      const answer = await running.request(url);
      return [answer.status, answer.status === 200 ? '' : answer.json.code];
    };
    assert.deepEqual(await ask(), [200, '']);
    await mustRun(['tenant', 'suspend', 'acme', ...data]);
    assert.deepEqual(await ask(), [403, 'SIGNATURE_INVALID']);
    await mustRun(['tenant', 'resume', 'acme', ...data]);
    assert.deepEqual(await ask(), [200, '']);
    await mustRun(['client', 'revoke', 'client_prod', ...data]);
    assert.deepEqual(await ask(), [403, 'SIGNATURE_INVALID']);
  } finally {
    await running.stop();
  }

  // The same keys, tenant and client over a store that does not have the file.
  const emptyDir = join(temporaryFolder(), 'data');
  mkdirSync(emptyDir, { mode: 0o700 });
  cpSync(join(dataDir, 'keys'), join(emptyDir, 'keys'), { recursive: true });
  const empty = ['--data-dir', emptyDir];
  await mustRun(['tenant', 'create', 'acme', '--bucket', 'portal-files-prod', ...empty]);
  await mustRun(['client', 'create', '--tenant', 'acme', '--id', 'client_prod', ...empty]);
  const bare = await startPortal({ dataDir: emptyDir });
  try {
    const answer = await bare.request(url);
    assert.equal(answer.status, 404, answer.text);
    assert.equal(answer.json.detail, 'File not found');
    assertDescribed('/files/{bucket}/jobs/{jobId}/files/{name}', answer);
  } finally {
    await bare.stop();
  }
});

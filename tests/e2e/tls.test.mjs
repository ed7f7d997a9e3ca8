// The portal over TLS, as browsers, curl and scanners meet it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { demo, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const run = promisify(execFile);

/** A self-signed pair for localhost: `{cert, key}`, the files' paths. */
async function makePair(name = 'localhost', { kind = 'ec', folder = temporaryFolder() } = {}) {
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const algorithm = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
  const names = `subjectAltName=DNS:${name},IP:127.0.0.1`;
  const subject = ['-subj', `/CN=${name}`, '-addext', names, '-days', '30'];
  await run('openssl', ['req', '-x509', '-newkey', ...algorithm, '-noenc', '-keyout', key, '-out', cert, ...subject]);
  return { cert, key };
}

const startWith = (pair, args = []) => startPortal({ args: ['--tls-cert', pair.cert, '--tls-key', pair.key, ...args] });

/** A TLS connection: `{socket, certificate}`; the certificate's SHA-256, as `fingerprintOf` tells it of a file. */
function connect(portal, options = {}) {
  return new Promise((done, failed) => {
    const socket = tls.connect({ port: portal.port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () =>
      done({ socket, certificate: socket.getPeerCertificate().fingerprint256 }),
    );
    socket.once('error', failed);
  });
}

async function shownBy(portal) {
  const { socket, certificate } = await connect(portal);
  socket.destroy();
  return certificate;
}

async function fingerprintOf(file) {
  const { stdout } = await run('openssl', ['x509', '-in', file, '-noout', '-fingerprint', '-sha256']);
  return stdout.trim().split('=')[1];
}

/** GET over an agent: `{status, headers, body, socket}`; the socket is the connection it came on. */
function get(url, { token, agent, ca } = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return new Promise((done, failed) => {
    https
      .get(url, { headers, agent, ca }, (response) => {
        const { statusCode: status, headers, socket } = response;
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => done({ status, headers, body: Buffer.concat(chunks), socket }));
      })
      .on('error', failed);
  });
}

test('curl trusts it with its certificate, and is told to come back by https only', async () => {
  const pair = await makePair();
  const portal = await startWith(pair);
  const url = `https://localhost:${portal.port}/v1/health`;
  for (const [flag, version] of [
    ['--tlsv1.3', 'TLSv1.3'],
    ['--tls-max=1.2', 'TLSv1.2'],
  ]) {
    const flags = flag.split('=');
    const { stdout, stderr } = await run('curl', ['-sv', '--include', '--cacert', pair.cert, ...flags, url]);
    assert.match(stderr, new RegExp(`SSL connection using ${version} / `));
    assert.match(stderr, /ALPN: server accepted http\/1\.1/);
    assert.match(stderr, /SSL certificate verify ok/);
    assert.match(stdout, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(stdout, /\r\nStrict-Transport-Security: max-age=\d{7,}\r\n/);
  }
  await assert.rejects(run('curl', ['-s', url]), { code: 60 }, 'without the certificate nobody is to trust it');
  await assert.rejects(connect(portal, { ALPNProtocols: ['h2'] }), /no application protocol/i);
  await portal.stop();
});

test('plain HTTP on the TLS port is told so', async () => {
  const portal = await startWith(await makePair());
  const answer = await portal.request('/v1/contacts', { token: demo.token });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(answer.json.code, 'BAD_REQUEST');
  assert.match(answer.json.detail, /https/);
  assert.equal(answer.headers.connection, 'close');
  assert.ok(answer.headers['x-request-id']);
  assert.equal(answer.headers['strict-transport-security'], undefined);
  assert.equal((await connect(portal)).socket.destroy().destroyed, true);
  await portal.stop();
});

test('signed URLs say https, and bring the whole file', async () => {
  const pair = await makePair();
  const portal = await startWith(pair);
  const ca = readFileSync(pair.cert);
  const base = `https://localhost:${portal.port}`;
  const row = await get(`${base}/v1/jobs/${demo.job}/files/${demo.file}`, { token: demo.token, ca });
  const file = JSON.parse(row.body);
  assert.ok(file.signed_url.startsWith(`${base}/files/`), file.signed_url);
  const blob = await get(file.signed_url, { ca });
  assert.equal(blob.status, 200);
  assert.equal(blob.body.length, demo.fileSize);
  assert.equal(createHash('sha256').update(blob.body).digest('hex'), file.sha256);
  await portal.stop();
});

test('SIGHUP brings a replaced certificate to new connections, and leaves the others alone', async () => {
  const pair = await makePair();
  const portal = await startWith(pair);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const url = `https://127.0.0.1:${portal.port}/v1/health`;
  const before = await get(url, { agent });
  assert.equal(before.status, 200);

  const old = await shownBy(portal);
  assert.equal(old, await fingerprintOf(pair.cert));
  const renewed = await makePair('renewed.example.com', { kind: 'rsa' });
  copyFileSync(renewed.cert, pair.cert);
  copyFileSync(renewed.key, pair.key);
  portal.started.child.kill('SIGHUP');
  await portal.logged(/"certificate":"renewed\.example\.com, until /);
  await portal.logged(/"event":"reloaded"/);
  assert.equal(await shownBy(portal), await fingerprintOf(renewed.cert));

  const after = await get(url, { agent });
  assert.equal(after.status, 200);
  assert.ok(after.socket === before.socket, 'the kept connection was not used again');
  agent.destroy();
  await portal.stop();
});

test('a bad pair keeps the old one and is logged', async () => {
  const pair = await makePair();
  const portal = await startWith(pair);
  const old = await shownBy(portal);
  const other = await makePair('other.example.com');
  copyFileSync(other.key, pair.key);
  portal.started.child.kill('SIGHUP');
  const log = await portal.logged(/"level":"error".*tls\.key.*does not belong to the certificate/);
  assert.doesNotMatch(log, /PRIVATE KEY/);
  assert.equal(await shownBy(portal), old);
  await portal.stop();
});

test('a pair that cannot be used is refused at the start and by check-config, by name', async () => {
  const pair = await makePair();
  const none = join(temporaryFolder(), 'none.pem');
  for (const [args, says] of [
    [['--tls-cert', none, '--tls-key', pair.key], /tls\.cert '.*none\.pem' cannot be read: No such file/],
    [['--tls-cert', pair.key, '--tls-key', pair.key], /tls\.cert '.*' holds no PEM certificate/],
    [['--tls-cert', pair.cert], /tls\.key/],
    [['--tls-key', pair.key], /tls\.cert/],
    [['--listen', 'https://127.0.0.1:0'], /tls\.cert/],
  ]) {
    for (const command of [
      ['serve', '--seed', '--listen', '127.0.0.1:0'],
      ['check-config'],
      ['check-config', '--json'],
    ]) {
      const end = await runPortal([...command, ...args]);
      assert.equal(end.code, 3, end.stderr);
      assert.match(end.stderr, says);
      assert.equal(end.stdout, '');
    }
  }
});

test('check-config says whose the certificate is and until when', async () => {
  const { cert, key } = await makePair('portal.example.com');
  const args = ['check-config', '--tls-cert', cert, '--tls-key', key];
  const { certificate } = JSON.parse((await mustRun([...args, '--json'])).stdout);
  assert.equal(certificate.name, 'portal.example.com');
  const { validTo } = new X509Certificate(readFileSync(cert));
  assert.equal(Date.parse(certificate.not_after), Date.parse(validTo));
  const { stdout } = await mustRun(args);
  assert.ok(stdout.includes(`\n# certificate: portal.example.com, until ${certificate.not_after}\n`), stdout);
});

for (const kind of ['ec', 'rsa']) {
  test(`sslscan finds nothing old or weak (${kind})`, async () => {
    const portal = await startWith(await makePair('localhost', { kind }));
    const { stdout } = await run('sslscan', ['--xml=-', `127.0.0.1:${portal.port}`], { timeout: 60_000 });
    const enabled = [...stdout.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)];
    assert.deepEqual(
      enabled.map(([, type, version]) => `${type} ${version}`),
      ['tls 1.2', 'tls 1.3'],
    );
    const ciphers = [...stdout.matchAll(/<cipher [^>]*cipher="([^"]+)"/g)].map(([, name]) => name);
    assert.ok(ciphers.length >= 6, stdout);
    for (const name of ciphers) assert.match(name, /^(TLS_|ECDHE-).*(GCM|POLY1305)/);
    assert.doesNotMatch(stdout, /<renegotiation supported="1"|<compression supported="1"|vulnerable="1"/);
    assert.match(stdout, /<renegotiation supported="0"/);
    await portal.stop();
  });
}

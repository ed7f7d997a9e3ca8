// Where a portal can be reached: several addresses, Unix sockets, and sockets that it inherits.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { logged, makeStore, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const run = promisify(execFile);

/** What curl gets for /livez: the status code. */
async function ask(address) {
  const where = address.startsWith('/')
    ? ['--unix-socket', address, 'http://localhost/livez']
    : ['-g', `http://${address}/livez`];
  const { stdout } = await run('curl', ['-s', '-m', '10', '-o', '/dev/null', '-w', '%{http_code}', ...where]);
  return Number(stdout);
}

async function stop({ child, ended }) {
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
}

/** A socket that listens and is accepted from by nobody but the portal it is passed to. */
async function listeningSocket(where) {
  const server = net.createServer(() => assert.fail('the parent accepted a connection'));
  await new Promise((done) => server.listen(where, done));
  return server;
}

// The shell's process becomes the portal's.
const asService = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];

test('IPv4, IPv6 and a Unix socket are served at once, and the port file has a line for each', async () => {
  const folder = temporaryFolder();
  const socket = join(folder, 'portal.sock');
  const ports = join(folder, 'ports');
  const extra = ['--listen', '[::1]:0', '--listen', `unix:${socket}`, '--port-file', ports];
  const { dataDir } = await makeStore();
  const started = spawnPortal(['serve', '--listen', '127.0.0.1:0', ...extra, '--data-dir', dataDir]);
  await logged(started, /"address":"unix:/);
  const [v4, v6, path, end] = readFileSync(ports, 'utf8').split('\n');
  assert.equal(path, socket);
  assert.equal(end, '');
  assert.deepEqual(await Promise.all([`127.0.0.1:${v4}`, `[::1]:${v6}`, path].map(ask)), [200, 200, 200]);
  assert.equal(lstatSync(socket).mode & 0o777, 0o660);
  await stop(started);
  assert.ok(!existsSync(socket) && !existsSync(ports), 'both go with the portal');
});

test('a Unix socket that a killed portal left is replaced; one that is in use, or a file, is not', async () => {
  const folder = temporaryFolder();
  const socket = join(folder, 'portal.sock');
  const args = ['--listen', `unix:${socket}`];
  const { dataDir } = await makeStore(); // what is killed cannot remove its throw-away data
  const killed = await startPortal({ args, dataDir });
  await killed.kill('SIGKILL');
  assert.ok(existsSync(socket));

  const portal = await startPortal({ args });
  assert.equal(await ask(socket), 200);
  const second = await runPortal(['serve', '--seed', ...args]);
  assert.equal(second.code, 4, second.stderr);
  assert.match(second.stderr, /Cannot listen on unix:.*another program already does/);
  assert.equal(await ask(socket), 200);
  await portal.stop();

  writeFileSync(socket, 'precious');
  const onFile = await runPortal(['serve', '--seed', ...args]);
  assert.equal(onFile.code, 4, onFile.stderr);
  assert.match(onFile.stderr, /no socket/);
  assert.equal(readFileSync(socket, 'utf8'), 'precious');
});

test('a Unix socket alone serves the demo, and says how to ask', async () => {
  const socket = join(temporaryFolder(), 'portal.sock');
  const started = spawnPortal(['serve', '--seed', '--listen', `unix:${socket}`]);
  await logged(started, /"address":"unix:/);
  const page = 'http://localhost/v1/contacts?limit=1';
  const token = 'Authorization: Bearer prod_token';
  const { stdout } = await run('curl', ['-s', '--unix-socket', socket, '-H', token, page]);
  assert.equal(JSON.parse(stdout).total, 1247);
  await stop(started);
  assert.ok(started.output.stdout.includes(`curl --unix-socket '${socket}' -H`), started.output.stdout);
});

test('inherited sockets are used instead of the default address', async () => {
  const socket = await listeningSocket({ port: 0, host: '127.0.0.1' });
  const ports = join(temporaryFolder(), 'ports');
  const options = { prefix: asService, passed: [socket], env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' } };
  const started = spawnPortal(['serve', '--seed', '--port-file', ports], options);
  const { port } = socket.address();
  socket.close();
  await logged(started, /"event":"listening"/);
  assert.equal(readFileSync(ports, 'utf8'), `${port}\n`);
  assert.equal(await ask(`127.0.0.1:${port}`), 200);
  await stop(started);
});

test('an IPv4 client of a socket for both protocols has its own address, and its own cap', async () => {
  const socket = await listeningSocket({ port: 0, host: '::ffff:127.0.0.1' });
  const args = ['serve', '--seed', '--net-max-connections-per-address', '1'];
  const started = spawnPortal(args, { prefix: asService, passed: [socket], env: { LISTEN_FDS: '1' } });
  const { port } = socket.address();
  socket.close();
  await logged(started, /"event":"listening"/);
  const kept = net.connect({ port, host: '127.0.0.1' });
  kept.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((done) => kept.once('data', done));
  const url = `http://127.0.0.1:${port}/livez`;
  const from = (address) => run('curl', ['-sf', '-m', '10', '--interface', address, url]);
  await assert.rejects(from('127.0.0.1'));
  await from('127.0.0.2');
  await logged(started, /"route":"\/livez".*"address":"127\.0\.0\.2"/);
  kept.destroy();
  await stop(started);
});

test('inherited sockets and listen have to agree', async () => {
  const cases = [
    [['--listen', '127.0.0.1:0'], { LISTEN_FDNAMES: 'web' }, 3, /socket named "web".*add "systemd:web"/],
    [['--listen', 'systemd:other'], { LISTEN_FDNAMES: 'web' }, 3, /socket named "web"/],
    [[], { LISTEN_FDNAMES: 'a:b' }, 3, /LISTEN_FDNAMES: "a:b".*one name for each/],
    [[], { LISTEN_FDS: '2' }, 3, /LISTEN_FDS: "2" promises descriptor 4, which is not open/],
    [['--listen', 'systemd'], { LISTEN_FDS: '0' }, 3, /passes no socket/],
  ];
  const results = cases.map(async ([args, env, code, says]) => {
    const socket = await listeningSocket({ port: 0, host: '127.0.0.1' });
    const options = { prefix: asService, passed: [socket], env: { LISTEN_FDS: '1', ...env } };
    const { ended } = spawnPortal(['serve', '--seed', ...args], options);
    socket.close();
    const end = await ended;
    assert.equal(end.code, code, end.stderr);
    assert.match(end.stderr, says);
  });
  await Promise.all(results);
});

test('the demo is not served on an inherited socket that the world reaches', async () => {
  const socket = await listeningSocket({ port: 0, host: '0.0.0.0' });
  const { ended } = spawnPortal(['serve', '--seed'], { prefix: asService, passed: [socket], env: { LISTEN_FDS: '1' } });
  socket.close();
  const end = await ended;
  assert.equal(end.code, 3, end.stderr);
  assert.match(end.stderr, /loopback alone, not on 0\.0\.0\.0:/);
});

test('what is meant for another process is not taken', async () => {
  const socket = await listeningSocket({ port: 0, host: '127.0.0.1' });
  const env = { LISTEN_FDS: '1', LISTEN_PID: '1' };
  const started = spawnPortal(['serve', '--seed', '--listen', '127.0.0.1:0'], { passed: [socket], env });
  socket.close();
  await logged(started, /"event":"listening"/);
  await stop(started);
});

test("systemd's own tool starts it with the first connection, which is answered", async () => {
  const socket = join(temporaryFolder(), 'activated.sock');
  const prefix = ['systemd-socket-activate', '-l', socket, '--fdname=web'];
  const started = spawnPortal(['serve', '--seed', '--listen', 'systemd:web'], { prefix });
  await logged(started, /Listening on/);
  assert.equal(await ask(socket), 200);
  await logged(started, /"address":"unix:.*activated\.sock"/);
  await stop(started);
  assert.ok(existsSync(socket), "the socket's file is not the portal's");
});

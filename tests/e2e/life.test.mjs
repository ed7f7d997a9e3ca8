// How a portal lives and ends, what it tells its service manager, and what it leaves behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { binary, startPortal, temporaryFolder } from './support/portal.mjs';
import { Terminal } from './support/terminal.mjs';

const patience = 15_000;

/** The throw-away folder of a portal that serves demo data: where its database is open. */
function throwAwayFolder(portal) {
  for (const fd of readdirSync(`/proc/${portal.pid}/fd`)) {
    const target = readlinkSync(`/proc/${portal.pid}/fd/${fd}`);
    if (target.endsWith('/portal.db')) return target.slice(0, -'/portal.db'.length);
  }
  return assert.fail('the portal has no database open');
}

/** A connection on which half a request has been received. */
async function halfARequest(portal) {
  const socket = net.connect(portal.port, '127.0.0.1');
  await new Promise((done) => socket.once('connect', done));
  // Pipelined behind a whole one: once that is answered, the half behind it has been received too.
  socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\n');
  await new Promise((done) => socket.once('data', done));
  socket.on('error', () => {});
  return socket;
}

/** Asks until the answer is not undefined or false. */
async function until(what, answer) {
  for (const end = Date.now() + patience; Date.now() < end; await pause(10)) {
    const got = answer();
    if (got) return got;
  }
  return assert.fail(`${what}: not in time`);
}

/** The process's state and controlling terminal (0: none), or undefined when it has ended. */
function processStat(pid) {
  try {
    const [state, , , , tty] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return state === 'Z' ? undefined : { state, tty: Number(tty) };
  } catch {
    return undefined;
  }
}

const hasEnded = (pid) => processStat(pid) === undefined;

/**
 * A portal on a terminal of its own, started by this line of shell, in which $PORTAL is its command line:
 * `{terminal, pid, port, log}`.
 */
async function onTerminal(t, line) {
  const folder = temporaryFolder();
  const [portFile, log, pidFile] = ['port', 'log', 'pid'].map((name) => join(folder, name));
  const PORTAL = `${binary} serve --seed --listen 127.0.0.1:0 --port-file ${portFile}`;
  const env = { ...process.env, PORTAL, LOG: log, PID_FILE: pidFile };
  const terminal = new Terminal(line, { env, cwd: folder });
  t.after(() => terminal.hangUp());
  const read = (file) => existsSync(file) && readFileSync(file, 'utf8');
  // One that outlives its terminal must not outlive the test, which may fail before it has learned the process id.
  t.after(() => {
    const pid = Number(read(pidFile));
    if (pid && !hasEnded(pid)) process.kill(pid, 'SIGTERM');
  });
  const port = Number(await until('the port file', () => read(portFile)));
  const pid = Number(await until('the process id', () => read(pidFile)));
  return { terminal, pid, port, portFile, log: () => read(log) || '' };
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} takes the throw-away data with it`, async () => {
    const portal = await startPortal();
    const folder = throwAwayFolder(portal);
    assert.ok(existsSync(folder));
    const end = await portal.kill(signal);
    assert.equal(end.code, 0, end.stderr);
    assert.ok(!existsSync(folder), `${folder} is still there`);
  });
}

test('a second signal ends a drain at once, and takes port file and throw-away data too', async () => {
  const portFile = join(temporaryFolder(), 'port');
  const portal = await startPortal({ portFile });
  const folder = throwAwayFolder(portal);
  const socket = await halfARequest(portal);
  portal.started.child.kill('SIGTERM');
  await portal.logged(/"event":"draining"/);
  portal.started.child.kill('SIGHUP'); // reloads nothing any more, and ends nothing
  const end = await portal.kill('SIGTERM');
  socket.destroy();
  assert.equal(end.code, 128 + 15);
  assert.ok(!existsSync(folder), `${folder} is still there`);
  assert.ok(!existsSync(portFile), `${portFile} is still there`);
});

/** Whose ready file it is; undefined while there is none. */
function pidIn(readyFile) {
  try {
    return JSON.parse(readFileSync(readyFile, 'utf8')).pid;
  } catch (error) {
    assert.equal(error.code, 'ENOENT');
    return undefined;
  }
}

test('a second signal does not take the files of a portal that has come to its place', async (t) => {
  const folder = temporaryFolder();
  const portFile = join(folder, 'port');
  const readyFile = join(folder, 'ready.json');
  const args = ['--ready-file', readyFile];
  const first = await startPortal({ portFile, args });
  await until('the ready file', () => pidIn(readyFile) === first.pid);
  const socket = await halfARequest(first);
  first.started.child.kill('SIGTERM');
  await first.logged(/"event":"draining"/);
  const second = await startPortal({ portFile, args });
  t.after(() => second.kill('SIGKILL'));
  await until('its ready file', () => pidIn(readyFile) === second.pid);
  const files = [portFile, `${portFile}.control`, readyFile];
  const announced = files.map((file) => readFileSync(file, 'utf8'));
  const end = await first.kill('SIGTERM');
  socket.destroy();
  assert.equal(end.code, 128 + 15);
  assert.deepEqual(
    files.map((file) => existsSync(file) && readFileSync(file, 'utf8')),
    announced,
  );
  await second.stop();
  for (const file of files) assert.ok(!existsSync(file), `${file} is still there`);
});

// Whoever closes a terminal window wants what runs in it to end: the kernel tells a session's first process, and a
// shell passes it on to its jobs with a signal that looks like anybody's.
for (const [who, line] of [
  ['the kernel', 'echo $$ >$PID_FILE; exec $PORTAL 2>$LOG'],
  ['its shell', '$PORTAL 2>$LOG & trap "kill -HUP $!; exit" HUP; echo $! >$PID_FILE; wait'],
]) {
  test(`a terminal that goes away ends the portal, told by ${who}`, async (t) => {
    const { terminal, pid, portFile, log } = await onTerminal(t, line);
    assert.notEqual(processStat(pid).tty, 0);
    terminal.hangUp();
    await until('the end', () => hasEnded(pid));
    assert.ok(!existsSync(portFile), 'the port file is still there');
    assert.match(log(), /"event":"draining","signal":1\b.*\n.*"event":"stopped"/);
  });
}

test('on a terminal, a SIGHUP that somebody sends reloads', async (t) => {
  const { pid, log } = await onTerminal(t, 'echo $$ >$PID_FILE; exec $PORTAL 2>$LOG');
  process.kill(pid, 'SIGHUP');
  await until('the reload', () => log().includes('"event":"reloaded"'));
  process.kill(pid, 'SIGTERM');
  await until('the end', () => hasEnded(pid));
});

test('under nohup the terminal may go, and SIGHUP still reloads', async (t) => {
  const { terminal, pid, port, log } = await onTerminal(t, 'echo $$ >$PID_FILE; exec nohup $PORTAL >/dev/null 2>$LOG');
  const reloads = () => log().split('"event":"reloaded"').length - 1;
  process.kill(pid, 'SIGHUP');
  await until('the reload', () => reloads() === 1);
  terminal.hangUp();
  await until('the hang-up', () => processStat(pid).tty === 0);
  const answer = await fetch(`http://127.0.0.1:${port}/livez`);
  assert.equal(answer.status, 200);
  // The hang-up may still wait to be looked at: of two equal signals, one is kept.
  await until('another reload', () => {
    process.kill(pid, 'SIGHUP');
    return reloads() > 1;
  });
  assert.ok(!log().includes('"event":"draining"'));
  process.kill(pid, 'SIGTERM');
  await until('the end', () => hasEnded(pid));
});

/** A service manager: `{path, heard}`, everything that it was told so far. */
async function serviceManager(t) {
  const path = join(temporaryFolder(), 'notify');
  const child = spawn('socat', ['-u', `UNIX-RECV:${path}`, 'STDOUT']);
  t.after(() => child.kill());
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (told += text));
  await until('socat', () => existsSync(path));
  return { path, heard: (pattern) => until(`${pattern} in ${told}`, () => pattern.test(told) && told) };
}

test('a service manager hears that it is ready, lives, reloads and stops', async (t) => {
  const manager = await serviceManager(t);
  const env = { NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '300000' };
  const portal = await startPortal({ env });
  await manager.heard(/^READY=1STATUS=\d+ connections from \d+ addresses/);
  assert.equal((await portal.request('/livez')).status, 200);
  await manager.heard(/(WATCHDOG=1.*){3}/s);
  portal.started.child.kill('SIGHUP');
  await manager.heard(/RELOADING=1\nMONOTONIC_USEC=\d+[^]*READY=1/); // the watchdog may be told something in between
  await portal.stop();
  const told = await manager.heard(/STOPPING=1/);
  assert.ok(told.endsWith('STOPPING=1'), told);
});

test('a portal that cannot start does not say that it is ready', async (t) => {
  const manager = await serviceManager(t);
  const portal = await startPortal({ env: { NOTIFY_SOCKET: manager.path } });
  await manager.heard(/READY=1/);
  const taken = ['--listen', `127.0.0.1:${portal.port}`];
  await assert.rejects(
    startPortal({ args: taken, env: { NOTIFY_SOCKET: manager.path } }),
    /another program already does/,
  );
  await portal.stop();
  const told = await manager.heard(/STOPPING=1/);
  assert.equal(told.split('READY=1').length, 2, told);
});

for (const [name, value] of [
  ['NOTIFY_SOCKET', 'vsock:2:1234'],
  ['WATCHDOG_USEC', 'soon'],
]) {
  test(`a wrong ${name} is refused by name and value`, async () => {
    const env = { NOTIFY_SOCKET: '/nowhere', [name]: value };
    await assert.rejects(startPortal({ env }), new RegExp(`\\(3\\).*environment ${name}: "${value}" is not`));
  });
}

test('the soft limit of descriptors is raised to the hard one', async () => {
  const portal = await startPortal({ prefix: ['sh', '-c', 'ulimit -S -n 256; exec "$@"', 'sh'] });
  const limits = readFileSync(`/proc/${portal.pid}/limits`, 'utf8');
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits);
  assert.equal(soft, hard);
  assert.notEqual(soft, '256');
  await portal.stop();
});

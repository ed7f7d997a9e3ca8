// A portal is replaced under load while somebody else holds its socket: nobody is refused, nothing is lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, temporaryFolder } from './support/portal.mjs';

const holder = join(dirname(fileURLToPath(import.meta.url)), 'support/socket_holder.mjs');
const patience = 15_000;
const clients = 8;
const replacements = 5;
// A page of a few tens of kilobytes: more than one send where the client is slow, and its length is known.
const request = 'GET /v1/contacts?limit=100 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer load_token\r\n\r\n';

/** The holder of the socket: `{port, start, stop, logged}`. */
async function holdSocket(t, portal) {
  const child = spawn(process.execPath, [holder, ...portal]);
  t.after(() => child.stdin.end()); // it goes when there is nothing to read any more
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => Number((await lines.next()).value);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const logged = (pattern, times) =>
    new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`no ${times} ${pattern}: ${log.slice(-4000)}`)), patience);
      const check = () => {
        if (log.split(pattern).length <= times) return;
        child.stderr.off('data', check);
        clearTimeout(timer);
        done();
      };
      child.stderr.on('data', check);
      check();
    });
  const start = () => {
    child.stdin.write('start\n');
    return next();
  };
  return { port: await next(), start, stop: (pid) => child.stdin.write(`stop ${pid}\n`), logged };
}

/** One whole answer at the head of `bytes`: its length, or undefined while there is more to come. */
function wholeAnswer(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  assert.match(head, /^HTTP\/1\.1 200 /);
  const length = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)[1]);
  return bytes.length < length ? undefined : length;
}

/** What may happen on a connection, as the client sees it. Asks without pause until the other side closes. */
function useConnection(port, stats, isOver) {
  return new Promise((done, failed) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    let bytes = Buffer.alloc(0);
    let answers = 0;
    let connected = false;
    const ask = () => socket.write(request);
    socket.on('connect', () => {
      connected = true;
      ask();
    });
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const length = wholeAnswer(bytes);
        if (length === undefined) return;
        assert.equal(bytes.length, length, 'more than was asked for');
        assert.equal(JSON.parse(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)).data.length, 100);
      } catch (error) {
        failed(error);
        return;
      }
      bytes = Buffer.alloc(0);
      answers += 1;
      stats.answers += 1;
      if (isOver()) socket.end();
      else ask();
    });
    socket.on('error', (error) => (stats.error = error.code)); // `close` follows
    socket.on('close', () => {
      if (!connected) failed(new Error(`a connection was refused: ${stats.error}`));
      else if (bytes.length)
        failed(new Error(`an answer ended after ${bytes.length} bytes: ${bytes.subarray(0, 300)}`));
      else if (!answers) failed(new Error(`the first request of a connection was not answered (${stats.error})`));
      else done();
    });
  });
}

async function client(port, stats, isOver) {
  while (!isOver()) {
    stats.connections += 1;
    await useConnection(port, stats, isOver);
  }
}

for (const [how, overlap] of [
  ['one after the other', false],
  ['the next beside the last', true],
]) {
  test(`replaced ${replacements} times under load, ${how}`, { timeout: 120_000 }, async (t) => {
    const portal = [binary, 'serve', '--seed', '--data-dir', join(temporaryFolder(), 'data'), '--log-access=false'];
    portal.push('--control-listen', '127.0.0.1:0');
    const { port, start, stop, logged } = await holdSocket(t, portal);
    const stats = { answers: 0, connections: 0 };
    let over = false;
    let pid = await start();
    await logged('"event":"listening"', 1);
    const load = Promise.all(Array.from({ length: clients }, () => client(port, stats, () => over)));
    const answersReach = (count) =>
      Promise.race([
        load,
        new Promise((done) => {
          const timer = setInterval(() => {
            if (stats.answers < count) return;
            clearInterval(timer);
            done();
          }, 5);
          t.after(() => clearInterval(timer));
        }),
      ]);
    for (let round = 1; round <= replacements; round += 1) {
      await answersReach(stats.answers + 500);
      stop(pid);
      if (!overlap) await logged('"event":"stopped"', round);
      pid = await start();
      await Promise.race([load, logged('"event":"listening"', round + 1)]);
    }
    await answersReach(stats.answers + 500);
    over = true;
    await load;
    stop(pid);
    await logged('"event":"stopped"', replacements + 1);
    t.diagnostic(`${stats.answers} answers over ${stats.connections} connections`);
    assert.ok(stats.connections >= clients + replacements, 'every portal has served');
  });
}

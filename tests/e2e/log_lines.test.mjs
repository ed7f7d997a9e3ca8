// Whatever comes in, each line of the log is one JSON object: nobody can end a line, forge one, or break whoever reads
// them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { unlimited } from './support/budgets.mjs';
import { mustRun, startPortal, temporaryFolder } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

// What would end a string, a line or a terminal's patience, or is no text at all.
const hostile = [
  '"',
  '\\',
  '\\"}',
  '"}\n{"event":"forged"}',
  '\r\n{"event":"forged"}\r\n',
  '%0d%0a{"event":"forged"}',
  '%00%01%1b[2J%7f',
  '\x00',
  '\x01\x02\x1f',
  '\x1b[31m',
  '\x7f',
  '\u2028\u2029',
  '\x85',
  '\xff\xfe',
  '\xc3\x28',
  '\xed\xa0\x80',
  '\xf4\x90\x80\x80',
  '\xc0\xaf',
  "</script>'--",
  '${jndi:x}%s%n%p',
  'a'.repeat(32 * 1024),
];
// A folder's name is in lines about backups and about keys.
const odd = 'a "quoted"\n{"event":"forged"}\\\t\x1b';

const folder = temporaryFolder();
const logFile = join(folder, 'log');
let portal;

before(async () => {
  const dataDir = join(folder, odd);
  mkdirSync(dataDir, { mode: 0o700 });
  const data = ['--data-dir', dataDir];
  await mustRun(['tenant', 'create', 'acme', ...data]);
  await mustRun(['token', 'create', '--operator', '--scopes', 'admin', ...data]);
  const intoFile = ['bash', '-c', `exec "$@" 2>'${logFile}'`, 'bash'];
  const socket = join(folder, 's "o\\ck');
  const args = ['--log-level', 'debug', '--backup-dir', join(folder, `b${odd}`), '--listen', `unix:${socket}`];
  portal = await startPortal({ dataDir, args: [...args, '--backup-every', '1d'], prefix: intoFile, env: unlimited });
});
after(() => portal.kill('SIGKILL'));

/** A line is one flat object whose keys are there once, in bytes that are UTF-8 and no control characters. */
function read(bytes) {
  const line = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  assert.doesNotMatch(line, /[\u0000-\u001f\u007f]/, JSON.stringify(line));
  const entry = JSON.parse(line);
  const keys = line.match(/"(?:[^"\\]|\\.)*"(?=:)/g);
  assert.deepEqual(
    keys.map((key) => JSON.parse(key)),
    Object.keys(entry),
    line,
  );
  for (const value of Object.values(entry)) assert.ok(['string', 'number'].includes(typeof value), line);
  assert.match(entry.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(['debug', 'info', 'warning', 'error'].includes(entry.level), line);
  assert.match(entry.event, /^[a-z_]+$/);
  assert.notEqual(entry.event, 'forged');
  return entry;
}

function entries() {
  const bytes = readFileSync(logFile);
  assert.equal(bytes.at(-1), 0x0a, 'the last line is whole');
  const lines = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    lines.push(read(bytes.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

/** The log once a line of this event is there. */
async function logged(event) {
  const patience = Date.now() + 15_000;
  for (;;) {
    const bytes = readFileSync(logFile);
    if (bytes.includes(`"event":"${event}"`) && bytes.at(-1) === 0x0a) return entries();
    assert.ok(Date.now() < patience, `no ${event}: ${bytes}`);
    await passed(10);
  }
}

const fields = ['X-Request-Id', 'X-Trace-Id', 'traceparent', 'Authorization', 'X-Forwarded-For', 'Origin'];

/** Requests with `text` wherever a request has room for some. */
const requestsWith = (text) => [
  `GET /v1/contacts/${text} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /v1/health?${text} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET ${text} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `${text} /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET /v1/health ${text}\r\nHost: localhost\r\n\r\n`,
  ...fields.map((name) => `GET /v1/health HTTP/1.1\r\nHost: localhost\r\n${name}: ${text}\r\n\r\n`),
  `GET /v1/health HTTP/1.1\r\nHost: ${text}\r\n\r\n`,
  `GET /v1/contacts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${text}\r\n\r\n`,
  `GET /v1/health HTTP/1.1\r\nHost: localhost\r\n${text}: x\r\n\r\n`,
  `GET /files/b/jobs/j/files/n?expires=1&client=${text}&signature=${'0'.repeat(64)} HTTP/1.1\r\nHost: [::1]\r\n\r\n`,
  `PUT /api/tenants/${text}/contacts/${text} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`,
];

async function send(port, request) {
  const wire = await Wire.open(port);
  wire.send(Buffer.from(request, request.includes('\u2028') ? 'utf8' : 'latin1'));
  wire.socket.end();
  await wire.end();
  wire.close();
}

test('a line that is none is found', () => {
  const start = '{"time":"2025-09-02T10:15:00.000Z","level":"info","event":"request"';
  const line = (rest) => Buffer.from(`${start}${rest}}`, 'latin1');
  assert.equal(read(line(',"route":"/a\\nb"')).route, '/a\nb');
  const texts = [',"route":"a"b"', ',"route":"\t"', ',"route":"\xff"', '\n', '}{'];
  const shapes = [',"level":"info"', ',"more":{}', ',"more":null', ',"more":[]'];
  for (const rest of [...texts, ...shapes]) assert.throws(() => read(line(rest)), undefined, rest);
});

test('no request can write anything but its own fields', async (t) => {
  let sent = 0;
  for (const port of [portal.port, portal.controlPort]) {
    for (const text of hostile) {
      for (const request of requestsWith(text)) {
        await send(port, request);
        sent += 1;
      }
    }
  }
  // Lines are written in the order of their requests' ends: the last one's line comes after all others.
  await send(portal.port, 'GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: the-last\r\n\r\n');
  const patience = Date.now() + 15_000;
  while (!readFileSync(logFile).includes('"request_id":"the-last"') && Date.now() < patience) await passed(10);
  const requests = entries().filter(({ event }) => event === 'request');
  assert.ok(requests.length > sent / 2, `${requests.length} lines for ${sent} requests`);
  for (const { method, route, address, request_id, trace_id, client, token } of requests) {
    assert.match(method, /^[A-Za-z]+$/);
    assert.match(route, /^(other|\/[A-Za-z0-9/{}._-]*)$/);
    assert.match(address, /^127\.0\.0\.1$/);
    assert.match(request_id, /^[A-Za-z0-9._-]{1,128}$/);
    assert.match(trace_id, /^[A-Za-z0-9._-]{1,64}$/);
    assert.equal(client + token, '');
  }
  t.diagnostic(`${sent} requests, ${requests.length} access lines`);
});

test('nor can what an operator calls a folder or a socket', async () => {
  const made = (await logged('backup_made')).find(({ event }) => event === 'backup_made');
  assert.ok(made.folder.startsWith(join(folder, `b${odd}`)), made.folder);
  const socket = (await logged('listening')).filter(({ event }) => event === 'listening').at(-1);
  assert.ok(socket.address.endsWith('s "o\\ck'), socket.address);
  const keys = join(folder, odd, 'keys/signing.json');
  writeFileSync(keys, 'no JSON');
  const unusable = (await logged('signing_keys_unusable')).find(({ event }) => event === 'signing_keys_unusable');
  assert.ok(unusable.cause.includes(odd), unusable.cause);
});

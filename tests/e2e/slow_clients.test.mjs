// slowhttptest's three slow clients at once (heads, bodies, reads), while a good one works.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { demo, startPortal, temporaryFolder } from './support/portal.mjs';

const connections = 50; // of each kind
const deadline = 2; // seconds, of the portal
const most = 12; // seconds that an attack lasts when nobody ends it
const patience = 5; // seconds in which slowhttptest's own probe and the good client want an answer
const slack = 5; // seconds: slowhttptest counts whole ones, and the machine is busy with other tests
const pause = 20; // milliseconds between the requests of the good client

const common = ['-c', connections, '-r', 200, '-l', most, '-p', patience, '-v', 1, '-g'];

/** Runs an attack to its end: `{said, rows}`, its output and its statistics, one row a second. */
async function attack(name, options) {
  const prefix = join(temporaryFolder(), name);
  const child = spawn('slowhttptest', [...common, '-o', prefix, ...options].map(String));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, said);
  const [, ...lines] = readFileSync(`${prefix}.csv`, 'utf8').trim().split('\n');
  const rows = lines.map((line) => {
    const [second, closed, pending, connected, available] = line.split(',').map(Number);
    return { second, closed, pending, connected, available };
  });
  return { name, said, rows };
}

function assertAvailable({ name, rows }) {
  assert.ok(
    rows.every(({ available }) => available > 0),
    `${name}: ${JSON.stringify(rows)}`,
  );
}

function assertEnded({ name, said, rows }, longest) {
  const what = `${name}: ${JSON.stringify(rows)}`;
  assert.match(said, /No open connections left/, what);
  const made = rows.map(({ connected, closed }) => connected + closed);
  const complete = made.indexOf(Math.max(...made)); // the last connection came in this second
  const seconds = rows.at(-1).second - rows[complete].second;
  assert.ok(seconds <= longest + slack, `ended ${seconds} s after the last connection: ${what}`);
}

/** Asks again and again until `ended` settles: how many answers there were. */
async function work(portal, ended) {
  let over = false;
  ended.then(
    () => (over = true),
    () => (over = true),
  );
  let answers = 0;
  for (; !over; answers += 1) {
    const start = performance.now();
    const answer = await portal.request('/v1/contacts?limit=20', { token: demo.token });
    assert.equal(answer.status, 200, answer.text);
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds < patience, `a good client waited ${seconds} s for its answer`);
    await setTimeout(pause);
  }
  return answers;
}

test('slow heads, slow bodies and slow reads are ended in time and keep nobody from working', async (t) => {
  const deadlines = ['--net-head-timeout', `${deadline}s`, '--net-send-timeout', `${deadline}s`];
  const portal = await startPortal({ args: deadlines });
  t.after(() => portal.kill('SIGTERM'));
  const { signed_url: blob } = await portal.fileRow();
  const attacks = Promise.all([
    attack('heads', ['-H', '-i', 1, '-u', `${portal.base}/livez`]),
    attack('bodies', ['-B', '-i', 1, '-u', `${portal.base}/livez`]),
    attack('reads', ['-X', '-n', 1, '-z', 5, '-w', 16, '-y', 64, '-u', blob]),
  ]);
  const [[heads, bodies, reads], answers] = await Promise.all([attacks, work(portal, attacks)]);

  for (const each of [heads, bodies, reads]) assertAvailable(each);
  assertEnded(heads, deadline);
  assertEnded(bodies, 0);
  assert.ok(answers >= 10, `${answers} answers`);

  const { stderr } = await portal.stop();
  const lines = stderr.split('\n').filter((line) => line.includes('"route"'));
  const logged = (status) => lines.map((line) => JSON.parse(line)).filter((entry) => entry.status === status);
  assert.equal(logged(408).length, connections, 'each slow head is told that it came too late');
  assert.equal(logged(405).length, connections, 'no body is waited for');
  // Slow readers have some of the answer left to read when they are disconnected, so slowhttptest does not notice. The
  // rate is measured over the deadline, twice at most: what the kernel took at first counts for the first time.
  const unfinished = logged(200).filter(({ route, bytes }) => route.startsWith('/files/') && bytes < demo.fileSize);
  assert.ok(unfinished.length >= connections, `${unfinished.length} slow readers and slowhttptest's own probes`);
  const longest = Math.max(...unfinished.map(({ ms }) => ms));
  assert.ok(longest <= (2 * deadline + slack) * 1000, `a slow reader was served for ${longest} ms`);
});

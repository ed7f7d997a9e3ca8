// `portal-appliance logs` as somebody meets it who looks for a reason.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { binary, demo, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { Terminal } from './support/terminal.mjs';

const folder = temporaryFolder();
const file = join(folder, 'log');
const traceId = 'the-one-that-failed';
const foreign = 'Traceback (most recent call last): \x1b[0m';

before(async () => {
  const portal = await startPortal({ args: ['--log-level', 'debug'] });
  await portal.request('/v1/health');
  await portal.request('/v1/contacts?limit=1', { token: demo.token });
  await portal.request('/v1/contacts?limit=1', { token: demo.otherToken });
  await portal.request('/v1/jobs/none', { token: demo.token, headers: { 'X-Trace-Id': traceId } });
  await portal.request('/v1/nowhere');
  const { stderr } = await portal.stop();
  writeFileSync(file, `${foreign}\n${stderr}`);
});

const show = async (...flags) => (await mustRun(['logs', file, ...flags])).stdout.trimEnd().split('\n');

test('lines are for people, and those of somebody else are as they were', async () => {
  const lines = await show();
  assert.equal(lines[0], foreign);
  const ours = lines.slice(1);
  for (const line of ours) assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z (debug|info|warning|error) +\S/);
  const health = ours.find((line) => line.includes('/v1/health'));
  assert.match(
    health,
    /info {4}GET \/v1\/health 200 \d+\.\d{3} ms \d+ bytes address=127\.0\.0\.1 request_id=\S+ trace_id=\S+$/,
  );
  assert.ok(
    ours.some((line) => /info {4}listening address=127\.0\.0\.1:\d+ scheme=http$/.test(line)),
    ours.join('\n'),
  );
  assert.doesNotMatch(ours.join(''), /[\u0000-\u001f]/, 'no colours but on a terminal');
});

test('filters leave what is looked for', async () => {
  const has = (text, count) => (lines) =>
    assert.deepEqual([lines.length, lines.every((line) => line.includes(text))], [count, true], lines.join('\n'));
  for (const [flags, check] of [
    [['--trace-id', traceId], has(`trace_id=${traceId}`, 1)],
    [['--client', 'client_prod'], has('client=client_prod', 2)],
    [['--route', '/v1/contacts'], has(' GET /v1/contacts 200 ', 2)],
    [['--route', '/v1/contacts', '--client', 'client_prod'], has('client=client_prod', 1)],
    [['--status', '404'], has(' 404 ', 2)],
    [['--status', '4xx', '--route', '/v1/jobs/{jobId}'], has(' 404 ', 1)],
    [['--level', 'warning', '--route', '/v1/contacts'], (lines) => assert.deepEqual(lines, [''])],
  ]) {
    check(await show(...flags));
  }
});

test('a flag that means nothing is told', async () => {
  for (const [flags, told] of [
    [['--status', 'bad'], /--status: "bad" is no status; give one, as in 404, or a class, as in 5xx/],
    [['--level', 'loud'], /--level/],
  ]) {
    const { code, stderr } = await runPortal(['logs', file, ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, told);
  }
  const missing = await runPortal(['logs', join(folder, 'none')]);
  assert.equal(missing.code, 6);
  assert.match(missing.stderr, /none cannot be read: No such file/);
});

test('a broken configuration is no hindrance', async () => {
  const { code } = await runPortal(['logs', file], { env: { PORTAL_LOG_LEVEL: 'loud' } });
  assert.equal(code, 0);
});

test('each line of a stream is shown when it comes', async () => {
  const { child, ended } = spawnPortal(['logs', '--level', 'warning']);
  const entry = (event, level) => `{"time":"2025-09-02T02:05:23.456Z","level":"${level}","event":"${event}"}\n`;
  for (const event of ['first', 'second']) {
    const shown = new Promise((done) => child.stdout.once('data', done));
    child.stdin.write(entry('unseen', 'info') + entry(event, 'error'));
    assert.equal(await shown, `2025-09-02 02:05:23.456Z error   ${event}\n`);
  }
  child.stdin.end();
  assert.equal((await ended).code, 0);
});

test('a line without an end takes no more memory than the longest that is read', async () => {
  const { child, ended } = spawnPortal(['logs', '--level', 'warning']);
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent < 96; sent += 1) {
    await new Promise((done, failed) => child.stdin.write(chunk, (error) => (error ? failed(error) : done())));
  }
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
  child.stdin.end();
  assert.equal((await ended).code, 0);
  assert.ok(Number(peak) < 48 * 1024, `${peak} kB`);
});

/** What `logs` shows of the file on a terminal. */
async function onTerminal(flags, env = {}) {
  const terminal = new Terminal(`'${binary}' logs '${file}' ${flags}`, {
    env: { PATH: process.env.PATH, TERM: 'xterm', ...env },
  });
  assert.equal(await terminal.ended, 0, terminal.shown);
  return terminal.shown;
}

test('a terminal gets colours, unless NO_COLOR is set', async () => {
  assert.match(await onTerminal('--status 404'), /\x1b\[33m404\x1b\[0m/);
  assert.doesNotMatch(await onTerminal('--status 404', { NO_COLOR: '1' }), /\x1b/);
});

test('a terminal gets no control characters of somebody else', async () => {
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const shown = await onTerminal('', env);
    assert.ok(shown.startsWith('Traceback (most recent call last): \\u001b[0m\r\n'), shown.slice(0, 100));
    assert.doesNotMatch(shown, /\x1b/);
  }
});

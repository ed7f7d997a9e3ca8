// Log lines are written beside the requests: a reader of stderr that has stopped holds up nobody, what it misses is
// counted, and what has been logged comes out though the process is ended at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { unlimited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

const linesOf = (log) =>
  log
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test('a stopped reader of stderr stops no request, and hears how many lines it has missed', async () => {
  const portal = await startPortal({ env: unlimited });
  await portal.logged(/"event":"control_listening"/);
  const { stderr } = portal.started.child;
  stderr.pause();
  // Some 330 bytes a line into a buffer of 4 MiB, and what lies in pipes: twice as many as fit.
  const id = 'x'.repeat(128);
  const heads = `GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`.repeat(1000);
  const wire = await Wire.open(portal.port);
  for (let sent = 0; sent < 26; sent += 1) {
    wire.send(heads);
    for (let answer = 0; answer < 1000; answer += 1) assert.equal((await wire.answer()).status, 200);
  }
  wire.close();
  assert.equal((await portal.request('/v1/contacts?limit=1', { token: demo.token })).status, 200);
  stderr.resume();
  const lost = linesOf((await portal.logged(/"log_lines_dropped".*\n/)).replace(/[^\n]*$/, '')).filter(
    ({ event }) => event === 'log_lines_dropped',
  );
  assert.ok(lost[0].count > 1000, JSON.stringify(lost));
  const { stderr: log } = await portal.stop();
  const lines = linesOf(log);
  const told = lines.filter(({ event }) => event === 'log_lines_dropped').reduce((sum, { count }) => sum + count, 0);
  const kept = lines.filter(({ event }) => event === 'request').length;
  assert.equal(kept + told, 26_001, 'each line is there or counted');
});

test('lines that find the disk full are counted, and requests go on', async (t) => {
  const portal = await startPortal({ prefix: ['sh', '-c', 'exec "$@" 2> /dev/full', 'sh'] });
  t.after(() => portal.kill('SIGKILL'));
  const counted = async () => (await portal.control('/api/log')).json.lines_dropped;
  assert.equal((await portal.request('/livez')).status, 200);
  await eventually(async () => (await counted()) > 0, 'a lost line is counted', 10_000);
  const least = await counted();
  const { text } = await portal.request('/metrics');
  assert.ok(Number(/^portal_log_lines_dropped_total (\d+)$/m.exec(text)[1]) >= least, text);
  await portal.stop();
});

test('a second signal ends the portal at once, with all that it has logged', async () => {
  const portal = await startPortal({ env: unlimited });
  const wire = await Wire.open(portal.port);
  for (const id of ['the-last-but-one', 'the-last']) {
    const half = id === 'the-last' ? 'GET /livez HTTP/1.1\r\n' : ''; // of a request: it is waited for at the end
    wire.send(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n${half}`);
    await wire.answer();
  }
  process.kill(portal.pid, 'SIGTERM');
  process.kill(portal.pid, 'SIGINT');
  const { code, stderr } = await portal.started.ended;
  wire.close();
  assert.ok([128 + 2, 128 + 15].includes(code), `${code}`);
  assert.ok(
    linesOf(stderr).some(({ request_id }) => request_id === 'the-last-but-one'),
    stderr,
  );
});

// /metrics when it is asked at a bad moment: before everything stands, while the disk hangs, while the store is out of
// reach.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { injecting, injectInto } from '../faults/injection.mjs';
import { demo, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { startInTestMode } from './support/test_mode.mjs';

const forwarded = { 'X-Forwarded-For': '192.0.2.1' }; // so that this machine is not known by its address
const readAt = 'portal_storage_read_timestamp_seconds';
const valueOf = (text, series) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length),
  );
const familiesOf = (text) => [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);

let portal;
before(async () => (portal = await startPortal({ args: ['--net-loops', '1'] })));
after(() => portal.stop());

test('the first scrapes of all are whole', async (t) => {
  // They wait in the socket's queue before the portal has begun, and each thread that it makes, of which those that
  // answer are not the last, takes it a while.
  const socket = net.createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const prefix = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', ...injecting('clone3:delay_exit=100000').prefix];
  const args = ['serve', '--seed', '--ephemeral', '--port-file', join(temporaryFolder(), 'port')];
  const started = spawnPortal(args, { prefix, passed: [socket], env: { LISTEN_FDS: '1' } });
  t.after(() => started.child.kill('SIGKILL'));
  socket.close();
  const ask = async () => {
    const connection = net.connect(port, '127.0.0.1');
    connection.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const bytes of connection) text += bytes;
    assert.match(text, /^HTTP\/1\.1 200 /);
    return text;
  };
  const first = await Promise.all(Array.from({ length: 20 }, ask));
  const later = familiesOf(await ask());
  assert.ok(later.includes('portal_disk_free_bytes') && later.includes(readAt), later.join(' '));
  for (const text of first) assert.deepEqual(familiesOf(text), later);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 0);
});

test('a disk that hangs holds up neither scrapes nor anybody else, and shows', async (t) => {
  const scrape = async () => (await portal.request('/metrics')).text;
  const before = await scrape();
  assert.ok(Math.abs(valueOf(before, readAt) - Date.now() / 1000) < 30, before);
  const disk = await injectInto(t, portal.pid, ['statfs:delay_enter=15000000']);
  let last = { at: 0 };
  await eventually(
    async () => {
      const begun = performance.now();
      const [text] = await Promise.all([scrape(), portal.request('/livez')]);
      assert.ok(performance.now() - begun < 10_000, 'somebody waited for the disk');
      assert.ok(valueOf(text, 'portal_disk_free_bytes') > 0, 'what it said last');
      if (valueOf(text, readAt) !== last.at) last = { at: valueOf(text, readAt), since: performance.now() };
      return performance.now() - last.since > 3_000;
    },
    'the reading gets old',
    30_000,
  );
  await disk.end();
  await eventually(async () => valueOf(await scrape(), readAt) > last.at, 'the disk answers', 30_000);
});

test('a scraper with a token reads the metrics while the breaker of the database is open', async () => {
  const { json } = await portal.control('/api/tokens', { method: 'POST', body: { scopes: ['metrics'] } });
  const force = (state) => portal.control('/api/breakers/database', { method: 'PUT', body: { state } });
  assert.equal((await force('open')).status, 200);
  const { status, text } = await portal.request('/metrics', { token: json.token, headers: forwarded });
  assert.equal(status, 200, text);
  assert.equal(valueOf(text, 'portal_breaker_state{breaker="database",state="OPEN"}'), 1);
  assert.equal((await portal.request('/metrics', { token: 'nobody_token', headers: forwarded })).status, 401);
  assert.equal((await portal.request('/v1/contacts', { token: demo.token })).status, 503, 'and nothing else');
  const page = await portal.control('/api/metrics');
  assert.equal(page.status, 200, page.text);
  for (const name of ['portal_database_bytes', 'portal_wal_bytes', 'portal_disk_free_bytes', 'portal_blob_bytes']) {
    assert.ok(page.text.includes(name), name);
  }
  assert.equal((await force('auto')).status, 200);
});

test('a scraper that the store knew of late is known while it cannot be read', async (t) => {
  const failing = await startInTestMode();
  t.after(() => failing.started.child.kill('SIGKILL'));
  const { json } = await failing.control('/api/tokens', { method: 'POST', body: { scopes: ['metrics'] } });
  const scrape = (token = json.token) => failing.data('/metrics', { token, headers: forwarded });
  assert.equal((await scrape()).status, 200);
  await failing.put('/test/faults', { dependencies: { database: 'io_error' } });
  const { status, text } = await scrape();
  assert.equal(status, 200, text);
  assert.equal((await scrape('somebody_token')).status, 503, 'nobody can say');
  await failing.put('/test/faults', {});
  assert.equal((await scrape('somebody_token')).status, 401);
  await failing.stop();
});

test('it says whether the portal is ready', async () => {
  assert.equal(valueOf((await portal.request('/metrics')).text, 'portal_ready'), 1);
});

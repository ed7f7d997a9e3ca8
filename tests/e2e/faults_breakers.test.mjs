// Circuit breakers before a disk that really fails: strace has the portal's system calls fail, and lets go again. The
// diagnostics say when it opened, how fast it refused, and when it closed.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { injectInto } from '../faults/injection.mjs';
import { unlimited } from './support/budgets.mjs';
import { demo, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';

const openForMs = 1_500;
const refusals = 200;
const { token } = demo;

async function startWithBreakers(t) {
  const dataDir = join(temporaryFolder(), 'data');
  const args = ['--breakers-open-for', `${openForMs}ms`, '--log-access', 'false'];
  const portal = await startPortal({ dataDir, seed: true, args, env: unlimited });
  t.after(() => portal.kill('SIGKILL'));
  return { portal, dataDir };
}

const readPage = (portal) => portal.request('/v1/contacts?limit=20', { token });
const rename = (portal, name) =>
  portal.control(`/api/tenants/acme/contacts/${demo.contact}`, {
    method: 'PATCH',
    token: demo.feedToken,
    body: { name: `Renamed ${name}` },
  });
let uploads = 0;
const upload = (portal) =>
  portal.control(`/api/tenants/acme/jobs/${demo.job}/files/file_fault/content?name=fault.bin`, {
    method: 'PUT',
    token: demo.feedToken,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: Buffer.from(`never the same ${(uploads += 1)}`),
  });

const health = async (portal) => (await portal.request('/v1/health')).json;
const quantile = (times, share) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)].toFixed(2);

function assertCircuitOpen(answer) {
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.json.code, 'CIRCUIT_OPEN', answer.text);
  const seconds = Number(answer.headers['retry-after']);
  assert.ok(seconds >= 1 && seconds <= Math.ceil(openForMs / 1000), `Retry-After: ${seconds}`);
}

/**
 * Breaks what the breaker `name` stands before, until it opens; looks at the refusals; mends it, until it is closed.
 * `use()` needs the dependency and fails while it is broken. `probesFail`: none of the calls of a broken dependency
 * succeeds, so that it is tried in vain once before it is mended.
 */
async function goRound(t, portal, { name, injections, use, probesFail }) {
  const start = performance.now();
  const note = (what) => t.diagnostic(`${name}, ${Math.round(performance.now() - start)} ms: ${what}`);
  const state = async () => (await health(portal)).circuitBreakers[name]?.state ?? 'CLOSED';

  const injection = await injectInto(t, portal.pid, injections);
  note(`broken: ${injections}`);
  const answers = {};
  for (let n = 0; (await state()) === 'CLOSED'; n += 1) {
    const { status, text } = await use();
    const said = status === 200 || status === 201 ? status : JSON.parse(text).code;
    answers[said] = (answers[said] ?? 0) + 1;
    assert.ok(n < 200, `${name} stays closed: ${JSON.stringify(answers)}`);
  }
  note(`open after ${JSON.stringify(answers)}`);

  const times = [];
  while (times.length < refusals && (await state()) === 'OPEN') {
    const asked = performance.now();
    const answer = await use();
    const took = performance.now() - asked;
    if (answer.json.code !== 'CIRCUIT_OPEN') break; // half-open just now
    assertCircuitOpen(answer);
    times.push(took);
  }
  assert.ok(times.length >= 20, `only ${times.length} refusals`);
  note(`${times.length} refusals, p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`);

  if (probesFail) {
    await portal.logged(new RegExp(`"breaker":"${name}","from":"OPEN","to":"HALF_OPEN"`));
    note('half-open, while nobody asked for anything');
    await eventually(async () => (await use()) && (await state()) === 'OPEN', 'a failed probe opens it', 5_000);
    note('open again');
  }

  const injected = await injection.end();
  note(`mended: ${JSON.stringify(injected)} calls had failed`);
  await eventually(
    async () => [200, 201].includes((await use()).status) && (await state()) === 'CLOSED',
    'closed once it works again',
    openForMs + 10_000,
  );
  note('closed');
  const { transitions } = (await portal.control('/api/breakers')).json.data.find((each) => each.name === name);
  for (const { at, from, to, reason } of transitions) t.diagnostic(`${at} ${from} > ${to}: ${reason}`);
  const moves = transitions.map(({ from, to }) => `${from}>${to}`);
  assert.equal(moves[0], 'CLOSED>OPEN');
  if (probesFail) assert.deepEqual(moves.slice(1, 3), ['OPEN>HALF_OPEN', 'HALF_OPEN>OPEN']);
  assert.equal(moves.at(-1), 'HALF_OPEN>CLOSED');
  const { stderr } = await portal.stop();
  const lines = stderr.split('\n').filter((line) => line.includes('"breaker_transition"'));
  assert.deepEqual(
    lines.map(JSON.parse).map(({ breaker, from, to, reason }) => ({ breaker, from, to, reason })),
    transitions.map(({ from, to, reason }) => ({ breaker: name, from, to, reason })),
    'each is logged once',
  );
  return transitions;
}

test('a database that cannot be read', async (t) => {
  const { portal, dataDir } = await startWithBreakers(t);
  assert.equal((await readPage(portal)).status, 200);
  // Another process's commit, after which nobody trusts the pages and tokens that he has in memory.
  await mustRun(['tenant', 'create', 'elsewhere', '--data-dir', dataDir]);
  const [opened] = await goRound(t, portal, {
    name: 'database',
    injections: ['pread64:error=EIO'],
    use: () => readPage(portal),
    probesFail: true,
  });
  assert.match(
    opened.reason,
    /^\d+ of the last \d\d calls failed: (disk I\/O error|database disk image is malformed) \(SQLite \d+\)$/,
  );
});

test('a database whose commits fail', async (t) => {
  const { portal } = await startWithBreakers(t);
  await goRound(t, portal, {
    name: 'database',
    injections: ['fdatasync:error=EIO'],
    use: () => rename(portal, performance.now()),
    probesFail: false, // reads go well, and may close it before commits do
  });
});

test('blobs that cannot be synced: rows are read on', async (t) => {
  const { portal, dataDir } = await startWithBreakers(t);
  await goRound(t, portal, {
    name: 'blobs',
    injections: ['fsync:error=EIO'],
    use: async () => {
      assert.equal((await readPage(portal)).status, 200);
      return upload(portal);
    },
    probesFail: true,
  });
  assert.deepEqual(readdirSync(join(dataDir, 'blobs', 'tmp')), []);
});

test('blobs that cannot be opened for a download', async (t) => {
  const { portal } = await startWithBreakers(t);
  const { signed_url: url } = await portal.fileRow();
  await goRound(t, portal, {
    name: 'blobs',
    injections: ['openat:error=EIO'],
    use: () => portal.request(url),
    probesFail: true,
  });
});

test('blobs that cannot be read on their way to a client', async (t) => {
  const { portal } = await startWithBreakers(t);
  const { signed_url: url } = await portal.fileRow();
  const cutShort = { status: 0, text: '{"code":"cut short"}', json: { code: 'cut short' } };
  await goRound(t, portal, {
    name: 'blobs',
    injections: ['sendfile:error=EIO'],
    use: () => portal.request(url).catch(() => cutShort),
    probesFail: true,
  });
});

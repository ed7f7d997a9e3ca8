// What a fixture needs of a portal: a file that says when and where, a store that leaves nothing, and an end with its
// parent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { binary, demo, runPortal, spawnPortal, temporaryFolder } from './support/portal.mjs';
import { isRunning } from './support/process.mjs';
import { readyFile, startInTestMode } from './support/test_mode.mjs';

async function until(what, holds) {
  const end = Date.now() + 15_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `waited too long for ${what}`);
    await wait(5);
  }
}

async function startReady(args, options) {
  const file = join(temporaryFolder(), 'ready.json');
  const started = spawnPortal(['serve', '--listen', '127.0.0.1:0', '--ready-file', file, ...args], options);
  return { file, started, ready: await readyFile(file, started.ended) };
}

test('the ready file says where both planes answer, who it is, and which tokens there are', async () => {
  const { file, started, ready } = await startReady(['--seed']);
  assert.equal(ready.pid, started.child.pid);
  assert.equal(ready.tokens.client_prod, demo.token);
  assert.equal(ready.tokens.admin, demo.adminToken);
  const asked = await Promise.all([
    fetch(`${ready.url}/v1/contacts?limit=1`, { headers: { Authorization: `Bearer ${ready.tokens.client_feed}` } }),
    fetch(`${ready.control_url}/api/status`, { headers: { Authorization: `Bearer ${ready.tokens.admin}` } }),
  ]);
  assert.deepEqual(
    asked.map(({ status }) => status),
    [200, 200],
  );
  await Promise.all(asked.map((answer) => answer.arrayBuffer()));
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 0);
  assert.ok(!existsSync(file), 'the file is there while nobody answers');
});

test('a ready file without demo data has no tokens, and without a control plane no URL of it', async () => {
  const { started, ready } = await startReady(['--data-dir', join(temporaryFolder(), 'data'), '--control-listen', '']);
  assert.deepEqual(ready.tokens, {});
  assert.equal(ready.control_url, null);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 0);
});

test('a stale ready file goes before the portal is ready, and one that cannot be written is told', async () => {
  const file = join(temporaryFolder(), 'ready.json');
  writeFileSync(file, 'of yesterday');
  const bad = await runPortal([
    'serve',
    '--seed',
    '--listen',
    '127.0.0.1:0',
    '--listen',
    'nonsense',
    '--ready-file',
    file,
  ]);
  assert.equal(bad.code, 3);
  const nowhere = join(temporaryFolder(), 'no', 'ready.json');
  const result = await runPortal(['serve', '--seed', '--listen', '127.0.0.1:0', '--ready-file', nowhere]);
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stderr, /Cannot write --ready-file .*no\/ready\.json: No such file or directory/);
});

test('--ephemeral keeps everything in memory, whatever the configuration says', async () => {
  const dataDir = join(temporaryFolder(), 'kept');
  mkdirSync(dataDir);
  const { started } = await startReady(['--seed', '--ephemeral'], { env: { PORTAL_DATA_DIR: dataDir } });
  const maps = readFileSync(`/proc/${started.child.pid}/maps`, 'utf8');
  const folder = /(\/\S*\/portal-appliance-\w{6})\/portal\.db-shm/.exec(maps)?.[1];
  assert.ok(folder && existsSync(folder), maps);
  started.child.kill('SIGTERM');
  assert.equal((await started.ended).code, 0);
  assert.ok(!existsSync(folder), 'the store is gone');
  assert.ok(!existsSync(join(dataDir, 'portal.db')));
});

/** A portal that ends with its parent, and says in `file` when it is ready. */
const flagsWithParent = (file) =>
  `serve --seed --ephemeral --exit-with-parent --listen 127.0.0.1:0 --ready-file ${file}`.split(' ');

// The parent is a shell that a test kills, so that it has no chance to tell.
for (const signal of ['SIGKILL', 'SIGTERM']) {
  test(`--exit-with-parent ends the portal when its parent ends with ${signal}, and it leaves nothing`, async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'ready.json');
    const line = '"$@" & wait';
    const flags = flagsWithParent(file);
    const parent = spawn('sh', ['-c', line, 'sh', binary, ...flags], {
      stdio: 'ignore',
      env: { ...process.env, PORTAL_CONTROL_LISTEN: '127.0.0.1:0' },
    });
    const ended = new Promise((done) =>
      parent.once('exit', (code, killed) => done({ code, signal: killed, stderr: '' })),
    );
    const { pid } = await readyFile(file, ended);
    assert.notEqual(pid, parent.pid);
    parent.kill(signal);
    await until('the end', () => !isRunning(pid));
    assert.ok(!existsSync(file));
  });
}

test('a parent that lives on is nothing to end for, though the thread that started the portal has ended', async () => {
  const file = join(temporaryFolder(), 'ready.json');
  const flags = flagsWithParent(file);
  const start = `
    const { spawn } = require('node:child_process');
    const { binary, flags } = require('node:worker_threads').workerData;
    spawn(binary, flags, { stdio: 'ignore' }).unref();`;
  const worker = new Worker(start, { eval: true, workerData: { binary, flags } });
  await once(worker, 'exit');
  const { pid, url } = await readyFile(file, new Promise(() => {}));
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  process.kill(pid, 'SIGTERM');
  await until('the end', () => !isRunning(pid));
});

test('eight in test mode run side by side, and are apart from one another', async (t) => {
  const begun = performance.now();
  const portals = await Promise.all(Array.from({ length: 8 }, () => startInTestMode({ args: ['--ephemeral'] })));
  t.diagnostic(`eight at once: ready in ${(performance.now() - begun).toFixed(0)} ms`);
  assert.equal(new Set(portals.map(({ ready }) => ready.url)).size, 8);
  assert.equal(new Set(portals.map(({ ready }) => ready.control_url)).size, 8);
  await portals[3].put('/test/faults', { faults: [{ status: 503 }] });
  const statuses = await Promise.all(portals.map(async (portal) => (await portal.data('/v1/contacts?limit=1')).status));
  assert.deepEqual(statuses, [200, 200, 200, 503, 200, 200, 200, 200]);
  await Promise.all(portals.map((portal) => portal.reset()));
  await Promise.all(portals.map((portal) => portal.stop()));
});

test('it is ready in milliseconds', async (t) => {
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const begun = performance.now();
    const portal = await startInTestMode();
    times.push(performance.now() - begun);
    await portal.stop();
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`ready: median ${times[2].toFixed(0)} ms, least ${times[0].toFixed(0)} ms`);
  assert.ok(times[2] < 1000, `${times[2]} ms`); // 50 ms on a calm machine, which tests do not have to themselves
});

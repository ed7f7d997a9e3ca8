// Backups that nobody asks for on the command line: on a schedule, and over the control plane.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { demo, makeStore, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const patience = 20_000;

async function eventually(what, check) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < deadline, `not in time: ${what}`);
    await after(20);
  }
}

const whole = (folder) => readdirSync(folder).filter((name) => !name.startsWith('.'));

test('a portal makes backups by itself, keeps as many as it is told, and goes on where it was', async () => {
  const { dataDir } = await makeStore();
  const dir = join(temporaryFolder(), 'backups');
  const args = ['--backup-dir', dir, '--backup-every', '1s', '--backup-keep', '2'];
  const portal = await startPortal({ dataDir, args });
  const first = await eventually('a first backup', () => portal.log.match(/"backup_made"/) && whole(dir)[0]);
  await eventually('the first one gone', () => !whole(dir).includes(first));
  assert.ok(whole(dir).length <= 3);
  await portal.stop();
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith('.')),
    [],
    'a backup that was being made leaves nothing',
  );

  // The next one is due in an hour after the newest, not an hour after the start.
  const newest = whole(dir).at(-1);
  const patient = await startPortal({ dataDir, args: ['--backup-dir', dir, '--backup-every', '1h'] });
  await patient.request('/v1/health');
  await patient.stop();
  assert.equal(whole(dir).at(-1), newest);
  rmSync(dir, { recursive: true });
  const late = await startPortal({ dataDir, args: ['--backup-dir', dir, '--backup-every', '1h'] });
  await late.logged(/"backup_made"/);
  await late.stop();
});

test('a backup that fails is an error in the log and in the status, and is tried again', async () => {
  const dir = join(temporaryFolder(), 'backups');
  writeFileSync(dir, 'in the way');
  const portal = await startPortal({ args: ['--backup-dir', dir, '--backup-every', '1s'] });
  await portal.logged(/"level":"error","event":"backup_failed"/);
  const failed = (await portal.control('/api/status')).json.last_backup;
  assert.equal(failed.result, 'failed');
  assert.match(failed.reason, /is not a folder/);
  rmSync(dir);
  await portal.logged(/"backup_made"/);
  const { result, bytes } = (await portal.control('/api/status')).json.last_backup;
  assert.equal(result, 'ok');
  assert.ok(bytes > demo.fileSize);
  await portal.stop();
});

test('a disk that fails while the destination is listed is an error, tried again, and no end of the portal', async () => {
  const dir = join(temporaryFolder(), 'backups');
  mkdirSync(dir);
  const args = ['--backup-dir', dir, '--backup-every', '1s'];
  const failing = ['-f', '-qq', '-o', '/dev/null', '-P', dir, '-e', 'trace=getdents64'];
  const inject = (when) => ['strace', '-D', ...failing, '-e', `inject=getdents64:error=EIO:when=${when}`];
  const portal = await startPortal({ args, prefix: inject('1..4') });
  await portal.logged(/"backup_failed".*cannot be read: Input\/output error/);
  assert.equal((await portal.request('/v1/health')).status, 200);
  await portal.logged(/"backup_made"/);
  await portal.stop();
  const list = await runPortal(['backup', 'list', dir], { prefix: inject('2') });
  assert.equal(list.code, 5, list.stderr);
  assert.match(list.stderr, /cannot be read: Input\/output error/);
});

test('POST /api/backups makes one now, for operators alone', async () => {
  const dir = join(temporaryFolder(), 'backups');
  const portal = await startPortal({ args: ['--backup-dir', dir] });
  const ask = (options) => portal.control('/api/backups', { method: 'POST', ...options });
  assert.equal((await ask({ token: demo.token })).status, 403);
  const made = await ask({});
  assert.equal(made.status, 200, made.text);
  assert.equal(made.json.tenants, 2);
  assert.deepEqual(whole(dir), [made.json.name]);
  assert.doesNotMatch(made.text, new RegExp(dir), 'no path of this machine');
  const both = await Promise.all([ask({}), ask({})]);
  const statuses = both.map(({ status }) => status).sort();
  assert.equal(statuses[0], 200);
  assert.ok([200, 409].includes(statuses[1]), both.map(({ text }) => text).join('\n'));
  await portal.stop();

  const without = await startPortal({});
  const refused = await without.control('/api/backups', { method: 'POST' });
  assert.equal(refused.status, 409);
  assert.match(refused.json.detail, /backup\.dir/);
  await without.stop();
});

test('backup.every needs a place; backup without one asks for it', async () => {
  const { dataDir } = await makeStore();
  const every = await runPortal(['check-config', '--backup-every', '1d']);
  assert.equal(every.code, 3);
  assert.match(every.stderr, /set backup\.dir/);
  const nowhere = await runPortal(['backup', '--data-dir', dataDir]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /backup DEST/);
  const dir = join(temporaryFolder(), 'from-config');
  mkdirSync(dir);
  await mustRun(['backup', '--data-dir', dataDir, '--backup-dir', dir]);
  const [name] = readdirSync(dir);
  assert.equal(JSON.parse(readFileSync(join(dir, name, 'manifest.json'), 'utf8')).format, 1);
});

// Server and command line on one folder, watched with strace: nobody but SQLite opens the database's files
// (closing any descriptor of them drops the process's locks), and nothing is written to them without the
// write lock (SQLite before 3.51.3 can corrupt a WAL when one connection commits while another checkpoints).
import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeStore, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const calls = [
  'open,openat,openat2,creat,close,dup,dup2,dup3,fcntl',
  'write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,sendfile,copy_file_range,io_uring_setup',
  'unlink,unlinkat,rename,renameat,renameat2,link,linkat,exit_group',
].join(',');

/** -D: the traced program is our child, so signals and exit codes are its own. */
const traced = (log) => ['strace', '-D', '-f', '-y', '-s', '0', '-e', `trace=${calls}`, '-o', log];

/**
 * The log as events in order: `{name, text, start}`, `text` being the whole call with its result. A call
 * that another thread's interrupts appears twice: at its start (`start: true`), and complete at its end.
 */
function readLog(file) {
  const unfinished = new Map();
  const events = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, tid, text] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (!text || /^(\+\+\+|---)/.test(text)) continue;
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(text);
    if (text.endsWith('<unfinished ...>')) {
      const begun = text.slice(0, -'<unfinished ...>'.length);
      unfinished.set(tid, begun);
      events.push({ name: /^(\w+)\(/.exec(begun)[1], text: begun, start: true });
    } else if (resumed) {
      events.push({ name: resumed[1], text: (unfinished.get(tid) ?? `${resumed[1]}(`) + resumed[2], start: false });
      unfinished.delete(tid);
    } else {
      const name = /^(\w+)\(/.exec(text)?.[1];
      if (!name) continue;
      events.push({ name, text, start: true }, { name, text, start: false });
    }
  }
  return events;
}

// As a path, as a descriptor's path, or as one whose file is gone: `…/portal.db-wal (deleted)>`.
const databaseFile = /\/portal\.db(-wal|-shm|-journal)?(?:"|>| \()/;
const writers = new Set([
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'pwritev2',
  'ftruncate',
  'fallocate',
  'sendfile',
  'copy_file_range',
]);
const names = new Set(['unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'link', 'linkat', 'truncate', 'creat']);

/** Checks one process's log and counts what it saw. */
function inspect(log) {
  const seen = { opened: 0, written: 0, locked: 0, walWritten: 0, databaseWritten: 0 };
  let locked = false;
  for (const { name, text, start } of readLog(log)) {
    const succeeded = / = \d/.test(text);
    if (name === 'fcntl' && text.includes('/portal.lock>') && text.includes('F_OFD_SETLK')) {
      const [, type, from, length] = /l_type=(\w+),.*?l_start=(\d+), l_len=(\d+)/.exec(text) ?? [];
      const coversLock = Number(from) <= 1 && (Number(length) === 0 || Number(from) + Number(length) > 1);
      if (coversLock && type === 'F_WRLCK' && !start && succeeded) {
        locked = true;
        seen.locked += 1;
      }
      if (coversLock && type === 'F_UNLCK' && start) locked = false;
    }
    if (name === 'close' && text.includes('/portal.lock>') && start) locked = false;
    if (!start && name === 'close') assert.doesNotMatch(text, /EBADF/, 'a descriptor is closed twice');
    if (name === 'io_uring_setup') assert.fail(`writes could go unseen: ${text}`);
    if (!databaseFile.test(text)) continue;

    if (name.startsWith('open') && start) {
      assert.match(text, /O_NOFOLLOW/, `not SQLite's way to open: ${text}`);
      assert.match(text, /O_CLOEXEC/, `not SQLite's way to open: ${text}`);
      seen.opened += 1;
    }
    assert.ok(!name.startsWith('dup'), `a second descriptor: ${text}`);
    const writes = writers.has(name) && /\/portal\.db(-wal)?(>| \()/.test(text);
    const renames = names.has(name) && /\/portal\.db(-wal)?"/.test(text);
    if (writes || renames) {
      assert.ok(locked, `without the write lock: ${text}`);
      if (start) continue;
      seen.written += 1;
      if (text.includes('/portal.db-wal')) seen.walWritten += 1;
      else seen.databaseWritten += 1;
    }
  }
  return seen;
}

function contacts(from, to, name) {
  let text = 'id,name,email\n';
  for (let n = from; n < to; n += 1)
    text += `00000000-0000-4000-8000-${String(n).padStart(12, '0')},${name} ${n},p${n}@example.com\n`;
  return text;
}

test('only SQLite opens the database files, and writes to them hold the write lock', async () => {
  const folder = temporaryFolder();
  const logs = {
    first: join(folder, 'first'),
    server: join(folder, 'server'),
    import: join(folder, 'import'),
    token: join(folder, 'token'),
    put: join(folder, 'put'),
    refused: join(folder, 'refused'),
  };
  const { dataDir, token } = await makeStore();
  const watched = async (name, args, input, code = 0) => {
    const result = await runPortal([...args, '--data-dir', dataDir], { input, prefix: traced(logs[name]) });
    assert.equal(result.code, code, result.stderr);
    return result;
  };

  // Alone on the folder, so that it also opens and closes the database as its first and last.
  await watched('first', ['import', 'contacts', '-', '--tenant', 'acme'], contacts(0, 500, 'First'));

  const server = await startPortal({ dataDir, prefix: traced(logs.server) });
  const importing = watched(
    'import',
    ['import', 'contacts', '-', '--tenant', 'acme', '--batch', '1000'],
    contacts(0, 20_000, 'Second'),
  );
  let importDone = false;
  importing.finally(() => (importDone = true)).catch(() => {});
  do {
    for (const target of ['/v1/contacts?limit=200', '/v1/contacts?q=second', '/v1/contacts?offset=9000', '/readyz']) {
      assert.equal((await server.request(target, { token })).status, 200, target);
    }
  } while (!importDone);
  await importing;
  await watched('token', ['token', 'create', '--client', 'acme_client']);
  assert.equal((await server.request('/v1/contacts?limit=1', { token })).json.total, 20_000);
  await mustRun(['import', 'jobs', '-', '--tenant', 'acme', '--data-dir', dataDir], {
    input: 'id,title,status\njob_1,Roof,pending\n',
  });
  const put = ['file', 'put', '--tenant', 'acme', '--job', 'job_1'];
  const plan = join(folder, 'plan.txt');
  writeFileSync(plan, 'a plan');
  await watched('put', [...put, plan]);
  // However it is named, the live database is nobody's file to store.
  const link = join(folder, 'link');
  symlinkSync(join(dataDir, 'portal.db-wal'), link);
  for (const path of [join(dataDir, 'portal.db'), link, dataDir]) {
    const { stderr } = await watched('refused', [...put, plan, path], '', 6);
    assert.match(stderr, /data folder/);
    inspect(logs.refused);
  }
  await server.stop();

  const seen = Object.fromEntries(Object.entries(logs).map(([name, log]) => [name, inspect(log)]));
  for (const [name, { opened }] of Object.entries(seen))
    assert.ok(opened >= 1, `${name} opened the database: ${JSON.stringify(seen)}`);
  for (const name of ['first', 'import', 'token', 'put']) {
    assert.ok(seen[name].locked > 0 && seen[name].walWritten > 0, `${name} committed: ${JSON.stringify(seen)}`);
  }
  const checkpoints = Object.values(seen).reduce((sum, { databaseWritten }) => sum + databaseWritten, 0);
  assert.ok(checkpoints > 0, `somebody checkpointed: ${JSON.stringify(seen)}`);
  assert.ok(existsSync(join(dataDir, 'portal.lock')));
});

test('the watch itself would see a breach', () => {
  const log = join(temporaryFolder(), 'log');
  const lock =
    '1 fcntl(9</d/portal.lock>, F_OFD_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=1, l_pid=0}) = 0';
  const unlock =
    '1 fcntl(9</d/portal.lock>, F_OFD_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=1, l_len=1, l_pid=0}) = 0';
  const turnstile = lock.replace('l_start=1', 'l_start=0');
  const write = '1 pwrite64(7</d/portal.db-wal>, ""..., 4096, 32) = 4096';
  const open = '1 openat(AT_FDCWD, "/d/portal.db", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600) = 7</d/portal.db>';
  const inspectLines = (...lines) => {
    writeFileSync(log, `${lines.join('\n')}\n`);
    return inspect(log);
  };
  assert.deepEqual(inspectLines(open, lock, write, unlock), {
    opened: 1,
    written: 1,
    locked: 1,
    walWritten: 1,
    databaseWritten: 0,
  });
  const breaches = [
    [write],
    [lock, unlock, write],
    [turnstile, write],
    [lock.replace('= 0', '= -1 EAGAIN (Resource temporarily unavailable)'), write],
    [lock, '1 close(9</d/portal.lock>) = 0', write],
    ['1 ftruncate(7</d/portal.db>, 0) = 0'],
    ['1 pwrite64(7</d/portal.db-wal (deleted)>, ""..., 4096, 32) = 4096'],
    ['1 unlink("/d/portal.db-wal") = 0'],
    [open.replace('|O_NOFOLLOW', '')],
    ['1 openat(AT_FDCWD, "/d/portal.db-shm", O_RDONLY|O_CLOEXEC) = 7</d/portal.db-shm>'],
    ['1 dup(7</d/portal.db>) = 8</d/portal.db>'],
    ['1 close(7) = -1 EBADF (Bad file descriptor)'],
    [lock, '2 pwrite64(7</d/portal.db-wal>, ""..., 24, 0 <unfinished ...>', unlock, '2 <... pwrite64 resumed>) = 24'],
  ];
  for (const lines of breaches) assert.throws(() => inspectLines(...lines), assert.AssertionError, lines.join('\n'));
});

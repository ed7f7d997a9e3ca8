// The disk of the power-loss tests does what they need: what was synced stays, and what was not is lost.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountLossy } from '../faults/lossy_fs.mjs';
import { temporaryFolder } from './support/portal.mjs';

function sync(path) {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** What is in the folder `disk`, by name; folders as objects of their own. */
function contentOf(disk) {
  const entries = readdirSync(disk, { withFileTypes: true }).map((entry) => {
    const path = join(entry.path, entry.name);
    return [entry.name, entry.isDirectory() ? contentOf(path) : readFileSync(path, 'utf8')];
  });
  return Object.fromEntries(entries);
}

/** What `work(folder)` leaves on a disk with the file `old`, once the power is cut. */
async function afterCut(t, work, { loss = 'all', seed = 0, lying = false } = {}) {
  const disk = mkdtempSync(join(temporaryFolder(), 'disk-'));
  writeFileSync(join(disk, 'old'), 'old content');
  const mounted = await mountLossy(t, disk);
  if (lying) await mounted.lie();
  await work(mounted.folder);
  const lost = await mounted.cut(loss, seed);
  assert.throws(() => readdirSync(mounted.folder), /EIO/, 'without power there is nothing to read');
  await mounted.unmount();
  return { ...contentOf(disk), lost };
}

const write = (path, text) => writeFileSync(path, text);
const old = { old: 'old content' };

// [what happens, in the folder, what is left]
const cases = [
  ['a file that nobody synced', (at) => write(join(at, 'new'), 'text'), old],
  [
    'a synced file in a folder that was not',
    (at) => {
      write(join(at, 'new'), 'text');
      sync(join(at, 'new'));
    },
    old,
  ],
  [
    'a synced folder with a file that was not',
    (at) => {
      write(join(at, 'new'), 'text');
      sync(at);
    },
    { ...old, new: '' },
  ],
  [
    'both synced',
    (at) => {
      write(join(at, 'new'), 'text');
      sync(join(at, 'new'));
      sync(at);
    },
    { ...old, new: 'text' },
  ],
  [
    'what was written after the sync',
    (at) => {
      const fd = openSync(join(at, 'old'), 'r+');
      writeSync(fd, 'new', 0);
      fdatasyncSync(fd);
      writeSync(fd, 'and more', 4);
      ftruncateSync(fd, 2);
      closeSync(fd);
    },
    { old: 'new content' },
  ],
  ['a file removed', (at) => unlinkSync(join(at, 'old')), old],
  [
    'a file removed, the folder synced',
    (at) => {
      unlinkSync(join(at, 'old'));
      sync(at);
    },
    {},
  ],
  [
    'a file replaced by one that was synced',
    (at) => {
      write(join(at, 'new'), 'text');
      sync(join(at, 'new'));
      renameSync(join(at, 'new'), join(at, 'old'));
    },
    old,
  ],
  [
    'a file replaced by one that was not, the folder synced',
    (at) => {
      write(join(at, 'new'), 'text');
      renameSync(join(at, 'new'), join(at, 'old'));
      sync(at);
    },
    { old: '' },
  ],
  [
    'a file moved, the folder it left synced',
    (at) => {
      mkdirSync(join(at, 'sub'));
      sync(at);
      renameSync(join(at, 'old'), join(at, 'sub', 'moved'));
      sync(at);
    },
    { sub: { moved: 'old content' } },
  ],
  [
    'a file in a new folder whose own name was not synced',
    (at) => {
      mkdirSync(join(at, 'sub'));
      write(join(at, 'sub', 'new'), 'text');
      sync(join(at, 'sub', 'new'));
      sync(join(at, 'sub'));
    },
    old,
  ],
  [
    'a second name',
    (at) => {
      linkSync(join(at, 'old'), join(at, 'other'));
      sync(at);
    },
    { ...old, other: 'old content' },
  ],
  [
    'a folder emptied and removed while it is listed',
    (at) => {
      mkdirSync(join(at, 'sub'));
      for (let n = 0; n < 2_000; n += 1) write(join(at, 'sub', `${n}`), '');
      rmSync(join(at, 'sub'), { recursive: true });
      assert.ok(!existsSync(join(at, 'sub')));
      sync(at);
    },
    old,
  ],
];

for (const [what, work, left] of cases) {
  test(`a power cut and ${what}`, async (t) => {
    const { lost, ...content } = await afterCut(t, work);
    assert.deepEqual(content, left);
  });
}

test('a disk that lies keeps nothing that it was told to sync', async (t) => {
  const work = (at) => {
    write(join(at, 'new'), 'text');
    sync(join(at, 'new'));
    sync(at);
  };
  const { lost, ...content } = await afterCut(t, work, { lying: true });
  assert.deepEqual(content, old);
  assert.deepEqual(lost, { changes: 0, names: 1 });
});

test('where some of it is lost, a write is torn at sectors, and names come and go one by one', async (t) => {
  const sector = 512;
  const sectors = 64;
  const names = 16;
  const kinds = { none: 0, all: 0, torn: 0 };
  const kept = [];
  for (let seed = 1; seed <= 12; seed += 1) {
    const {
      lost,
      old: content,
      ...found
    } = await afterCut(
      t,
      (at) => {
        for (let n = 0; n < names; n += 1) write(join(at, `n${n}`), '');
        const fd = openSync(join(at, 'old'), 'r+');
        ftruncateSync(fd, sector * sectors);
        fsyncSync(fd);
        writeSync(fd, Buffer.alloc(sector * sectors, 'x'), 0, sector * sectors, 0);
        closeSync(fd);
      },
      { loss: 'some', seed },
    );
    assert.deepEqual(lost, { changes: 1, names });
    kept.push(Object.keys(found).length);
    assert.equal(content.length, sector * sectors);
    let written = 0;
    for (let n = 0; n < sectors; n += 1) {
      const part = content.slice(n * sector, (n + 1) * sector);
      assert.ok(!/x/.test(part) || /^x+$/.test(part), 'a sector is whole');
      written += part.startsWith('x');
    }
    kinds[written === 0 ? 'none' : written === sectors ? 'all' : 'torn'] += 1;
  }
  t.diagnostic(`writes ${JSON.stringify(kinds)}; of ${names} names ${kept.join(' ')} were there`);
  assert.ok(kinds.none > 0 && kinds.all > 0 && kinds.torn > 0, JSON.stringify(kinds));
  assert.ok(new Set(kept).size > 3, `names kept: ${kept}`);
});

test('SQLite works on it: a write-ahead log, two processes, and what was committed', async (t) => {
  const disk = mkdtempSync(join(temporaryFolder(), 'disk-'));
  const mounted = await mountLossy(t, disk);
  const database = join(mounted.folder, 'a.db');
  const sqlite = (path, sql) => execFileSync('sqlite3', [path, sql], { encoding: 'utf8' }).trim();
  assert.equal(sqlite(database, 'PRAGMA journal_mode = WAL; CREATE TABLE t (n)'), 'wal');
  const other = `.open ${database}\nINSERT INTO t VALUES (1), (2);\n.system sqlite3 ${database} 'INSERT INTO t VALUES (3)'`;
  execFileSync('sqlite3', { input: `${other}\nSELECT sum(n) FROM t;\n` });
  await mounted.cut('all');
  await mounted.unmount();
  assert.equal(sqlite(join(disk, 'a.db'), 'PRAGMA integrity_check; SELECT sum(n) FROM t'), 'ok\n6');
});

// Backups of a portal that is written to: each is one commit's state, restores are all or nothing, and what should not
// be in them is not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { makeStore, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound, seededRandom, sqlite } from './support/store.mjs';

const long = process.env.PORTAL_LONG === '1';
const backups = long ? 50 : 6;
const kills = long ? 50 : 8;
const writesASecond = 200;
const feeds = 4;

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const contactId = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Tenants of their own, each with a token that may write. */
async function addFeeds(dataDir) {
  const made = [];
  for (let n = 0; n < feeds; n += 1) {
    const tenant = `feed-${n}`;
    await mustRun(['tenant', 'create', tenant, '--data-dir', dataDir]);
    await mustRun(['client', 'create', '--tenant', tenant, '--id', tenant, '--data-dir', dataDir]);
    const token = ['token', 'create', '--client', tenant, '--scopes', 'read,write', '--data-dir', dataDir, '--json'];
    made.push({ tenant, token: JSON.parse((await mustRun(token)).stdout).token });
  }
  return made;
}

/** One writer: its n-th change is its tenant's n-th commit, and `changes` is what each of them did. */
class Feed {
  constructor(portal, { tenant, token }, random) {
    Object.assign(this, { portal, tenant, token, random, changes: [], living: [], next: 0 });
  }

  nextChange() {
    const dice = this.random();
    if (this.living.length > 20 && dice < 0.15) {
      const [id] = this.living.splice(Math.floor(this.random() * this.living.length), 1);
      return { id };
    }
    const replaces = this.living.length > 0 && dice < 0.5;
    const id = replaces ? this.living[Math.floor(this.random() * this.living.length)] : contactId((this.next += 1));
    if (!replaces) this.living.push(id);
    return { id, name: `Change ${this.changes.length + 1} of ${this.tenant}` };
  }

  async run(isOver) {
    const begun = Date.now();
    while (!isOver()) {
      const change = this.nextChange();
      const path = `/api/tenants/${this.tenant}/contacts/${change.id}`;
      // Before the answer: a commit may be in a backup that the writer has not heard of yet.
      this.changes.push(change);
      const options = change.name ? { method: 'PUT', body: { name: change.name } } : { method: 'DELETE' };
      const answer = await this.portal.control(path, { token: this.token, ...options });
      assert.ok([200, 201, 204].includes(answer.status), `${options.method} ${path}: ${answer.text}`);
      const due = begun + (this.changes.length * 1000 * feeds) / writesASecond;
      if (due > Date.now()) await after(due - Date.now());
    }
  }

  /** `id|name` of every row after the first `count` changes. */
  stateAfter(count) {
    const rows = new Map();
    for (const { id, name } of this.changes.slice(0, count)) {
      if (name) rows.set(id, name);
      else rows.delete(id);
    }
    return [...rows].map(([id, name]) => `${id.replaceAll('-', '')}|${name}`).sort();
  }
}

/** Every tenant in the restored store is as its first so many commits made it, as the manifest says. */
function compare(restored, manifest, writers, firstRevision) {
  for (const writer of writers) {
    const { revision, contacts } = manifest.tenants.find(({ slug }) => slug === writer.tenant);
    const commits = revision - firstRevision;
    assert.ok(commits <= writer.changes.length, `${writer.tenant}: ${commits} commits of ${writer.changes.length}`);
    const rows = sqlite(
      restored,
      `SELECT lower(hex(id)), c.name FROM contacts c JOIN tenants t USING (tenant_id) WHERE slug = '${writer.tenant}'`,
    );
    const found = rows ? rows.split('\n').sort() : [];
    assert.deepEqual(found, writer.stateAfter(commits), `${writer.tenant} after ${commits} commits`);
    assert.equal(contacts, found.length);
  }
}

test(`${backups} backups under ${writesASecond} writes a second, each restored and compared`, async (t) => {
  const { dataDir } = await makeStore();
  const people = await addFeeds(dataDir);
  const firstRevision = Number(sqlite(dataDir, "SELECT revision FROM tenants WHERE slug = 'feed-0'"));
  const destination = join(temporaryFolder(), 'backups');
  const portal = await startPortal({ dataDir });
  let over = false;
  const writers = people.map((who, n) => new Feed(portal, who, seededRandom(100 + n)));
  const begun = Date.now();
  const writing = Promise.all(writers.map((writer) => writer.run(() => over)));
  const made = [];
  const written = () => writers.reduce((sum, { changes }) => sum + changes.length, 0);
  try {
    for (let round = 0; round < backups; round += 1) {
      const before = written();
      await Promise.race([after(500), writing]);
      // One of each feed may have been committed before the last backup and be acknowledged since.
      while (written() <= before + writers.length) await Promise.race([after(10), writing]);
      made.push(JSON.parse((await mustRun(['backup', destination, '--data-dir', dataDir, '--json'])).stdout));
    }
  } finally {
    over = true;
    await writing;
  }
  const seconds = (Date.now() - begun) / 1000;
  await portal.stop();
  let before = 0;
  for (const { folder } of made) {
    const restored = join(temporaryFolder(), 'restored');
    await mustRun(['restore', folder, '--data-dir', restored, '--confirm']);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    compare(restored, manifest, writers, firstRevision);
    const commits = manifest.tenants.reduce((sum, { revision }) => sum + revision, 0);
    assert.ok(commits > before, 'a later backup has later commits');
    before = commits;
    assertSound(restored);
    rmSync(restored, { recursive: true });
  }
  const growth = Math.max(...made.map(({ wal_growth_bytes }) => wal_growth_bytes));
  const slowest = Math.max(...made.map(({ milliseconds }) => milliseconds));
  t.diagnostic(
    `${made.length} backups beside ${(written() / seconds).toFixed(0)} writes a second, each compared with its commit; ` +
      `the slowest took ${slowest} ms, the log grew by ${growth} bytes at the most`,
  );
});

/** A store with something to copy: `rows` contacts and `blobs` files of a MiB. */
async function makeLargerStore(rows, blobs) {
  const store = await makeStore();
  const lines = Array.from(
    { length: rows },
    (_, n) => `${contactId(n)},Person ${n} of Many,person.${n}@example.com,Company ${n % 97}\n`,
  );
  const at = ['--tenant', 'acme', '--data-dir', store.dataDir];
  await mustRun(['import', 'contacts', '-', ...at], { input: `id,name,email,company\n${lines.join('')}` });
  await mustRun(['import', 'jobs', '-', ...at], { input: 'id,title,status\njob_one,Roof,pending\n' });
  const folder = temporaryFolder();
  for (let n = 0; n < blobs; n += 1) writeFileSync(join(folder, `file ${n}.bin`), Buffer.alloc(2 ** 20, `bytes ${n}`));
  await mustRun(['file', 'put', folder, '--job', 'job_one', ...at]);
  return store;
}

test(`a restore killed at ${kills} moments leaves nothing or everything, and works the next time`, async (t) => {
  const { dataDir } = await makeLargerStore(20_000, 12);
  const destination = join(temporaryFolder(), 'backups');
  const folder = (await mustRun(['backup', destination, '--data-dir', dataDir])).stdout.trim();
  const parent = temporaryFolder();
  const target = join(parent, 'restored');
  const restore = ['restore', folder, '--data-dir', target, '--confirm'];
  let duration = Infinity; // of the fastest: after one that was held up, the kills would come too late
  let expected;
  for (let n = 0; n < 3; n += 1) {
    const begun = Date.now();
    await mustRun(restore);
    duration = Math.min(duration, Date.now() - begun);
    expected = filesBelow(target).length;
    rmSync(target, { recursive: true });
  }

  let cutShort = 0;
  for (let round = 0; round < kills; round += 1) {
    const { child, ended } = spawnPortal(restore);
    await Promise.race([after((duration * (round + 0.5)) / kills), ended]);
    child.kill('SIGKILL');
    if ((await ended).signal === 'SIGKILL') cutShort += 1;
    if (existsSync(target)) {
      assert.equal(filesBelow(target).length, expected, `killed in round ${round}: part of a store`);
    } else {
      await mustRun(restore);
    }
    assert.deepEqual(readdirSync(parent), ['restored'], 'nothing is left of the killed one');
    assert.equal((await mustRun(['verify', '--deep', '--data-dir', target, '--json'])).code, 0);
    rmSync(target, { recursive: true });
  }
  assert.ok(cutShort >= kills / 2, `only ${cutShort} of ${kills} were cut short`);
  t.diagnostic(`a restore of ${duration} ms, cut short ${cutShort} times of ${kills}`);
});

test(`a backup killed at any moment leaves no backup, and the next one clears up`, async () => {
  const { dataDir } = await makeLargerStore(20_000, 4);
  const destination = join(temporaryFolder(), 'backups');
  const backup = ['backup', destination, '--data-dir', dataDir];
  const begun = Date.now();
  await mustRun(backup);
  const duration = Date.now() - begun;
  for (let round = 0; round < 4; round += 1) {
    const { child, ended } = spawnPortal(backup);
    await Promise.race([after((duration * (round + 0.5)) / 4), ended]);
    child.kill('SIGKILL');
    await ended;
    const listed = JSON.parse((await mustRun(['backup', 'list', destination, '--json'])).stdout);
    for (const { folder } of listed) {
      await mustRun(['restore', folder, '--dry-run', '--data-dir', join(destination, 'unused')]);
    }
  }
  await mustRun([...backup, '--keep', '1']);
  assert.equal(readdirSync(destination).length, 1, 'only the newest, and no leftovers');
});

test('no key and no token is in a backup', async () => {
  const { dataDir, token } = await makeStore();
  const portal = await startPortal({ dataDir }); // makes the keys
  await portal.stop();
  const { secret } = JSON.parse(readFileSync(join(dataDir, 'keys/signing.json'), 'utf8')).keys[0];
  const destination = join(temporaryFolder(), 'backups');
  const passphraseFile = join(temporaryFolder(), 'passphrase');
  writeFileSync(passphraseFile, 'correct horse battery staple\n');
  const plain = (await mustRun(['backup', destination, '--data-dir', dataDir])).stdout.trim();
  const sealing = ['backup', destination, '--data-dir', dataDir, '--with-keys'];
  const sealed = (await mustRun([...sealing, '--passphrase-file', passphraseFile])).stdout.trim();
  for (const file of [...filesBelow(plain), ...filesBelow(sealed)]) {
    const bytes = readFileSync(file);
    for (const [what, needle] of Object.entries({
      secret,
      raw: Buffer.from(secret, 'hex'),
      token,
      passphrase: 'correct horse',
    })) {
      assert.ok(!bytes.includes(needle), `${what} in ${file}`);
    }
  }
  assert.ok(!existsSync(join(plain, 'keys.sealed')) && existsSync(join(sealed, 'keys.sealed')));

  const target = join(temporaryFolder(), 'restored');
  const restore = ['restore', sealed, '--data-dir', target, '--confirm', '--with-keys'];
  const env = { PORTAL_BACKUP_PASSPHRASE: 'wrong horse' };
  assert.equal((await runPortal(restore, { env })).code, 6);
  const asked = await runPortal(restore);
  assert.equal(asked.code, 6);
  assert.match(asked.stderr, /--passphrase-file/);
  env.PORTAL_BACKUP_PASSPHRASE = 'correct horse battery staple';
  await mustRun(restore, { env });
  const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
  assert.equal(hash(join(target, 'keys/signing.json')), hash(join(dataDir, 'keys/signing.json')));
});

test('a disk that is full, read-only or not there: said clearly, and nothing is left', async (t) => {
  assert.equal(process.getuid(), 0, 'a small disk can only be mounted by root: run this test as root');
  const { dataDir } = await makeLargerStore(2_000, 2);
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'portal-test', disk]);
  t.after(() => execFileSync('umount', ['--lazy', disk]));
  const backup = (to) => runPortal(['backup', to, '--data-dir', dataDir]);
  const full = await backup(join(disk, 'backups'));
  assert.equal(full.code, 5, full.stderr);
  assert.match(full.stderr, /space is left|MiB free/i);
  assert.deepEqual(readdirSync(disk), []);
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const readOnly = await backup(disk);
  assert.equal(readOnly.code, 5);
  assert.match(readOnly.stderr, /read-only/);
  const nowhere = await backup(join(disk, 'no/such/folder'));
  assert.equal(nowhere.code, 5);
  assert.match(nowhere.stderr, /cannot be made/);
  const last = JSON.parse(readFileSync(join(dataDir, 'last-backup.json'), 'utf8'));
  assert.equal(last.result, 'failed');
});

test('root backs up and restores as the owner of the data', async () => {
  assert.equal(process.getuid(), 0, 'only root can act as somebody else: run this test as root');
  const [user, group] = [4711, 4712];
  const { dataDir } = await makeLargerStore(100, 1);
  for (const path of [dataDir, ...readdirSync(dataDir, { recursive: true }).map((name) => join(dataDir, name))]) {
    chownSync(path, user, group);
  }
  const destination = temporaryFolder();
  for (const folder of [destination, join(dataDir, '..')]) chmodSync(folder, 0o755);
  const refused = await runPortal(['backup', destination, '--data-dir', dataDir]);
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /let user 4711 write there/);
  chownSync(destination, user, group);
  const folder = (await mustRun(['backup', destination, '--data-dir', dataDir])).stdout.trim();
  const parent = temporaryFolder();
  chmodSync(parent, 0o755);
  const target = join(parent, 'restored');
  await mustRun(['restore', destination, '--latest', '--data-dir', target, '--confirm']);
  for (const file of [target, ...filesBelow(folder), ...filesBelow(target), ...filesBelow(dataDir)]) {
    assert.equal(statSync(file).uid, user, file);
  }
  await mustRun(['tenant', 'list', '--data-dir', target]);
});

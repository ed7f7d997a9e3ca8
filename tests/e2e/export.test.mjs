// A whole tenant goes from one portal to another: export on a serving portal's files, import into another's.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  binary,
  demo,
  makeStore,
  mustRun,
  runPortal,
  spawnPortal,
  startPortal,
  temporaryFolder,
} from './support/portal.mjs';
import { Terminal } from './support/terminal.mjs';

/** A folder with the demo data, and a portal that serves it. */
async function demoPortal() {
  const dataDir = join(temporaryFolder(), 'data');
  const portal = await startPortal({ dataDir, seed: true });
  return { dataDir, portal };
}

/** A token for a new client of the tenant. */
async function tokenFor(tenant, dataDir) {
  await mustRun(['client', 'create', '--tenant', tenant, '--id', `${tenant}_client`, '--data-dir', dataDir]);
  const made = await mustRun(['token', 'create', '--client', `${tenant}_client`, '--data-dir', dataDir, '--json']);
  return JSON.parse(made.stdout).token;
}

/** The entries of an archive: name → text, read by tar. */
function entriesOf(archive) {
  const names = execFileSync('tar', ['tf', archive], { encoding: 'utf8' }).trim().split('\n');
  const into = temporaryFolder();
  execFileSync('tar', ['xf', archive, '-C', into]);
  return new Map(names.map((name) => [name, readFileSync(join(into, name))]));
}
const rowsOf = (entries, kind) =>
  [...entries]
    .filter(([name]) => name.startsWith(`${kind}/`))
    .flatMap(([, content]) => content.toString().trim().split('\n'))
    .sort();

test('a tenant moves to another portal with all its rows and files', async (t) => {
  const { dataDir, portal } = await demoPortal();
  const folder = temporaryFolder();
  const first = join(folder, 'acme.tar');
  const exported = await mustRun(['export', '--tenant', 'acme', '-o', first, '--data-dir', dataDir, '--json']);
  const counts = JSON.parse(exported.stdout);
  assert.equal(counts.contacts, demo.contacts);
  assert.equal(counts.jobs, demo.jobs);
  assert.equal(statSync(first).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['acme.tar']);

  const other = await makeStore({ tenant: 'somebody-else' });
  const target = await startPortal({ dataDir: other.dataDir });
  const begun = Date.now();
  const imported = await mustRun([
    'import',
    'tenant',
    first,
    '--tenant',
    'acme-2',
    '--data-dir',
    other.dataDir,
    '--json',
  ]);
  t.diagnostic(`${statSync(first).size} bytes imported in ${Date.now() - begun} ms`);
  assert.deepEqual(JSON.parse(imported.stdout), { ...counts, tenant: 'acme-2' });

  // Both portals serve all the while; the new tenant is served at once.
  const token = await tokenFor('acme-2', other.dataDir);
  for (const path of ['/v1/contacts?limit=200', '/v1/jobs?limit=200&sort=updated_at', '/v1/contacts?q=dana']) {
    const there = await portal.request(path, { token: demo.token });
    const here = await target.request(path, { token });
    assert.equal(here.status, 200);
    assert.deepEqual(here.json, there.json, path);
  }
  const row = await target.fileRow({ token });
  assert.equal(row.size, demo.fileSize);
  const bytes = await target.request(row.signed_url);
  assert.equal(bytes.status, 200);
  const original = await portal.request((await portal.fileRow()).signed_url);
  assert.ok(bytes.body.equals(original.body));

  // And back again: the same rows and blobs.
  const second = join(folder, 'again.tar');
  await mustRun(['export', '--tenant', 'acme-2', '-o', second, '--data-dir', other.dataDir]);
  const [before, after] = [first, second].map(entriesOf);
  for (const kind of ['contacts', 'jobs', 'files']) assert.deepEqual(rowsOf(after, kind), rowsOf(before, kind), kind);
  const blobs = (entries) => [...entries.keys()].filter((name) => name.startsWith('blobs/')).sort();
  assert.deepEqual(blobs(after), blobs(before));
  for (const name of blobs(before)) assert.ok(after.get(name).equals(before.get(name)), name);
  await portal.stop();
  await target.stop();
});

test('one pipe from portal to portal', async () => {
  const { dataDir, portal } = await demoPortal();
  const other = join(temporaryFolder(), 'new');
  const line = `"$0" export --tenant globex --data-dir "$1" --quiet | gzip | gunzip | "$0" import tenant - --tenant globex --data-dir "$2"`;
  const shell = spawn('bash', ['-o', 'pipefail', '-c', line, binary, dataDir, other]);
  let stderr = '';
  shell.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const code = await new Promise((done) => shell.on('close', done));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /globex exported: .* contacts/);
  assert.match(stderr, /globex imported: .* contacts/);
  const list = JSON.parse((await mustRun(['tenant', 'list', '--json', '--data-dir', other])).stdout);
  assert.equal(list[0].slug, 'globex');
  await portal.stop();
});

test('an export that cannot be finished leaves no file, and keeps the one that was there', async () => {
  const { dataDir, portal } = await demoPortal();
  const folder = temporaryFolder();
  const archive = join(folder, 'acme.tar');
  writeFileSync(archive, 'an older export');
  const unknown = await runPortal(['export', '--tenant', 'acmee', '-o', archive, '--data-dir', dataDir]);
  assert.equal(unknown.code, 6);
  assert.match(unknown.stderr, /There is no tenant "acmee"/);
  assert.equal(readFileSync(archive, 'utf8'), 'an older export');
  assert.deepEqual(readdirSync(folder), ['acme.tar']);

  const nowhere = await runPortal([
    'export',
    '--tenant',
    'acme',
    '-o',
    join(folder, 'no/where.tar'),
    '--data-dir',
    dataDir,
  ]);
  assert.equal(nowhere.code, 6);
  assert.match(nowhere.stderr, /where\.tar cannot be written: No such file or directory/);

  const full = await runPortal(['export', '--tenant', 'acme', '-o', '/dev/full', '--data-dir', dataDir]);
  assert.equal(full.code, 5);
  assert.match(full.stderr, /the output cannot be written: No space left on device/);

  const gone = spawnPortal(['export', '--tenant', 'acme', '--data-dir', dataDir]);
  gone.child.stdout.destroy();
  const end = await gone.ended;
  assert.equal(end.code, 5);
  assert.match(end.stderr, /the output cannot be written: Broken pipe/);

  const json = await runPortal(['export', '--tenant', 'acme', '--json', '--data-dir', dataDir]);
  assert.equal(json.code, 2);
  await portal.stop();
});

test('what is no whole export is refused with the place, and nothing of it stays', async () => {
  const { dataDir, portal } = await demoPortal();
  await portal.stop();
  const folder = temporaryFolder();
  const archive = join(folder, 'acme.tar');
  await mustRun(['export', '--tenant', 'acme', '-o', archive, '--data-dir', dataDir]);
  const good = readFileSync(archive);
  const other = await makeStore({ tenant: 'first' });
  const bring = (file, ...args) =>
    runPortal(['import', 'tenant', file, '--tenant', 'copy', '--data-dir', other.dataDir, ...args]);
  const tenants = async () =>
    JSON.parse((await mustRun(['tenant', 'list', '--json', '--data-dir', other.dataDir])).stdout).map(
      ({ slug }) => slug,
    );

  truncateSync(archive, good.length - 4096);
  const cut = await bring(archive);
  assert.equal(cut.code, 6);
  assert.match(cut.stderr, /acme\.tar: at byte \d+: the archive ends in the middle/);

  const damaged = Buffer.from(good);
  const place = damaged.indexOf('"name":"Dana Whitfield"');
  damaged.write('X', place + 9);
  writeFileSync(archive, damaged);
  const changed = await bring(archive);
  assert.equal(changed.code, 6);
  assert.match(changed.stderr, /end\.json: says that other things came before it/);

  writeFileSync(archive, 'id,name\n');
  const csv = await bring(archive);
  assert.equal(csv.code, 6);
  assert.match(csv.stderr, /the archive ends in the middle/);

  const into = join(folder, 'unpacked');
  mkdirSync(into);
  writeFileSync(archive, good);
  execFileSync('tar', ['xf', archive, '-C', into]);
  execFileSync('tar', ['cf', archive, '-C', into, '.']);
  const repacked = await bring(archive);
  assert.equal(repacked.code, 6);
  assert.match(repacked.stderr, /at byte 0: no header of a POSIX tar archive/);

  assert.deepEqual(await tenants(), ['first']);
  writeFileSync(archive, good);
  const taken = await runPortal(['import', 'tenant', archive, '--tenant', 'first', '--data-dir', other.dataDir]);
  assert.equal(taken.code, 6);
  assert.match(taken.stderr, /There is already a tenant "first"\. If an import that was cut off left it behind/);
  for (const [name, complaint] of [
    [['--tenant', 'No Slug'], /--tenant: "No Slug" is not 1 to 40 of/],
    [['--tenant', 'copy', '--bucket', 'a/b'], /--bucket: "a\/b" is not 1 to 64 of/],
  ]) {
    const refused = await runPortal(['import', 'tenant', archive, ...name, '--data-dir', other.dataDir]);
    assert.equal(refused.code, 6);
    assert.match(refused.stderr, complaint);
  }
  assert.equal((await bring(archive)).code, 0);
  assert.deepEqual(await tenants(), ['copy', 'first']);
});

test('an import that is killed leaves a suspended tenant that can be deleted and imported anew', async (t) => {
  const { dataDir, portal } = await demoPortal();
  await portal.stop();
  const archive = join(temporaryFolder(), 'acme.tar');
  await mustRun(['export', '--tenant', 'acme', '-o', archive, '--data-dir', dataDir]);
  const { dataDir: other } = await makeStore({ tenant: 'first' });
  const importing = spawnPortal(['import', 'tenant', '-', '--tenant', 'copy', '--data-dir', other]);
  t.after(() => importing.child.kill('SIGKILL'));
  const good = readFileSync(archive);
  importing.child.stdin.write(good.subarray(0, good.length / 2));
  const listed = async () => {
    const all = JSON.parse((await mustRun(['tenant', 'list', '--json', '--data-dir', other])).stdout);
    return all.find(({ slug }) => slug === 'copy');
  };
  const deadline = Date.now() + 20_000;
  while (!(await listed())) assert.ok(Date.now() < deadline, 'the tenant is made');
  assert.equal((await listed()).suspended, true);
  importing.child.kill('SIGKILL');
  await importing.ended;
  assert.equal((await listed()).suspended, true);
  await mustRun(['tenant', 'delete', 'copy', '--confirm', '--data-dir', other]);
  await mustRun(['import', 'tenant', archive, '--tenant', 'copy', '--data-dir', other]);
  assert.equal((await listed()).suspended, false);
  const again = join(temporaryFolder(), 'again.tar');
  const counts = await mustRun(['export', '--tenant', 'copy', '-o', again, '--json', '--data-dir', other]);
  assert.equal(JSON.parse(counts.stdout).contacts, demo.contacts);
});

test('a terminal is shown how far it is, and no archive', async () => {
  const { dataDir, portal } = await demoPortal();
  const archive = join(temporaryFolder(), 'acme.tar');
  const env = { ...process.env, TERM: 'xterm', PORTAL: binary, DATA: dataDir, ARCHIVE: archive };
  const told = new Terminal('"$PORTAL" export --tenant acme -o "$ARCHIVE" --data-dir "$DATA"', { env });
  assert.equal(await told.ended, 0, told.shown);
  assert.match(told.shown, /\[#+\.*\] \d+ % {2}1,247 contacts/);
  const refused = new Terminal('"$PORTAL" export --tenant acme --data-dir "$DATA"', { env });
  assert.equal(await refused.ended, 6);
  assert.match(refused.shown, /name a file with -o, or redirect the output/);
  await portal.stop();
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
  test(`an import that ${signal} ends leaves nothing, or what cannot be taken for a whole tenant`, async () => {
    const source = join(temporaryFolder(), 'source');
    const portal = await startPortal({ dataDir: source, seed: true });
    const archive = join(temporaryFolder(), 'acme.tar');
    await mustRun(['export', '--tenant', 'acme', '-o', archive, '--data-dir', source]);
    await portal.stop();
    const { dataDir } = await makeStore({ tenant: 'first' });
    const tenants = async () => JSON.parse((await mustRun(['tenant', 'list', '--json', '--data-dir', dataDir])).stdout);
    const half = async () => (await tenants()).find(({ slug }) => slug === 'half');

    const { child, ended } = spawnPortal(['import', 'tenant', '-', '--tenant', 'half', '--data-dir', dataDir]);
    const content = readFileSync(archive);
    child.stdin.write(content.subarray(0, content.length / 2)); // and no more: it waits
    for (const deadline = Date.now() + 15_000; !(await half());) assert.ok(Date.now() < deadline, 'it never began');
    child.kill(signal);
    const result = await ended;
    if (signal !== 'SIGKILL') {
      assert.equal(result.code, 5, result.stderr);
      assert.match(result.stderr, /Stopped before the end/);
      assert.equal(await half(), undefined);
      return;
    }
    assert.equal((await half()).suspended, true);
    const resumed = await runPortal(['tenant', 'resume', 'half', '--data-dir', dataDir]);
    assert.equal(resumed.code, 6);
    assert.match(resumed.stderr, /delete the tenant and import it again/);
    const found = await runPortal(['verify', '--data-dir', dataDir]);
    assert.equal(found.code, 6);
    assert.match(found.stderr, /the import of tenant half has not come to its end/);
    await mustRun(['tenant', 'delete', 'half', '--confirm', '--data-dir', dataDir]);
    await mustRun(['verify', '--data-dir', dataDir]);
    await mustRun(['import', 'tenant', archive, '--tenant', 'half', '--data-dir', dataDir]);
    assert.equal((await half()).suspended, false);
  });
}

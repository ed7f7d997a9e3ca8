// verify and doctor, as an operator with a sick box meets them.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  readFileSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeStore, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { sqlite } from './support/store.mjs';

async function storeWithAFile() {
  const store = await makeStore();
  const at = ['--tenant', 'acme', '--data-dir', store.dataDir];
  await mustRun(['import', 'jobs', '-', ...at], { input: 'id,title,status\njob_one,Roof,pending\n' });
  await mustRun(['import', 'contacts', '-', ...at], {
    input: 'id,name\n00000000-0000-4000-8000-000000000001,Ada Lovelace\n',
  });
  const file = join(temporaryFolder(), 'plan.txt');
  writeFileSync(file, 'the plan\n');
  await mustRun(['file', 'put', file, '--job', 'job_one', ...at]);
  const shard = readdirSync(join(store.dataDir, 'blobs')).find((name) => name.length === 2);
  const folder = join(store.dataDir, 'blobs', shard);
  return { ...store, blob: join(folder, readdirSync(folder)[0]) };
}

const verify = async (dataDir, ...flags) => {
  const { code, stdout, stderr } = await runPortal(['verify', '--data-dir', dataDir, '--json', ...flags]);
  return { code, stderr, ...(stdout ? JSON.parse(stdout) : {}) };
};

test('verify beside a serving portal: finds, repairs, and says what it cannot repair', async () => {
  const { dataDir, token, blob } = await storeWithAFile();
  assert.equal((await verify(dataDir, '--deep')).ok, true);
  sqlite(dataDir, 'UPDATE tenants SET contacts_total = 5');
  sqlite(dataDir, "INSERT INTO contacts_search (contacts_search) VALUES ('delete-all')");
  const portal = await startPortal({ dataDir });
  const sick = await verify(dataDir);
  assert.equal(sick.code, 6);
  assert.equal(sick.findings.length, 2, JSON.stringify(sick));
  const fixed = await verify(dataDir, '--fix');
  assert.equal(fixed.code, 0, fixed.stderr);
  assert.ok(fixed.findings.every((finding) => finding.fixed));
  assert.equal((await verify(dataDir)).findings.length, 0);
  const found = await portal.request('/v1/contacts?q=lovelace', { token });
  assert.equal(found.json.total, 1);

  appendFileSync(blob, 'x');
  assert.equal((await verify(dataDir, '--fix')).code, 6);
  unlinkSync(blob);
  const lost = await verify(dataDir, '--fix');
  assert.equal(lost.code, 6);
  assert.match(lost.findings[0].what, /is missing.*restore a backup/);
  const backup = await runPortal(['backup', join(temporaryFolder(), 'b'), '--data-dir', dataDir]);
  assert.equal(backup.code, 6, 'it is made, and says what is lost');
  assert.match(backup.stderr, /has lost a file's bytes/);
  await portal.stop();
});

test('verify of a damaged or missing database ends with a clear word', async () => {
  const { dataDir } = await storeWithAFile();
  const database = join(dataDir, 'portal.db');
  const bytes = readFileSync(database);
  bytes.fill(0xa5, 4096 * 3, 4096 * 5);
  writeFileSync(database, bytes);
  const damaged = await verify(dataDir);
  assert.ok([5, 6].includes(damaged.code), damaged.stderr);
  assert.notEqual(damaged.stderr, '');
  writeFileSync(database, 'not a database at all, but long enough to have a header of one hundred bytes'.repeat(20));
  const foreign = await verify(dataDir);
  assert.equal(foreign.code, 5);
  assert.match(foreign.stderr, /not a database/);
});

const doctor = async (dataDir, ...flags) => {
  const { code, stdout, stderr } = await runPortal(['doctor', '--data-dir', dataDir, '--json', ...flags]);
  assert.ok(stdout, stderr);
  const rows = JSON.parse(stdout);
  return { code, of: (about) => rows.filter((row) => row.about === about), rows };
};

test('doctor finds what makes a portal fail, with a remedy each, and touches nothing', async () => {
  const { dataDir } = await storeWithAFile();
  const before = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mtimeMs]);
  const busy = net.createServer((socket) => socket.on('error', () => {}).end('not HTTP\n'));
  await new Promise((done) => busy.listen(0, '127.0.0.1', done));
  const portal = await startPortal({ dataDir: (await makeStore()).dataDir });
  const well = await doctor(dataDir, '--listen', '127.0.0.1:0', '--control-listen', '');
  assert.equal(well.code, 0, JSON.stringify(well.rows));
  assert.equal(well.of('backup')[0].state, 'warning', 'none was made yet');
  assert.match(well.of('versions')[0].found, /SQLite 3.*libsodium 1.*OpenSSL 3/);
  assert.match(well.of('database')[0].found, /schema 3, this program knows 3/);

  const taken = [busy.address().port, portal.port].flatMap((port) => ['--listen', `127.0.0.1:${port}`]);
  const ports = await doctor(dataDir, ...taken);
  assert.match(ports.of('port')[0].found, /something else/);
  assert.match(ports.of('port')[1].found, /a portal answers/);
  assert.deepEqual(
    readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mtimeMs]),
    before,
  );
  busy.close();
  await portal.stop();

  chmodSync(dataDir, 0o755);
  assert.equal((await doctor(dataDir)).of('data folder')[0].state, 'warning');
  chmodSync(dataDir, 0o700);
  const certificate = await doctor(dataDir, '--tls-cert', '/nowhere', '--tls-key', '/nowhere');
  assert.equal(certificate.code, 6);
  assert.equal(certificate.of('certificate')[0].state, 'bad');
  assert.equal((await doctor(join(dataDir, 'nowhere'))).code, 6);
  if (process.getuid() === 0) {
    chownSync(join(dataDir, 'portal.lock'), 4711, 4711);
    const strangers = (await doctor(dataDir)).of('file owners')[0];
    assert.equal(strangers.state, 'bad');
    assert.match(strangers.remedy, /chown -R 0/);
  }
});

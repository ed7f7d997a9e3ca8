// What is deleted is gone: from pages and search at once, from the disk once the retention is over.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeStore, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound } from './support/store.mjs';

const folder = temporaryFolder();

/** Words that nothing else has in it, told by their ends: FTS5 keeps of a word what differs from the one before. */
const word = (i) => `w${createHash('sha256').update(String(i)).digest('hex').slice(0, 24)}`;
const uuid = (i) => `00000000-0000-4000-8000-${createHash('md5').update(String(i)).digest('hex').slice(0, 12)}`;

function csv(from, to, name = word) {
  const rows = ['id,name,email,company'];
  for (let i = from; i < to; i += 1) rows.push(`${uuid(i)},${name(i)},${name(i)}@x.example,Co`);
  return `${rows.join('\n')}\n`;
}

/** Everything that the data folder keeps. Only when no process has it open. */
function allBytes(dataDir) {
  return Buffer.concat(
    readdirSync(dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name))),
  );
}

async function adminToken(dataDir) {
  const made = await mustRun(['token', 'create', '--operator', '--scopes', 'admin', '--data-dir', dataDir, '--json']);
  return JSON.parse(made.stdout).token;
}

async function eventually(what, condition) {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, what);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('a deleted contact, job and file leave no trace once the portal has purged them', async (t) => {
  const { dataDir, token } = await makeStore({ parent: folder });
  const at = ['--tenant', 'acme', '--data-dir', dataDir];
  await mustRun(['import', 'contacts', '-', '--format', 'csv', ...at], { input: csv(0, 5_000) });
  await mustRun(['import', 'jobs', '-', '--format', 'ndjson', ...at], {
    input: [
      '{"id":"job_1","title":"Zanzibarprojekt","status":"pending"}',
      '{"id":"job_2","title":"Roof","status":"pending"}\n',
    ].join('\n'),
  });
  const [secret, kept] = [join(folder, 'geheim-xyzzy.txt'), join(folder, 'kept.txt')];
  writeFileSync(secret, 'the secret of plugh');
  writeFileSync(kept, 'what everybody may know');
  await mustRun(['file', 'put', secret, '--job', 'job_1', ...at]);
  await mustRun(['file', 'put', kept, '--job', 'job_2', ...at]);
  const admin = await adminToken(dataDir);

  const portal = await startPortal({ dataDir, args: ['--deletion-retention', '1s'] });
  const { signed_url } = (await portal.request('/v1/jobs/job_1/files', { token })).json.data[0];
  const gone = Array.from({ length: 200 }, (_, i) => i * 17);
  const bulk = await portal.control('/api/tenants/acme/contacts/bulk?operation=delete', {
    method: 'POST',
    token: admin,
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: gone.map((i) => JSON.stringify({ id: uuid(i) })).join('\n') + '\n',
  });
  assert.match(bulk.text, /"deleted":200/);
  const removed = await portal.control('/api/tenants/acme/jobs/job_1', { method: 'DELETE', token: admin });
  assert.equal(removed.status, 204);

  // At once.
  for (const target of [`/v1/contacts/${uuid(0)}`, '/v1/jobs/job_1', '/v1/jobs/job_1/files', signed_url]) {
    assert.equal((await portal.request(target, target === signed_url ? {} : { token })).status, 404, target);
  }
  for (const target of [`/v1/contacts?q=${word(0)}`, '/v1/jobs?q=zanzibar']) {
    const found = (await portal.request(target, { token })).json;
    assert.deepEqual([found.data.length, found.total], [0, 0], target);
  }
  assert.equal((await portal.request('/v1/contacts', { token })).json.total, 4_800);

  // Once the retention is over, by itself.
  await eventually('the portal purges', async () => {
    const report = await portal.control('/api/purge', { token: admin });
    if (report.status !== 200) return false;
    const { removed: what, database, waiting, complete } = report.json;
    return complete && waiting.blobs === 0 && !waiting.search && waiting.until === null && (what || database);
  });
  await portal.logged(/"event":"purged"/);
  await portal.stop();
  const left = await mustRun(['purge', '--data-dir', dataDir, '--deletion-retention', '1s', '--json']);
  assert.equal(JSON.parse(left.stdout).removed.blobs, 0, 'the portal left nothing to do');
  const bytes = allBytes(dataDir);
  const found = gone.filter((i) => bytes.includes(word(i).slice(9)));
  t.diagnostic(`${found.length} of ${gone.length} deleted contacts found in ${bytes.length} bytes`);
  assert.deepEqual(found, []);
  for (const trace of ['anzibarprojekt', 'ZANZIBAR', 'geheim-xyzzy', 'secret of plugh']) {
    assert.ok(!bytes.includes(trace), trace);
  }
  assert.ok(bytes.includes('what everybody may know') && bytes.includes(word(1)), 'and what was not deleted is there');
  assertSound(dataDir);
});

test('a deleted tenant leaves no trace, and the others lose nothing', async () => {
  const { dataDir } = await makeStore({ parent: folder });
  await mustRun(['tenant', 'create', 'quagga', '--name', 'Quagga & Sons', '--data-dir', dataDir]);
  const files = { 'ours.txt': 'quagga alone', 'both.txt': 'both of them have this' };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const tenant of ['acme', 'quagga']) {
    const at = ['--tenant', tenant, '--data-dir', dataDir];
    const input = csv(0, 4_500, (i) => `${tenant}${word(i)}`);
    await mustRun(['import', 'contacts', '-', '--format', 'csv', ...at], { input });
    const job = `{"id":"job_1","title":"${tenant}projekt","contact_id":"${uuid(1)}","status":"pending"}\n`;
    await mustRun(['import', 'jobs', '-', '--format', 'ndjson', ...at], { input: job });
    const chosen = tenant === 'quagga' ? Object.keys(files) : ['both.txt'];
    await mustRun(['file', 'put', ...chosen.map((name) => join(folder, name)), '--job', 'job_1', ...at]);
  }
  const unsure = await runPortal(['tenant', 'delete', 'quagga', '--data-dir', dataDir]);
  assert.equal(unsure.code, 2);
  assert.match(unsure.stderr, /4500 contacts, 1 jobs .*--confirm/);
  await mustRun(['tenant', 'delete', 'quagga', '--confirm', '--data-dir', dataDir]);
  const young = JSON.parse((await mustRun(['purge', '--data-dir', dataDir, '--json'])).stdout);
  assert.equal(young.removed.tenants, 0);
  assert.equal(young.waiting.tenants, 1);
  assert.ok(Date.parse(young.waiting.until) > Date.now() + 23 * 3_600_000);
  const done = await mustRun(['purge', '--all', '--data-dir', dataDir, '--json']);
  assert.match(done.stderr, /1 tenant, 4503 rows, 1 blob of 12 bytes/);
  const { removed, complete } = JSON.parse(done.stdout);
  assert.deepEqual(
    [complete, removed.tenants, removed.contacts, removed.jobs, removed.files, removed.blobs, removed.blob_files],
    [true, 1, 4_500, 1, 2, 2, 1],
  );
  const bytes = allBytes(dataDir);
  for (const trace of ['quagga', 'Quagga', 'uaggaprojekt', 'quagga alone']) assert.ok(!bytes.includes(trace), trace);
  assert.ok(bytes.includes('both of them have this'));
  const [acme] = JSON.parse((await mustRun(['tenant', 'list', '--data-dir', dataDir, '--json'])).stdout);
  assert.deepEqual([acme.slug, acme.blob_bytes], ['acme', 22]);
  assertSound(dataDir);
});

test('a purge asked for over the control plane goes on beside reads and writes', async () => {
  const { dataDir, token } = await makeStore({ parent: folder });
  const at = ['--tenant', 'acme', '--data-dir', dataDir];
  await mustRun(['import', 'contacts', '-', '--format', 'csv', ...at], { input: csv(0, 20_000) });
  await mustRun(['tenant', 'create', 'globex', '--data-dir', dataDir]);
  const admin = await adminToken(dataDir);
  const portal = await startPortal({ dataDir });
  assert.equal((await portal.control('/api/purge', { token: admin })).status, 404, 'nothing was purged yet');
  assert.equal((await portal.control('/api/purge', { token })).status, 403);
  assert.equal((await portal.control('/api/purge?all=perhaps', { method: 'POST', token: admin })).status, 400);
  assert.equal((await portal.control('/api/tenants/acme', { method: 'DELETE', token: admin })).status, 204);
  assert.equal((await portal.request('/v1/contacts', { token })).status, 401, 'gone for everybody at once');

  let purging = true;
  const purge = portal
    .control('/api/purge?all=true', { method: 'POST', token: admin })
    .finally(() => (purging = false));
  let written = 0;
  let worst = 0;
  for (; purging; written += 1) {
    const started = performance.now();
    const made = await portal.control(`/api/tenants/globex/contacts/${uuid(written)}`, {
      method: 'PUT',
      token: admin,
      body: { name: 'Written meanwhile' },
    });
    assert.equal(made.status, 201, made.text);
    worst = Math.max(worst, performance.now() - started);
  }
  const { json } = await purge;
  assert.equal(json.removed.contacts, 20_000);
  assert.equal(json.removed.tenants, 1);
  assert.ok(written >= 10 && worst < 10_000, `of ${written} writes beside it, one waited for ${worst} ms`);
  assert.deepEqual((await portal.control('/api/purge', { token: admin })).json, json);
  await portal.stop();
  assert.ok(!existsSync(join(dataDir, 'portal.db-wal')) || readFileSync(join(dataDir, 'portal.db-wal')).length === 0);
  assertSound(dataDir);
});

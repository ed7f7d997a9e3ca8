// Imports: files as they come, files that are broken, beside a serving portal.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeStore, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A store, a portal on it, and `bring` to import text into it. */
async function withPortal(work) {
  const { dataDir, token } = await makeStore();
  const portal = await startPortal({ dataDir });
  const bring = (kind, input, ...args) =>
    runPortal(['import', kind, '-', '--tenant', 'acme', '--data-dir', dataDir, ...args], { input });
  const get = async (target) => (await portal.request(target, { token })).json;
  try {
    await work({ portal, bring, get, dataDir, token });
  } finally {
    await portal.stop();
  }
}

test('CSV as spreadsheets write it', () =>
  withPortal(async ({ bring, get }) => {
    const rows = [
      '\ufeffname,id,email,company,address,phone,created_at',
      `"Müller, Anna",${id(1)},anna@example.com,,"1 Main St\r\nSpringfield",+1-555-0100,2025-01-31`,
      `"The ""Best"" Roofers",${id(2)},,"Best, Inc.",,,2025-01-31T10:00:00+02:00`,
      `${'名前'},${id(3).toUpperCase()},,,,,`,
    ];
    const done = await bring('contacts', `${rows.join('\r\n')}\r\n`, '--format', 'csv');
    assert.equal(done.code, 0, done.stderr);
    const first = await get(`/v1/contacts/${id(1)}`);
    assert.equal(first.name, 'Müller, Anna');
    assert.equal(first.address, '1 Main St\r\nSpringfield');
    assert.equal(first.company, null);
    assert.equal(first.created_at, '2025-01-31T00:00:00.000Z');
    const second = await get(`/v1/contacts/${id(2)}`);
    assert.equal(second.name, 'The "Best" Roofers');
    assert.equal(second.created_at, '2025-01-31T08:00:00.000Z');
    assert.equal((await get(`/v1/contacts/${id(3)}`)).name, '名前');
  }));

test('NDJSON, with nulls, blank lines and no newline at the end', () =>
  withPortal(async ({ bring, get }) => {
    const contacts = [
      { id: id(1), name: 'Ada', email: null },
      { id: id(2), name: 'Line\nbreak "quoted" \u{1F3E0}' },
    ];
    const text = `${contacts.map((row) => JSON.stringify(row)).join('\n\n')}`;
    assert.equal((await bring('contacts', text, '--format', 'ndjson')).code, 0);
    assert.equal((await get(`/v1/contacts/${id(2)}`)).name, contacts[1].name);
    const job = {
      id: 'job_1',
      title: 'Roof',
      status: 'scheduled',
      contact_id: id(1),
      scheduled_at: '2025-09-04T08:00:00Z',
    };
    assert.equal((await bring('jobs', JSON.stringify(job))).code, 0, 'the first byte tells the format');
    const { created_at, updated_at, ...rest } = await get('/v1/jobs/job_1');
    assert.ok(created_at && updated_at);
    assert.deepEqual(rest, { ...job, scheduled_at: '2025-09-04T08:00:00.000Z', completed_at: null, address: null });
  }));

test('an import is an upsert by id: again changes nothing, a change shows', () =>
  withPortal(async ({ bring, get }) => {
    const csv = (name) => `id,name\n${id(1)},${name}\n${id(2)},Bob\n`;
    await bring('contacts', csv('Ada'));
    const before = await get('/v1/contacts');
    await bring('contacts', csv('Ada'));
    const same = await get('/v1/contacts');
    assert.deepEqual(
      same.data.map((row) => row.id),
      before.data.map((row) => row.id),
    );
    await bring('contacts', csv('Ada Lovelace'));
    const after = await get('/v1/contacts');
    assert.equal(after.total, 2);
    assert.equal((await get(`/v1/contacts/${id(1)}`)).name, 'Ada Lovelace');
    assert.equal((await get('/v1/contacts?q=lovelace')).total, 1);
  }));

const header = 'id,name,email,created_at\n';
const good = (n) => `${id(n)},Person ${n},p${n}@example.com,2025-01-01T00:00:00Z\n`;
const broken = [
  // what, kind, text, what the message must say
  ['too few columns', 'contacts', `${header}${good(1)}${id(2)},x\n`, [/\b3\b/, /column/i]],
  ['too many columns', 'contacts', `${header}${good(1)}${id(2)},x,,,extra\n`, [/\b3\b/, /column/i]],
  [
    'invalid UTF-8',
    'contacts',
    Buffer.concat([Buffer.from(`${header}${good(1)}${id(2)},a`), Buffer.from([0xff]), Buffer.from(',,\n')]),
    [/\b3\b/, /UTF-8/],
  ],
  ['an id twice', 'contacts', `${header}${good(1)}${good(2)}${good(1)}`, [/\b4\b/, new RegExp(id(1))]],
  [
    'a date that does not exist',
    'contacts',
    `${header}${good(1)}${id(2)},x,,2025-02-30T00:00:00Z\n`,
    [/\b3\b/, /created_at/, /2025-02-30/],
  ],
  ['an id that is none', 'contacts', `${header}${good(1)}7,x,,\n`, [/\b3\b/, /\bid\b/]],
  ['no name', 'contacts', `${header}${good(1)}${id(2)},,,\n`, [/\b3\b/, /name/]],
  ['no e-mail address', 'contacts', `${header}${good(1)}${id(2)},x,nobody,\n`, [/\b3\b/, /email/]],
  ['a quote that never ends', 'contacts', `${header}${good(1)}${id(2)},"x,,\n${good(3)}`, [/\b3\b/, /quote/i]],
  ['a NUL', 'contacts', `${header}${good(1)}${id(2)},a\0b,,\n`, [/\b3\b/]],
  [
    'a status that is none',
    'jobs',
    'id,title,status\njob_1,Roof,pending\njob_2,Roof,done\n',
    [/\b3\b/, /status/, /done/],
  ],
  [
    'a contact that is not there',
    'jobs',
    `id,title,status,contact_id\njob_1,Roof,pending,\njob_2,Roof,pending,${id(9)}\n`,
    [/\b3\b/, /contact_id/],
  ],
  ['malformed NDJSON', 'contacts', `{"id":"${id(1)}","name":"Ada"}\n{"id":"${id(2)}","name":\n`, [/\b2\b/]],
  ['NDJSON of another shape', 'contacts', `{"id":"${id(1)}","name":"Ada"}\n["${id(2)}"]\n`, [/\b2\b/]],
  [
    'a number for a name',
    'contacts',
    `{"id":"${id(1)}","name":"Ada"}\n{"id":"${id(2)}","name":7}\n`,
    [/\b2\b/, /name/],
  ],
];
for (const [what, kind, text, message] of broken) {
  test(`a bad row stops the import, and is told with its line: ${what}`, () =>
    withPortal(async ({ bring, get }) => {
      const stopped = await bring(kind, text);
      assert.equal(stopped.code, 6, stopped.stderr);
      for (const part of message) assert.match(stopped.stderr, part);
      assert.equal((await get(`/v1/${kind}?limit=1`)).data.length <= 2, true);

      const skipped = await bring(kind, text, '--on-error=skip', '--json');
      assert.equal(skipped.code, 6, skipped.stderr);
      for (const part of message) assert.match(skipped.stderr + skipped.stdout, part);
      JSON.parse(skipped.stdout);
      assert.ok((await get(`/v1/${kind}`)).total >= 1, 'the good rows are there');
    }));
}

const refused = [
  ['nothing at all', '', /empty|header/i],
  ['an unknown column', 'id,nmae\n', [/nmae/, /name/]],
  ['a missing column', 'id,email\n', /name/],
  ['a column twice', 'id,name,name\n', /name/],
];
for (const [what, text, message] of refused) {
  test(`a file that cannot be an import: ${what}`, () =>
    withPortal(async ({ bring, get }) => {
      const { code, stderr } = await bring('contacts', text, '--format', 'csv');
      assert.equal(code, 6, stderr);
      for (const part of [message].flat()) assert.match(stderr, part);
      assert.equal((await get('/v1/contacts')).total, 0);
    }));
}

test('a file that is not there, a tenant that is not there', async () => {
  const { dataDir } = await makeStore();
  const missing = await runPortal(['import', 'contacts', '/nowhere.csv', '--tenant', 'acme', '--data-dir', dataDir]);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /\/nowhere\.csv/);
  const file = join(temporaryFolder(), 'a.csv');
  writeFileSync(file, 'id,name\n');
  const nobody = await runPortal(['import', 'contacts', file, '--tenant', 'nobody', '--data-dir', dataDir]);
  assert.equal(nobody.code, 6);
  assert.match(nobody.stderr, /nobody/);
});

test('a summary for people on stderr, for programs on stdout', () =>
  withPortal(async ({ bring }) => {
    const text = `id,name\n${id(1)},Ada\n${id(2)},Bob\n`;
    const plain = await bring('contacts', text);
    assert.equal(plain.stdout, '');
    assert.match(plain.stderr, /\b2\b/);
    assert.doesNotMatch(plain.stderr, /\x1b\[|\r/, 'no progress bar without a terminal');
    const json = JSON.parse((await bring('contacts', text, '--json')).stdout);
    assert.ok(Object.values(json).includes(2) || JSON.stringify(json).includes('2'));
  }));

test('a batch is visible at once, while the import goes on and readers go on', () =>
  withPortal(async ({ portal, dataDir, token }) => {
    const args = [
      'import',
      'contacts',
      '-',
      '--tenant',
      'acme',
      '--data-dir',
      dataDir,
      '--batch',
      '100',
      '--format',
      'csv',
    ];
    const { child, ended } = spawnPortal(args);
    const totals = async () => (await portal.request('/v1/contacts?limit=1', { token })).json.total;
    const rows = (from, to) => Array.from({ length: to - from }, (_, i) => good(from + i)).join('');
    child.stdin.write(header + rows(0, 1000));
    let seen = 0;
    const deadline = Date.now() + 10_000;
    while (seen < 900 && Date.now() < deadline) seen = await totals();
    assert.ok(seen >= 900, `${seen} rows are visible while standard input is still open`);
    child.stdin.end(rows(1000, 1050));
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.equal(await totals(), 1050);
  }));

test('cursor pages lose and repeat nothing while rows come', () =>
  withPortal(async ({ portal, bring, dataDir, token }) => {
    const at = (n) => new Date(Date.UTC(2025, 0, 1) + n * 1000).toISOString();
    const rows = (from, to, step) => {
      let text = 'id,name,created_at\n';
      for (let n = from; n < to; n += step) text += `${id(n)},Person ${n},${at(n)}\n`;
      return text;
    };
    assert.equal((await bring('contacts', rows(0, 6000, 2))).code, 0);
    const { child, ended } = spawnPortal([
      'import',
      'contacts',
      '-',
      '--tenant',
      'acme',
      '--data-dir',
      dataDir,
      '--batch',
      '50',
    ]);
    child.stdin.end(rows(1, 6000, 2));
    const seen = [];
    for (let next = '/v1/contacts?limit=100&sort=created_at'; next;) {
      const answer = await portal.request(next, { token });
      seen.push(...answer.json.data.map((row) => row.id));
      next = /<[^>]*?(\/v1[^>]*)>; rel="next"/.exec(answer.headers.link)?.[1];
    }
    assert.equal((await ended).code, 0);
    assert.equal(new Set(seen).size, seen.length, 'no row twice');
    assert.deepEqual(seen, [...seen].sort(), 'in order');
    const old = new Set(seen);
    for (let n = 0; n < 6000; n += 2) assert.ok(old.has(id(n)), `row ${n} was there all the time`);
    assert.equal((await portal.request('/v1/contacts?limit=1', { token })).json.total, 6000);
  }));

test('two imports and a server take turns', () =>
  withPortal(async ({ portal, dataDir, token }) => {
    const run = (from) => {
      const text = `${header}${Array.from({ length: 3000 }, (_, i) => good(from + i)).join('')}`;
      return mustRun(['import', 'contacts', '-', '--tenant', 'acme', '--data-dir', dataDir, '--batch', '100'], {
        input: text,
      });
    };
    await Promise.all([run(0), run(10_000), run(20_000)]);
    assert.equal((await portal.request('/v1/contacts?limit=1', { token })).json.total, 9000);
  }));

test('file rows name bytes that are there; --delete removes what a file names', () =>
  withPortal(async ({ bring, get, dataDir }) => {
    const jobs = 'id,title,status\njob_1,Roof,pending\njob_2,Wall,pending\n';
    assert.equal((await bring('jobs', jobs)).code, 0);
    const path = join(temporaryFolder(), 'plan.txt');
    writeFileSync(path, 'a plan of the roof');
    const put = ['file', 'put', path, '--tenant', 'acme', '--job', 'job_1', '--data-dir', dataDir, '--json'];
    const { sha256 } = JSON.parse((await mustRun(put)).stdout);
    const rows = `job_id,id,name,sha256\njob_2,file_1,copy.txt,${sha256}\njob_2,file_2,none.txt,${'0'.repeat(64)}\n`;
    const brought = await bring('files', rows, '--on-error', 'skip');
    assert.match(brought.stderr, /standard input:3:\d+: sha256: there is no blob 0{64}; upload its bytes first/);
    assert.match(brought.stderr, /1 row written: 1 new/);
    assert.equal((await get('/v1/jobs/job_2/files/file_1')).size, 18);

    const gone = await bring('files', 'job_id,id\njob_2,file_1\njob_2,file_9\n', '--delete', '--json');
    assert.equal(gone.code, 0, gone.stderr);
    assert.match(gone.stderr, /1 row deleted, 1 were not there; 0 rejected/);
    assert.equal(JSON.parse(gone.stdout).deleted, 1);
    assert.equal((await get('/v1/jobs/job_2/files')).total, 0);
    assert.equal((await bring('jobs', '{"id":"job_1"}\n{"id":"job_2"}\n', '--delete')).code, 0);
    assert.equal((await get('/v1/jobs')).total, 0);
  }));

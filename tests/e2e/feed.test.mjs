// What a feeding system does, with curl: rows in bulk over the control plane, retried with their Idempotency-Key after
// whatever went wrong, and single rows under If-Match.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { demo, startPortal, temporaryFolder } from './support/portal.mjs';
import { seededRandom } from './support/store.mjs';

const folder = temporaryFolder();
const admin = demo.adminToken ?? 'admin_token';
let portal;
let tenants = 0;

before(async () => {
  portal = await startPortal();
});
after(() => portal.stop());

/** A tenant of its own for a test, with a client's token that may write. */
async function makeTenant() {
  const slug = `feed-${++tenants}`;
  await call('POST', '/api/tenants', { slug }, 201);
  await call('POST', `/api/tenants/${slug}/clients`, { id: `${slug}-crm` }, 201);
  const made = await call(
    'POST',
    `/api/tenants/${slug}/tokens`,
    { client: `${slug}-crm`, scopes: ['read', 'write'] },
    201,
  );
  return { slug, token: made.token };
}

async function call(method, target, body, status = 200) {
  const answer = await portal.control(target, { method, token: admin, body });
  assert.equal(answer.status, status, `${method} ${target}: ${answer.text}`);
  return answer.text && answer.json;
}

const contactsOf = async ({ slug }) => (await call('GET', `/api/tenants/${slug}`)).contacts;
const uuid = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const times = { created_at: '2025-01-02T03:04:05.000Z', updated_at: '2025-02-03T04:05:06.000Z' };

/** Rows 1 to `count` as NDJSON; every 100th is bad. */
function ndjson(count, { name = 'Name', bad = true } = {}) {
  const rows = [];
  for (let i = 1; i <= count; ++i) {
    const email = bad && i % 100 === 0 ? 'nobody' : `n${i}@example.com`;
    rows.push(JSON.stringify({ id: uuid(i), name: `${name} ${i}`, email, ...times }));
  }
  return `${rows.join('\n')}\n`;
}

/** The same as CSV, in quotes here and there. */
function csv(count) {
  const rows = ['email,name,id,created_at,updated_at'];
  for (let i = 1; i <= count; ++i) {
    const email = i % 100 === 0 ? 'nobody' : `n${i}@example.com`;
    rows.push(`${email},${i % 3 ? `Name ${i}` : `"Name ${i}"`},${uuid(i)},${times.created_at},${times.updated_at}`);
  }
  return `${rows.join('\r\n')}\r\n`;
}

/** Runs curl with a body from a file: `{status, headers, text}`. */
function curl(target, { token = admin, method = 'POST', type, key, body, fields = {} }) {
  const file = join(folder, `body-${createHash('sha1').update(body).digest('hex')}`);
  writeFileSync(file, body);
  const all = { Authorization: `Bearer ${token}`, 'Content-Type': type, ...fields };
  if (key) all['Idempotency-Key'] = key;
  const headers = Object.entries(all).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-sS', '-i', '-X', method, '--data-binary', `@${file}`, ...headers, `${portal.controlBase}${target}`];
  return new Promise((done, failed) => {
    execFile('curl', args, { maxBuffer: 1 << 26 }, (error, stdout) => {
      if (error) return failed(error);
      let head;
      let text = stdout;
      do {
        const end = text.indexOf('\r\n\r\n');
        head = text.slice(0, end);
        text = text.slice(end + 4);
      } while (/^HTTP\/1.1 100 /.test(head));
      return done({ status: Number(head.split(' ')[1]), head, text });
    });
  });
}

/** Feeds rows with curl: the answer's lines and summary. */
async function feed(tenant, kind, { query = '', ...options }) {
  const answer = await curl(`/api/tenants/${tenant.slug}/${kind}/bulk${query}`, { token: tenant.token, ...options });
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.head, /content-type: application\/x-ndjson/i);
  const lines = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { summary } = lines.pop();
  assert.ok(summary, 'the last line is the summary');
  return { lines, summary, text: answer.text };
}

/** All contacts of a tenant, as its client sees them. */
async function rowsOf({ token }) {
  const rows = [];
  let target = '/v1/contacts?limit=200&sort=created_at';
  while (target) {
    const page = await portal.request(target, { token });
    assert.equal(page.status, 200, page.text);
    rows.push(...page.json.data);
    const next = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1];
    target = next && new URL(next, portal.base).pathname + new URL(next, portal.base).search;
  }
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

test('20,000 rows come in as NDJSON and as CSV, each with its outcome', async (t) => {
  const count = 20_000;
  const inputs = [
    { type: 'application/x-ndjson', body: ndjson(count), firstLine: 1 },
    { type: 'text/csv; charset=utf-8', body: csv(count), firstLine: 2 },
  ];
  const states = [];
  for (const { type, body, firstLine } of inputs) {
    const tenant = await makeTenant();
    const begun = performance.now();
    const { lines, summary } = await feed(tenant, 'contacts', { type, body });
    t.diagnostic(`${type}: ${Math.round((count / (performance.now() - begun)) * 1000)} rows a second`);
    assert.equal(lines.length, count);
    lines.forEach((line, index) => {
      assert.equal(line.line, index + firstLine);
      assert.equal(line.id, uuid(index + 1));
      const bad = (index + 1) % 100 === 0;
      assert.equal(line.outcome, bad ? 'rejected' : 'inserted');
      if (bad) assert.match(line.detail, /^email: "nobody" is no e-mail address/);
    });
    assert.deepEqual(summary, {
      inserted: count - 200,
      updated: 0,
      unchanged: 0,
      deleted: 0,
      rejected: 200,
      replayed: 0,
      complete: true,
    });
    states.push(await rowsOf(tenant));
  }
  assert.equal(states[0].length, count - 200);
  assert.deepEqual(states[0], states[1]);
});

test('a retry with the same key tells the same and changes nothing', async () => {
  const tenant = await makeTenant();
  const options = { type: 'application/x-ndjson', body: ndjson(3500), key: 'night-2025-09-02' };
  const first = await feed(tenant, 'contacts', options);
  await call('PATCH', `/api/tenants/${tenant.slug}/contacts/${uuid(1)}`, { name: 'Changed since' });
  const row = await portal.control(`/api/tenants/${tenant.slug}/contacts/${uuid(1)}`, { token: tenant.token });
  const page = await portal.request('/v1/contacts', { token: tenant.token });

  const again = await feed(tenant, 'contacts', options);
  assert.deepEqual(again.lines, first.lines);
  assert.deepEqual(again.summary, { ...first.summary, replayed: 3500 });
  const rowAgain = await portal.control(`/api/tenants/${tenant.slug}/contacts/${uuid(1)}`, { token: tenant.token });
  assert.equal(rowAgain.headers.etag, row.headers.etag);
  const pageAgain = await portal.request('/v1/contacts', { token: tenant.token });
  assert.equal(pageAgain.headers.etag, page.headers.etag, 'not even the revision has moved');

  const target = `/api/tenants/${tenant.slug}/contacts/bulk`;
  const others = [
    [target, { ...options, body: ndjson(3501) }],
    [`${target}?on_error=stop`, options],
    [`${target}?operation=delete`, options],
    [target, { ...options, type: 'text/csv' }],
    [target.replace('contacts', 'jobs'), options],
  ];
  for (const [where, other] of others) {
    const answer = await curl(where, { ...other, token: tenant.token });
    assert.equal(answer.status, 409, `${where}: ${answer.text}`);
    assert.equal(JSON.parse(answer.text).code, 'CONFLICT');
  }
  assert.equal((await feed(await makeTenant(), 'contacts', options)).summary.replayed, 0, 'a key is its tenant’s own');
});

test('two requests at once with one key write each row once', async () => {
  const tenant = await makeTenant();
  const options = { type: 'application/x-ndjson', body: ndjson(5000, { bad: false }), key: 'twice' };
  const both = await Promise.all([feed(tenant, 'contacts', options), feed(tenant, 'contacts', options)]);
  for (const { lines, summary } of both) {
    assert.ok(lines.every(({ outcome }) => outcome === 'inserted'));
    assert.equal(summary.inserted, 5000);
    assert.ok(summary.complete);
  }
  assert.equal(both[0].summary.replayed + both[1].summary.replayed, 5000);
  assert.equal(await contactsOf(tenant), 5000);
});

/** Sends a feed and hangs up after so many bytes of the body, or of the answer. Resolves once the portal is gone. */
function cutFeed(tenant, { body, type, key }, { sent = body.length, received = 0 }) {
  return new Promise((done, failed) => {
    const socket = connect(portal.controlPort, '127.0.0.1');
    let got = 0;
    socket.on('error', () => {});
    socket.on('close', done);
    socket.setTimeout(30_000, () => failed(new Error('the portal neither answers nor hangs up')));
    socket.on('data', (bytes) => {
      got += bytes.length;
      if (sent === body.length && got >= received) socket.destroy();
    });
    const head = [
      `POST /api/tenants/${tenant.slug}/contacts/bulk HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: Bearer ${tenant.token}`,
      `Content-Type: ${type}`,
      `Idempotency-Key: ${key}`,
      `Content-Length: ${body.length}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body.subarray(0, sent), () => {
      if (sent < body.length) socket.destroy();
    });
  });
}

test('a connection cut anywhere, then retried with its key, ends as one clean run does', async (t) => {
  const seed = Number(process.env.PORTAL_SEED ?? Date.now() % 1e9);
  t.diagnostic(`PORTAL_SEED=${seed}`);
  const random = seededRandom(seed);
  const body = Buffer.from(ndjson(5000));
  const options = { type: 'application/x-ndjson', body, key: 'cut' };
  const clean = await makeTenant();
  const whole = await feed(clean, 'contacts', options);
  const expected = await rowsOf(clean);

  for (let round = 0; round < 5; ++round) {
    const tenant = await makeTenant();
    await cutFeed(tenant, options, { sent: Math.floor(random() * body.length) });
    assert.equal(await contactsOf(tenant), 0, 'half a body changes nothing');
    // Each try goes a little further; the last one finds some batches done, and some not.
    for (let cut = 0; cut <= round % 2; ++cut) {
      await cutFeed(tenant, options, { received: Math.floor((random() * whole.text.length) / 2) });
    }
    const { lines, summary } = await feed(tenant, 'contacts', options);
    assert.deepEqual(lines, whole.lines);
    assert.deepEqual({ ...summary, replayed: 0 }, whole.summary);
    assert.deepEqual(await rowsOf(tenant), expected);
    t.diagnostic(`round ${round}: the last try replayed ${summary.replayed} of 5000 rows`);
  }
});

test('bad rows are told by line; on_error=stop ends there', async () => {
  const tenant = await makeTenant();
  const body = `id,name,email\n${uuid(1)},"Two\nlines",\n${uuid(2)},,\nx,Ann,\n${uuid(3)},Ann\n${uuid(1)},Ann,\n${uuid(4)},Bob,\n`;
  const skipped = await feed(tenant, 'contacts', { type: 'text/csv', body });
  assert.deepEqual(
    skipped.lines.map(({ line, id, outcome }) => [line, id, outcome]),
    [
      [2, uuid(1), 'inserted'],
      [4, uuid(2), 'rejected'],
      [5, 'x', 'rejected'],
      [6, null, 'rejected'],
      [7, uuid(1), 'rejected'],
      [8, uuid(4), 'inserted'],
    ],
  );
  const stopped = await feed(tenant, 'contacts', { type: 'text/csv', body, query: '?on_error=stop' });
  assert.equal(stopped.lines.length, 2);
  assert.equal(stopped.summary.complete, false);
  assert.match(stopped.summary.detail, /^Stopped at line 4/);
});

test('rows are deleted in bulk, and to delete them again is no change', async () => {
  const tenant = await makeTenant();
  await feed(tenant, 'contacts', { type: 'application/x-ndjson', body: ndjson(2500, { bad: false }) });
  const ids = Array.from({ length: 2000 }, (_, index) => JSON.stringify({ id: uuid(index + 1) })).join('\n');
  const options = { type: 'application/x-ndjson', body: ids, query: '?operation=delete' };
  assert.equal((await feed(tenant, 'contacts', options)).summary.deleted, 2000);
  assert.equal(await contactsOf(tenant), 500);
  assert.equal((await feed(tenant, 'contacts', options)).summary.unchanged, 2000);
});

test('jobs and file rows come in bulk, too; a file needs bytes that the tenant has uploaded', async () => {
  const tenant = await makeTenant();
  const jobs = 'id,title,status\njob_1,Roof,pending\njob_2,Wall,completed\n';
  assert.equal((await feed(tenant, 'jobs', { type: 'text/csv', body: jobs })).summary.inserted, 2);
  const bytes = Buffer.from('a plan of the roof');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const rows = (job) =>
    [1, 2].map((n) =>
      JSON.stringify({ job_id: job, id: `file_${n}`, name: `plan ${n}.txt`, sha256, content_type: 'text/plain' }),
    );
  const body = `${[...rows('job_1'), ...rows('job_9')].join('\n')}\n`;
  const without = await feed(tenant, 'files', { type: 'application/x-ndjson', body });
  assert.ok(
    without.lines.every(({ detail }) => detail === `sha256: there is no blob ${sha256}; upload its bytes first`),
  );

  const upload = { method: 'PUT', token: tenant.token, body: bytes };
  assert.equal((await portal.control(`/api/tenants/${tenant.slug}/blobs/${sha256}`, upload)).status, 201);
  const { lines, summary } = await feed(tenant, 'files', { type: 'application/x-ndjson', body });
  assert.equal(summary.inserted, 2);
  assert.deepEqual(
    lines.slice(2).map(({ detail }) => detail),
    Array(2).fill('job_id: there is no job job_9'),
  );
  const file = await portal.request('/v1/jobs/job_1/files/file_2', { token: tenant.token });
  assert.equal(file.json.size, bytes.length);
  assert.equal((await portal.request(file.json.signed_url)).text, bytes.toString());
});

test('what is no feed is refused before a row of it is written', async () => {
  const tenant = await makeTenant();
  const good = { type: 'application/x-ndjson', body: ndjson(1) };
  const cases = [
    ['', { ...good, type: 'application/json' }, 415],
    ['', { ...good, key: 'a b' }, 400],
    ['', { ...good, key: 'k'.repeat(256) }, 400],
    ['?operation=merge', good, 400],
    ['?on_error=continue', good, 400],
    ['?dry_run=1', good, 400],
    ['', { type: 'text/csv', body: 'id,nmae\n' }, 400, /there is no column \\"nmae\\"; did you mean \\"name\\"\?/],
    ['', { ...good, token: 'prod_token' }, 404],
    ['', { ...good, token: 'wrong' }, 401],
  ];
  for (const [query, options, status, says = /./] of cases) {
    const answer = await curl(`/api/tenants/${tenant.slug}/contacts/bulk${query}`, { token: tenant.token, ...options });
    assert.equal(answer.status, status, `${query} ${answer.text}`);
    assert.match(answer.text, says);
  }
  assert.equal(await contactsOf(tenant), 0);
});

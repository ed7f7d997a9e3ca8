// Pages: walking them both ways, their links, their limits, their filters and their ETags.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo, makeStore, mustRun, startPortal } from './support/portal.mjs';

let portal;
before(async () => {
  portal = await startPortal();
});
after(() => portal.stop());

const get = (target, options) => portal.request(target, { token: demo.token, ...options });

/** The Link header taken apart: `{first, prev, next, last}`, as targets. */
function links({ headers }, base = portal.base) {
  const found = {};
  for (const part of headers.link.split(/,\s*(?=<)/)) {
    const [, url, relation] = /^<([^>]*)>; rel="(\w+)"$/.exec(part) ?? assert.fail(headers.link);
    assert.ok(url.startsWith(`${base}/v1/`), url);
    assert.ok(!(relation in found), `${relation} twice`);
    found[relation] = url.slice(base.length);
  }
  return found;
}

async function mustGet(target, options) {
  const answer = await get(target, options);
  assert.equal(answer.status, 200, `${target}: ${answer.text.slice(0, 400)}`);
  return answer;
}

const lists = [
  ['/v1/contacts', demo.contacts, ['created_at', 'updated_at', 'name']],
  ['/v1/jobs', demo.jobs, ['created_at', 'updated_at', 'scheduled_at']],
];
const walks = lists.flatMap(([path, total, sorts]) =>
  sorts.flatMap((sort) => [`${path}?sort=${sort}`, `${path}?sort=-${sort}`].map((target) => [target, total])),
);

for (const [target, total] of walks) {
  test(`${target}: forward and back by cursor meets every row once, in the same order as offsets`, async () => {
    const limit = 100;
    const forward = [];
    let last;
    for (let next = `${target}&limit=${limit}`; next; next = links(last).next) {
      last = await mustGet(next);
      const { data, total: counted, offset, has_more } = last.json;
      assert.equal(counted, total);
      assert.equal(offset, forward.length === 0 ? 0 : null);
      assert.equal(has_more, links(last).next !== undefined);
      forward.push(...data);
    }
    assert.equal(forward.length, total);
    assert.equal(new Set(forward.map(({ id }) => id)).size, total);

    const back = [];
    for (let answer = last; ;) {
      const { prev } = links(answer);
      if (prev === undefined) break;
      answer = await mustGet(prev);
      back.unshift(...answer.json.data);
    }
    const tail = last.json.data.length;
    assert.deepEqual(
      back.map(({ id }) => id),
      forward.slice(0, total - tail).map(({ id }) => id),
    );

    const byOffset = [];
    for (let offset = 0; offset < total; offset += 200) {
      byOffset.push(...(await mustGet(`${target}&limit=200&offset=${offset}`)).json.data);
    }
    assert.deepEqual(byOffset, forward);
  });
}

for (const [path, , sorts] of lists) {
  for (const sort of sorts) {
    test(`${path}?sort=${sort} is in order, and its descending page is the exact reverse`, async () => {
      const rows = async (sign) => {
        const all = [];
        for (let next = `${path}?sort=${sign}${sort}&limit=200`; next;) {
          const answer = await mustGet(next);
          all.push(...answer.json.data);
          next = links(answer).next;
        }
        return all;
      };
      const ascending = await rows('');
      const key = (row) => (sort === 'name' ? row.name.toLowerCase() : (row[sort] ?? ''));
      for (let i = 1; i < ascending.length; i += 1) {
        const [a, b] = [ascending[i - 1], ascending[i]];
        // Names are compared as the store folds them: only ASCII is certain here.
        if (sort === 'name' && /[^\x20-\x7e]/.test(key(a) + key(b))) continue;
        assert.ok(key(a) < key(b) || (key(a) === key(b) && a.id < b.id), `${key(a)} ${a.id} before ${key(b)} ${b.id}`);
      }
      assert.deepEqual(
        (await rows('-')).map(({ id }) => id).reverse(),
        ascending.map(({ id }) => id),
      );
    });
  }
}

test('links on offset pages', async () => {
  const cases = [
    ['/v1/contacts?limit=100', { prev: null, next: true, last: 1200 }],
    ['/v1/contacts?limit=100&offset=100', { prev: 0, next: true, last: 1200 }],
    ['/v1/contacts?limit=100&offset=50', { prev: 0, next: true, last: 1200 }],
    ['/v1/contacts?limit=100&offset=1200', { prev: 1100, next: false, last: 1200 }],
    ['/v1/contacts?limit=100&offset=1247', { prev: 1147, next: false, last: 1200 }],
    ['/v1/contacts?limit=100&offset=5000000000', { prev: 1147, next: false, last: 1200 }],
    ['/v1/contacts?limit=200&sort=name', { prev: null, next: true, last: 1200 }],
    ['/v1/jobs?limit=171', { prev: null, next: true, last: 171 }],
  ];
  for (const [target, expected] of cases) {
    const found = links(await mustGet(target));
    const offset = (link) => (link === undefined ? null : Number(/offset=(\d+)/.exec(link)?.[1] ?? NaN));
    assert.equal(offset(found.prev), expected.prev, `${target} prev`);
    assert.equal(found.next !== undefined, expected.next, `${target} next`);
    assert.equal(offset(found.last), expected.last, `${target} last`);
    const query = new URL(found.first, portal.base).searchParams;
    assert.equal(query.get('limit'), /limit=(\d+)/.exec(target)[1]);
    assert.equal(query.get('sort'), /sort=(\w+)/.exec(target)?.[1] ?? null, 'links keep the sort');
    for (const link of Object.values(found)) await mustGet(link);
  }
});

test('cursor pages have no last link, and their first is the first page', async () => {
  const first = await mustGet('/v1/jobs?limit=10');
  const second = await mustGet(links(first).next);
  const found = links(second);
  assert.equal(found.last, undefined);
  assert.deepEqual((await mustGet(found.first)).json, first.json);
  assert.deepEqual((await mustGet(found.prev)).json.data, first.json.data);
});

test('an offset past the end is an empty page', async () => {
  for (const offset of [demo.contacts, 1_000_000, Number.MAX_SAFE_INTEGER]) {
    const { json } = await mustGet(`/v1/contacts?offset=${offset}&limit=7`);
    assert.deepEqual(json, { data: [], total: demo.contacts, limit: 7, offset, has_more: false });
  }
});

test('limits that are allowed', async () => {
  for (const [query, limit] of [
    ['', 50],
    ['?limit=1', 1],
    ['?limit=50', 50],
    ['?limit=200', 200],
  ]) {
    const { json } = await mustGet(`/v1/contacts${query}`);
    assert.equal(json.limit, limit);
    assert.equal(json.data.length, limit);
  }
});

const refusals = [
  ...['0', '-1', '201', '1000000000', '1e3', '1.5', '', ' 1', '1 ', '0x10', 'abc', '١', '99999999999999999999'].map(
    (value) => [`limit=${encodeURIComponent(value)}`, 'limit'],
  ),
  ...['-1', '1.5', '1e3', '', 'abc', '99999999999999999999'].map((value) => [`offset=${value}`, 'offset']),
  ['limit=1&limit=1', 'limit'],
  ['limit=1&limit=2', 'limit'],
  ['limit', 'limit'],
  ['colour=red', 'colour'],
  ['Limit=1', 'Limit'],
  ['sort=size', 'sort'],
  ['sort=--name', 'sort'],
  ['sort=', 'sort'],
  ['cursor=abc', 'cursor'],
  ['cursor=', 'cursor'],
  ['updated_since=yesterday', 'updated_since'],
  ['updated_since=2025-02-30T00:00:00Z', 'updated_since'],
  ['updated_since=2025-02-03', 'updated_since'],
  ['q=', 'q'],
];
for (const [query, parameter] of refusals) {
  test(`?${query} is refused by its name`, async () => {
    const answer = await get(`/v1/contacts?${query}`);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.json.code, 'VALIDATION_ERROR');
    assert.deepEqual(
      answer.json.errors.map((error) => error.parameter),
      [parameter],
    );
    assert.ok(answer.json.errors[0].detail.length > 0);
  });
}

test('all refused parameters are named at once', async () => {
  const answer = await get('/v1/jobs?limit=0&status=done&colour=red&contact_id=7');
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json.errors.map(({ parameter }) => parameter).sort(), [
    'colour',
    'contact_id',
    'limit',
    'status',
  ]);
});

test('a cursor that was changed, or is of another list, sort or filter, is refused', async () => {
  const { next } = links(await mustGet('/v1/contacts?limit=10'));
  const cursor = /cursor=([^&]+)/.exec(next)[1];
  const others = [
    `/v1/jobs?limit=10&cursor=${cursor}`,
    `/v1/contacts?limit=10&sort=name&cursor=${cursor}`,
    `/v1/contacts?limit=10&q=a&cursor=${cursor}`,
    `/v1/contacts?limit=10&offset=10&cursor=${cursor}`,
    `/v1/contacts?limit=10&cursor=${cursor}A`,
    `/v1/contacts?limit=10&cursor=${cursor.slice(1)}`,
    `/v1/contacts?limit=10&cursor=${cursor.slice(0, -1)}`,
    ...[...cursor].slice(0, 24).map((character, at) => {
      const changed = cursor.slice(0, at) + (character === 'A' ? 'B' : 'A') + cursor.slice(at + 1);
      return `/v1/contacts?limit=10&cursor=${changed}`;
    }),
  ];
  for (const target of others) {
    const answer = await get(target);
    assert.equal(answer.status, 400, target);
    assert.deepEqual(
      answer.json.errors.map(({ parameter }) => parameter),
      ['cursor'],
      target,
    );
  }
  await mustGet(`/v1/contacts?limit=20&cursor=${cursor}`); // another page size is fine
});

test('filters find what they say, and only that', async () => {
  const all = [];
  for (let next = '/v1/jobs?limit=200'; next;) {
    const answer = await mustGet(next);
    all.push(...answer.json.data);
    next = links(answer).next;
  }
  const statuses = ['pending', 'scheduled', 'in_progress', 'on_hold', 'completed', 'cancelled'];
  for (const status of statuses) {
    const { json } = await mustGet(`/v1/jobs?limit=200&status=${status}`);
    const expected = all.filter((job) => job.status === status);
    assert.ok(expected.length > 0, `the demo data has a job that is ${status}`);
    assert.equal(json.total, expected.length);
    assert.deepEqual(json.data, expected.slice(0, 200));
  }

  const since = [...all].map((job) => job.updated_at).sort()[Math.floor(all.length * 0.9)];
  const recent = await mustGet(`/v1/jobs?limit=200&updated_since=${since}`);
  assert.deepEqual(
    recent.json.data.map(({ id }) => id),
    all
      .filter((job) => job.updated_at >= since)
      .sort((a, b) => (a.updated_at + a.id < b.updated_at + b.id ? -1 : 1))
      .map(({ id }) => id),
  );

  const withContact = all.find((job) => job.contact_id !== null);
  const ofContact = await mustGet(`/v1/jobs?limit=200&contact_id=${withContact.contact_id}`);
  assert.deepEqual(
    ofContact.json.data,
    all.filter((job) => job.contact_id === withContact.contact_id),
  );

  const { json: contact } = await mustGet(`/v1/contacts/${demo.contact}`);
  for (const query of [contact.name, contact.name.slice(0, 4), contact.name.toUpperCase()]) {
    const { json } = await mustGet(`/v1/contacts?limit=200&q=${encodeURIComponent(query)}`);
    assert.ok(
      json.data.some(({ id }) => id === demo.contact),
      query,
    );
  }
  if (contact.email) {
    const { json } = await mustGet(`/v1/contacts?email=${encodeURIComponent(contact.email.toUpperCase())}`);
    assert.ok(json.data.some(({ id }) => id === demo.contact));
    assert.ok(json.data.every(({ email }) => email.toLowerCase() === contact.email.toLowerCase()));
  }
});

test('searches that are odd are answered, not failed', async () => {
  const queries = [
    '"',
    "'",
    '*',
    'a*',
    'NOT',
    'a AND',
    '(',
    ')',
    'name:a',
    '^a',
    '-',
    '😀',
    'ß',
    '\u0000',
    'a '.repeat(128),
    '" OR 1=1 --',
    '%',
    '\\',
  ];
  for (const query of queries) {
    const answer = await get(`/v1/contacts?q=${encodeURIComponent(query)}`);
    assert.ok(
      [200, 400].includes(answer.status),
      `${query.slice(0, 20)}: ${answer.status} ${answer.text.slice(0, 300)}`,
    );
    if (answer.status === 400) assert.equal(query, '\u0000', 'only what is no text is refused');
  }
});

test('filtered lists page like the others', async () => {
  const targets = ['/v1/jobs?status=completed', '/v1/contacts?q=a', '/v1/contacts?updated_since=2025-01-01T00:00:00Z'];
  for (const target of targets) {
    const { json } = await mustGet(`${target}&limit=200`);
    assert.ok(json.total > 14, target);
    const seen = [];
    for (let next = `${target}&limit=7`; next && seen.length < json.data.length;) {
      const answer = await mustGet(next);
      seen.push(...answer.json.data);
      next = links(answer).next;
    }
    assert.deepEqual(seen.slice(0, json.data.length), json.data.slice(0, seen.length), target);
  }
});

test('the files of a job page too', async () => {
  let busiest;
  for (let next = '/v1/jobs?limit=200'; next && !busiest;) {
    const answer = await mustGet(next);
    for (const { id } of answer.json.data) {
      const { total } = (await mustGet(`/v1/jobs/${id}/files?limit=1`)).json;
      if (total >= 25) {
        busiest = { id, total };
        break;
      }
    }
    next = links(answer).next;
  }
  assert.ok(busiest, 'the demo data has a job with 25 files');
  for (const sort of ['', '&sort=name', '&sort=-name', '&sort=created_at']) {
    const whole = (await mustGet(`/v1/jobs/${busiest.id}/files?limit=200${sort}`)).json.data.map(({ id }) => id);
    const seen = [];
    for (let next = `/v1/jobs/${busiest.id}/files?limit=4${sort}`; next;) {
      const answer = await mustGet(next);
      assert.equal(answer.json.total, busiest.total);
      assert.equal(answer.headers.etag, undefined);
      seen.push(...answer.json.data.map(({ id }) => id));
      next = links(answer).next;
    }
    assert.deepEqual(seen, whole);
  }
  const none = await get(`/v1/jobs/${busiest.id}/files`, { headers: { 'If-None-Match': '*' } });
  assert.equal(none.status, 200, 'a file page is never 304');
});

test('an ETag holds as long as nothing changed, for its target alone', async () => {
  const targets = ['/v1/contacts?limit=3', '/v1/jobs?limit=3', `/v1/contacts/${demo.contact}`, `/v1/jobs/${demo.job}`];
  const etags = new Set();
  for (const target of targets) {
    const answer = await mustGet(target);
    const { etag } = answer.headers;
    assert.match(etag, /^"[^"]+"$/);
    etags.add(etag);
    for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const same = await get(target, { headers: { 'If-None-Match': condition } });
      assert.equal(same.status, 304, condition);
      assert.equal(same.headers.etag, etag);
      assert.equal(same.body.length, 0);
      assert.equal(same.headers['content-type'], undefined);
    }
    assert.equal((await get(target, { headers: { 'If-None-Match': '"x"' } })).status, 200);
    assert.equal((await get(target, { headers: { 'If-Match': etag } })).status, 200);
    assert.equal((await get(target, { headers: { 'If-Match': '"x"' } })).status, 412);
  }
  assert.equal(etags.size, targets.length);
  for (const missing of ['/v1/contacts/00000000-0000-4000-8000-000000000000', '/v1/jobs/job_unknown']) {
    for (const condition of ['*', ...etags]) {
      assert.equal((await get(missing, { headers: { 'If-None-Match': condition } })).status, 404);
    }
  }
});

test('an import ends every ETag of its tenant', async () => {
  const { dataDir, token } = await makeStore();
  const store = await startPortal({ dataDir });
  try {
    const ask = (headers) => store.request('/v1/contacts', { token, headers });
    const { etag } = (await ask()).headers;
    assert.equal((await ask({ 'If-None-Match': etag })).status, 304);
    const row = 'id,name\n11111111-1111-4111-8111-111111111111,Ada\n';
    const bring = () => mustRun(['import', 'contacts', '-', '--tenant', 'acme', '--data-dir', dataDir], { input: row });
    await bring();
    const changed = await ask({ 'If-None-Match': etag });
    assert.equal(changed.status, 200);
    assert.equal(changed.json.total, 1);
    assert.notEqual(changed.headers.etag, etag);
  } finally {
    await store.stop();
  }
});

// The tenant matrix: what another tenant owns answers exactly like what never existed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo, stableHeaders, startPortal } from './support/portal.mjs';

let portal;
let theirs; // ids of the other tenant's
before(async () => {
  portal = await startPortal();
  const first = async (target) => {
    const { json } = await portal.request(target, { token: demo.otherToken });
    assert.ok(json.data?.length > 0, `the other tenant needs data of its own: ${target}`);
    return json.data;
  };
  const [contact] = await first('/v1/contacts?limit=1');
  for (const job of await first('/v1/jobs?limit=200')) {
    const { json } = await portal.request(`/v1/jobs/${job.id}/files?limit=1`, { token: demo.otherToken });
    if (json.data.length > 0) theirs = { contact: contact.id, job: job.id, file: json.data[0].id };
  }
  assert.ok(theirs, 'the other tenant needs a file');
});
after(() => portal.stop());

const tenants = () => [
  { name: 'acme', token: demo.token, own: demo, other: theirs },
  { name: 'globex', token: demo.otherToken, own: theirs, other: demo },
];
const unknown = { contact: '00000000-0000-4000-8000-000000000000', job: 'job_unknown', file: 'file_unknown' };

// Every route with an id in it: how its target is made of ids.
const routes = [
  { name: 'a contact', target: ({ contact }) => `/v1/contacts/${contact}`, detail: 'Contact not found' },
  { name: 'a job', target: ({ job }) => `/v1/jobs/${job}`, detail: 'Job not found' },
  { name: 'files', target: ({ job }) => `/v1/jobs/${job}/files`, detail: 'Job not found' },
  { name: 'a file', target: ({ job, file }) => `/v1/jobs/${job}/files/${file}`, detail: 'Job not found' },
];

// An answer without what differs between any two: its ids, its date and, since they say so, its trace.
function essence(answer) {
  const { 'x-trace-id': traceId, ...headers } = stableHeaders(answer);
  assert.ok(traceId);
  return { status: answer.status, headers, text: answer.text.replaceAll(traceId, 'TRACE') };
}

for (const method of ['GET', 'HEAD']) {
  for (const route of routes) {
    test(`${method} of ${route.name}: own, another tenant's, unknown`, async () => {
      for (const { name, token, own, other } of tenants()) {
        const ask = (ids, headers) => portal.request(route.target(ids), { method, token, headers });
        const mine = await ask(own);
        assert.equal(mine.status, 200, `${name}: ${mine.text}`);
        const theirAnswer = await ask(other);
        assert.equal(theirAnswer.status, 404, name);
        assert.deepEqual(essence(theirAnswer), essence(await ask(unknown)), name);
        if (method === 'GET') assert.equal(theirAnswer.json.detail, route.detail);
        // A client that guesses gets no 304 or 412 out of it either.
        for (const headers of [
          { 'If-None-Match': '*' },
          { 'If-Match': '"x"' },
          { 'If-None-Match': mine.headers.etag ?? '"x"' },
        ]) {
          assert.deepEqual(essence(await ask(other, headers)), essence(theirAnswer), JSON.stringify(headers));
        }
      }
    });
  }
}

test("a file under another tenant's job, and another tenant's file under an own job, are not there", async () => {
  for (const { token, own, other } of tenants()) {
    const crossed = [
      [`/v1/jobs/${other.job}/files/${own.file}`, 'Job not found'],
      [`/v1/jobs/${own.job}/files/${other.file}`, 'File not found'],
      [`/v1/jobs/${own.job}/files/${unknown.file}`, 'File not found'],
    ];
    for (const [target, detail] of crossed) {
      const answer = await portal.request(target, { token });
      assert.equal(answer.status, 404, target);
      assert.equal(answer.json.detail, detail, target);
    }
  }
});

test('lists hold own rows only, whatever they are filtered by', async () => {
  for (const { token, own, other } of tenants()) {
    const { json: theirContact } = await portal.request(`/v1/contacts/${other.contact}`, {
      token: token === demo.token ? demo.otherToken : demo.token,
    });
    const filters = [
      `/v1/contacts?q=${encodeURIComponent(theirContact.name)}`,
      `/v1/contacts?email=${encodeURIComponent(theirContact.email ?? 'nobody@example.com')}`,
      `/v1/jobs?contact_id=${other.contact}`,
    ];
    for (const target of filters) {
      const answer = await portal.request(target, { token });
      assert.equal(answer.status, 200, answer.text);
      const ids = answer.json.data.map((row) => row.contact_id ?? row.id);
      assert.ok(!ids.includes(other.contact), target);
    }
    const all = new Set();
    for (const list of ['contacts', 'jobs']) {
      for (let next = `/v1/${list}?limit=200`; next;) {
        const answer = await portal.request(next, { token });
        for (const row of answer.json.data) all.add(row.id);
        next = /<[^>]*?(\/v1[^>]*)>; rel="next"/.exec(answer.headers.link)?.[1];
      }
    }
    assert.ok(all.has(own.contact) && all.has(own.job));
    assert.ok(!all.has(other.contact) && !all.has(other.job));
  }
});

test("a cursor or an ETag of one tenant's list is worth nothing to the other", async () => {
  const page = await portal.request('/v1/contacts?limit=1', { token: demo.token });
  const next = /<[^>]*?(\/v1[^>]*)>; rel="next"/.exec(page.headers.link)[1];
  const stolen = await portal.request(next, { token: demo.otherToken });
  assert.equal(stolen.status, 400);
  assert.equal(stolen.json.errors[0].parameter, 'cursor');
  const etag = await portal.request('/v1/contacts?limit=1', {
    token: demo.otherToken,
    headers: { 'If-None-Match': page.headers.etag },
  });
  assert.equal(etag.status, 200);
});

const badCredentials = [
  ['none', undefined, 'Bearer realm="portal"'],
  ['another scheme', 'Basic cHJvZF90b2tlbjo=', 'Bearer realm="portal"'],
  ['an unknown token', 'Bearer nonsense', 'Bearer realm="portal", error="invalid_token"'],
  ['a token with more behind it', `Bearer ${demo.token}x`, 'Bearer realm="portal", error="invalid_token"'],
  ['a token in other case', `Bearer ${demo.token.toUpperCase()}`, 'Bearer realm="portal", error="invalid_token"'],
  ['an empty token', 'Bearer ', undefined],
  ['a very long token', `Bearer ${'a'.repeat(4000)}`, 'Bearer realm="portal", error="invalid_token"'],
];
for (const [name, credentials, challenge] of badCredentials) {
  test(`${name} is refused on every route that needs a client`, async () => {
    for (const { target } of [{ target: () => '/v1/contacts' }, { target: () => '/v1/jobs' }, ...routes]) {
      const headers = credentials === undefined ? {} : { Authorization: credentials };
      const answer = await portal.request(target(demo), { headers });
      assert.equal(answer.status, 401, answer.text);
      assert.equal(answer.json.code, 'UNAUTHORIZED');
      if (challenge) assert.equal(answer.headers['www-authenticate'], challenge);
      assert.match(answer.headers['www-authenticate'], /^Bearer realm="portal"/);
    }
  });
}

test('the scheme is not case-sensitive, and a token in the query string is refused', async () => {
  const lower = await portal.request('/v1/jobs?limit=1', { headers: { Authorization: `bearer ${demo.token}` } });
  assert.equal(lower.status, 200);
  for (const name of ['token', 'access_token']) {
    const alone = await portal.request(`/v1/jobs?${name}=${demo.token}`);
    assert.equal(alone.status, 401);
    const beside = await portal.request(`/v1/jobs?${name}=${demo.token}`, { token: demo.token });
    assert.equal(beside.status, 400);
    assert.ok(!beside.text.includes(demo.token), 'the token is not repeated');
  }
});

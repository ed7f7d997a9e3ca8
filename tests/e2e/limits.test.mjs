// Budgets, against the binary with those of the contract: who is counted together, what a client is told, who gets
// through after waiting, and what an operator sees and changes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { limited } from './support/budgets.mjs';
import { demo, makeStore, mustRun, startPortal } from './support/portal.mjs';

const admin = 'admin_token';
let portal;
before(async () => {
  portal = await startPortal({ env: limited });
});
after(() => portal.stop());

const reset = async (of = portal) => {
  const { status } = await of.control('/api/limits/reset', { method: 'POST', body: {}, token: admin });
  assert.equal(status, 204);
};
const times = async (count, ask) => {
  const answers = [];
  for (let n = 0; n < count; n += 1) answers.push(await ask());
  return answers;
};
const contacts = (token = demo.token, of = portal) => of.request('/v1/contacts?limit=1', { token });
const statuses = (answers) => answers.map(({ status }) => status);

test('each budget is counted down, refuses, and says so in all its headers', async () => {
  await reset();
  const job = '/v1/jobs/job_prod_test/files';
  for (const [name, target, budget, endpoint] of [
    ['contacts', '/v1/contacts?limit=1', 60, 'Contacts'],
    ['jobs', '/v1/jobs?limit=1', 60, 'Jobs'],
    ['files', `${job}?limit=1`, 120, 'Files'],
    ['health', '/v1/health', 60, 'Health'],
  ]) {
    for (let n = 1; n <= budget; n += 1) {
      const { status, headers } = await portal.request(target, { token: demo.token });
      assert.equal(status, 200);
      assert.equal(headers['x-ratelimit-limit'], String(budget));
      assert.equal(headers['x-ratelimit-remaining'], String(budget - n));
      assert.equal(headers['ratelimit-policy'], `"${name}";q=${budget};w=60`);
      assert.match(headers.ratelimit, new RegExp(`^"${name}";r=${budget - n};t=([1-9]|[1-5][0-9]|60)$`));
      assert.equal(headers['retry-after'], undefined);
    }
    const { status, headers, json } = await portal.request(target, { token: demo.token });
    assert.equal(status, 429);
    assert.equal(headers['content-type'], 'application/problem+json');
    const seconds = Number(headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 60, headers['retry-after']);
    assert.equal(headers.ratelimit, `"${name}";r=0;t=${seconds}`);
    const left = Number(headers['x-ratelimit-reset']) - Date.now() / 1000;
    assert.ok(left - seconds <= 1.5 && left - seconds > -10, `${left} some time after ${seconds}`);
    assert.equal(json.title, 'Too Many Requests');
    assert.equal(json.code, 'RATE_LIMIT_EXCEEDED');
    const wanted = `${endpoint} endpoint rate limit exceeded. Please retry after ${seconds} second${seconds === 1 ? '' : 's'}`;
    assert.equal(json.detail, wanted);
  }
});

test('a single row shares its list’s budget, and another client has its own', async () => {
  await reset();
  await times(59, () => contacts());
  const one = '/v1/contacts/550e8400-e29b-41d4-a716-446655440000';
  assert.equal((await portal.request(one, { token: demo.token })).headers['x-ratelimit-remaining'], '0');
  assert.equal((await contacts()).status, 429);
  assert.equal((await contacts('different_tenant_token')).status, 200);
  const load = await contacts('load_token');
  assert.equal(load.headers['x-ratelimit-limit'], '100000');
});

test('not found and not modified count, options and refused heads do not', async () => {
  await reset();
  const row = '/v1/contacts/00000000-0000-4000-8000-000000000000';
  const missing = await portal.request(row, { token: demo.token });
  assert.equal(missing.status, 404);
  assert.equal(missing.headers['x-ratelimit-remaining'], '59');
  const { headers } = await contacts();
  const same = await portal.request('/v1/contacts?limit=1', {
    token: demo.token,
    headers: { 'If-None-Match': headers.etag },
  });
  assert.equal(same.status, 304);
  assert.equal(same.headers['x-ratelimit-remaining'], '57');
  const options = await portal.request('/v1/contacts', { method: 'OPTIONS', token: demo.token });
  assert.equal(options.headers['x-ratelimit-limit'], undefined);
  assert.equal((await contacts()).headers['x-ratelimit-remaining'], '56');
});

test('downloads count for the client whose signature holds, and bad ones against the address', async () => {
  await reset();
  const { json } = await portal.request('/v1/jobs/job_prod_test/files?limit=1', { token: demo.token });
  const { pathname, search } = new URL(json.data[0].signed_url);
  const good = await portal.request(pathname + search, { method: 'HEAD' });
  assert.equal(good.status, 200);
  assert.equal(good.headers['ratelimit-policy'], '"downloads";q=600;w=60');
  const bad = (pathname + search).replace(/signature=.{8}/, 'signature=00000000');
  const answers = await times(31, () => portal.request(bad));
  assert.deepEqual(statuses(answers), [...Array(30).fill(403), 429]);
  assert.equal(answers[30].headers['ratelimit-policy'], '"auth_failures";q=30;w=60');
  assert.ok(Number(answers[30].headers['retry-after']) >= 1);
  const token = await portal.request('/v1/contacts', { token: 'a_guess' });
  assert.equal(token.status, 429, 'bad tokens and signatures are braked together');
  assert.equal((await contacts()).status, 200, 'and hold up nobody who has a good one');
  assert.equal((await portal.request(pathname + search, { method: 'HEAD' })).status, 200);
});

test('ab -n 1000 -c 10 on health: 60 let through, 940 refused', async () => {
  await reset();
  const output = execFileSync('ab', ['-q', '-n', '1000', '-c', '10', `${portal.base}/v1/health`], { encoding: 'utf8' });
  assert.match(output, /Complete requests:\s+1000\b/);
  assert.match(output, /Non-2xx responses:\s+940\b/);
});

test('whoever waits as long as it was told gets through, and nobody before', async () => {
  const short = await startPortal({
    env: { ...limited, PORTAL_RATE_LIMITS_DEFAULT: '3' },
    args: ['--rate-limits-window', '5s'],
  });
  try {
    const first = Date.now();
    assert.deepEqual(statuses(await times(3, () => contacts(demo.token, short))), [200, 200, 200]);
    const refused = await contacts(demo.token, short);
    assert.equal(refused.status, 429);
    await wait(Number(refused.headers['retry-after']) * 1000);
    assert.equal((await contacts(demo.token, short)).status, 200);
    assert.ok(Date.now() - first >= 5000);
  } finally {
    await short.stop();
  }
});

test('a client’s and a tenant’s own budgets hold at once, until they are taken back', async () => {
  await reset();
  const patch = async (path, body) => {
    const answer = await portal.control(path, { method: 'PATCH', body, token: admin });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  const client = '/api/tenants/acme/clients/client_prod';
  assert.equal((await patch(client, { budget_contacts: 2 })).budget_contacts, 2);
  assert.deepEqual(statuses(await times(3, () => contacts())), [200, 200, 429]);
  await patch(client, { budget_contacts: 0 });
  assert.equal((await contacts()).headers['x-ratelimit-limit'], undefined, '0 is no limit');
  await patch(client, { budget_contacts: null });
  assert.equal((await contacts()).headers['x-ratelimit-limit'], '60');

  await reset();
  await patch('/api/tenants/acme', { budget_contacts: 5 });
  await times(3, () => contacts('load_token'));
  assert.deepEqual(statuses(await times(3, () => contacts())), [200, 200, 429], 'all clients of the tenant together');
  assert.equal((await contacts('different_tenant_token')).status, 200);
  await patch('/api/tenants/acme', { budget_contacts: null });
  assert.equal((await contacts()).status, 200);

  const wrong = await portal.control(client, { method: 'PATCH', body: { budget_jobs: -1 }, token: admin });
  assert.equal(wrong.status, 400);
  assert.deepEqual(wrong.json.errors, [
    { parameter: 'budget_jobs', detail: 'Is -1; must be 0, for no limit, to 1000000000, or null' },
  ]);
});

test('budgets that the command line sets hold from the next request on', async () => {
  const { dataDir, token, client } = await makeStore();
  const own = await startPortal({ dataDir, env: limited });
  const set = (...words) => mustRun([...words, '--data-dir', dataDir]);
  const limit = async () => (await contacts(token, own)).headers['x-ratelimit-limit'];
  try {
    assert.equal(await limit(), '60');
    await set('client', 'budget', client, 'contacts', '2');
    assert.deepEqual(statuses(await times(2, () => contacts(token, own))), [200, 429]);
    await set('client', 'budget', client, 'contacts', '0');
    assert.equal(await limit(), undefined);
    await set('tenant', 'budget', 'acme', 'contacts', '1');
    assert.equal(await limit(), '1');
    assert.equal((await contacts(token, own)).status, 429);
    await set('tenant', 'budget', 'acme', 'contacts', 'default');
    await set('client', 'budget', client, 'contacts', 'default');
    assert.equal(await limit(), '60');
  } finally {
    await own.stop();
  }
});

test('an operator sees who uses what, and sets it back', async () => {
  await reset();
  await times(5, () => contacts());
  await times(61, () => portal.request('/v1/health'));
  const { status, json } = await portal.control('/api/limits', { token: admin });
  assert.equal(status, 200);
  assert.equal(json.window_seconds, 60);
  assert.deepEqual(json.budgets, { health: 60, contacts: 60, jobs: 60, files: 120, downloads: 600, auth_failures: 30 });
  const [row] = json.clients;
  const { resets_in: resetsIn, ...rest } = row;
  assert.deepEqual(rest, {
    tenant: 'acme',
    client: 'client_prod',
    policy: 'contacts',
    budget: 60,
    used: 5,
    refused: 0,
  });
  assert.ok(resetsIn >= 1 && resetsIn <= 60);
  const [address] = json.addresses;
  assert.deepEqual([address.address, address.policy, address.used, address.refused], ['127.0.0.1', 'health', 60, 1]);
  const post = (body) => portal.control('/api/limits/reset', { method: 'POST', body, token: admin });
  assert.equal((await post({ client: 'client_prod', policy: 'jobs' })).status, 204);
  assert.equal((await contacts()).headers['x-ratelimit-remaining'], '54', 'another policy was reset');
  assert.equal((await post({ client: 'client_prod' })).status, 204);
  assert.equal((await contacts()).headers['x-ratelimit-remaining'], '59');
  assert.equal((await post({ client: 'nobody' })).status, 404);
  assert.equal((await post({ policy: 'pages' })).status, 400);
});

test('a tenant’s budget is seen and set back apart from its clients’', async () => {
  await reset();
  const patch = (budget) =>
    portal.control('/api/tenants/acme', { method: 'PATCH', body: { budget_jobs: budget }, token: admin });
  const jobs = (token) => portal.request('/v1/jobs?limit=1', { token });
  const post = (body) => portal.control('/api/limits/reset', { method: 'POST', body, token: admin });
  const seen = async () => (await portal.control('/api/limits', { token: admin })).json;
  assert.deepEqual((await seen()).tenants, []);
  assert.equal((await patch(3)).status, 200);
  try {
    assert.deepEqual(statuses(await times(4, () => jobs(demo.token))), [200, 200, 200, 429]);
    const { tenants, clients } = await seen();
    assert.equal(tenants.length, 1);
    const { resets_in: resetsIn, ...row } = tenants[0];
    assert.deepEqual(row, { tenant: 'acme', policy: 'jobs', budget: 3, used: 3, refused: 1 });
    assert.ok(resetsIn >= 1 && resetsIn <= 60);
    assert.deepEqual([clients[0].client, clients[0].used, clients[0].refused], ['client_prod', 3, 0]);

    assert.equal((await post({ client: 'client_prod' })).status, 204);
    assert.equal((await jobs(demo.token)).status, 429, 'the tenant’s is still used up');
    assert.equal((await post({ tenant: 'acme', policy: 'files' })).status, 204);
    assert.equal((await jobs(demo.token)).status, 429, 'another policy was reset');
    await jobs('different_tenant_token');
    assert.equal((await post({ tenant: 'acme', policy: 'jobs' })).status, 204);
    const after = await seen();
    assert.deepEqual(after.tenants, []);
    assert.deepEqual(
      after.clients.map(({ client }) => client),
      ['client_globex'],
      'its clients’ are gone with it, and nobody else’s',
    );
    assert.equal((await jobs(demo.token)).headers['x-ratelimit-remaining'], '2');
  } finally {
    await patch(null);
  }
  assert.equal((await post({ tenant: 'nobody' })).status, 404);
  const both = await post({ client: 'client_prod', tenant: 'acme' });
  assert.equal(both.status, 400);
  assert.equal(both.json.errors[0].parameter, 'tenant');
});

test('who has used what is seen while the database’s breaker is open', async () => {
  const hold = (state) => portal.control('/api/breakers/database', { method: 'PUT', body: { state }, token: admin });
  await reset();
  await contacts();
  assert.equal((await hold('open')).status, 200);
  try {
    assert.equal((await contacts()).status, 503);
    const { status, json } = await portal.control('/api/limits', { token: admin });
    assert.equal(status, 200);
    assert.deepEqual(
      json.clients.map(({ tenant, client, policy }) => [tenant, client, policy]),
      [['acme', 'client_prod', 'contacts']],
    );
  } finally {
    await hold('auto');
  }
});

test('an address, its bad tokens and a policy of everybody are set back each by itself', async () => {
  const post = (body) => portal.control('/api/limits/reset', { method: 'POST', body, token: admin });
  const left = async () => (await portal.request('/v1/health')).headers['x-ratelimit-remaining'];
  const used = async () => {
    const { addresses } = (await portal.control('/api/limits', { token: admin })).json;
    return Object.fromEntries(addresses.map(({ policy, used: n }) => [policy, n]));
  };
  await reset();
  for (let n = 0; n < 3; n += 1) {
    await portal.request('/v1/health');
    await contacts('wrong');
    await contacts();
  }
  assert.deepEqual(await used(), { health: 3, auth_failures: 3 });
  for (const [body, parameter] of [
    [{ address: '192.0.2' }, 'address'],
    [{ address: '192.0.2.0/24' }, 'address'],
    [{ address: '127.0.0.1', client: 'client_prod' }, 'address'],
    [{ address: '127.0.0.1', tenant: 'acme' }, 'address'],
    [{ policy: 'auth_failures' }, 'policy'],
    [{ policy: 'auth_failures', client: 'client_prod' }, 'policy'],
  ]) {
    const { status, json } = await post(body);
    assert.deepEqual([status, json.errors?.[0].parameter], [400, parameter], JSON.stringify(body));
  }
  for (const elsewhere of ['192.0.2.1', '2001:db8::1', '2001:db8::/64', '::/64', 'unix']) {
    assert.equal((await post({ address: elsewhere })).status, 204);
  }
  assert.deepEqual(await used(), { health: 3, auth_failures: 3 });

  assert.equal((await post({ address: '127.0.0.1', policy: 'auth_failures' })).status, 204);
  assert.deepEqual(await used(), { health: 3 });
  assert.equal((await post({ address: '127.0.0.1', policy: 'contacts' })).status, 204);
  assert.equal(await left(), '56');
  assert.equal((await post({ address: '127.0.0.1' })).status, 204);
  assert.equal(await left(), '59');

  assert.equal((await post({ policy: 'health' })).status, 204);
  assert.equal(await left(), '59');
  assert.equal((await contacts()).headers['x-ratelimit-remaining'], '56', 'another policy');
  assert.equal((await post({ policy: 'contacts' })).status, 204);
  assert.equal((await contacts()).headers['x-ratelimit-remaining'], '59');
});

test('addresses that are exempt are not counted, and clients are', async () => {
  const other = await startPortal({ env: limited, args: ['--rate-limits-exempt', '127.0.0.0/8'] });
  try {
    const answers = await times(70, () => other.request('/v1/health'));
    assert.deepEqual(new Set(statuses(answers)), new Set([200]));
    assert.equal(answers[0].headers['x-ratelimit-limit'], undefined);
    assert.equal((await contacts(demo.token, other)).headers['x-ratelimit-limit'], '60', 'a client is counted');
  } finally {
    await other.stop();
  }
});

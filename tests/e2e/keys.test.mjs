// Keys and tokens in two portals on one data folder: what the command line ends is over in both within a second, and a
// rotation is noticed by nobody.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { demo, mustRun, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';

const limitMs = 1000;

let dataDir;
let portals;
before(async () => {
  dataDir = join(temporaryFolder(), 'data');
  portals = [await startPortal({ dataDir, seed: true })];
  portals.push(await startPortal({ dataDir, seed: true }));
});
after(() => Promise.all(portals.map((portal) => portal.stop())));

const command = (...words) => mustRun([...words, '--data-dir', dataDir]);
const commandJson = async (...words) => JSON.parse((await command(...words, '--json')).stdout);

let made = 0;
/** A client of the tenant with a token: `{client, tokenId, token}`. */
async function newClient(tenant = 'acme') {
  made += 1;
  const client = `client_keys_${made}`;
  await command('client', 'create', '--tenant', tenant, '--id', client);
  const { id, token } = await commandJson('token', 'create', '--client', client);
  return { client, tokenId: id, token };
}

/** A signed URL's target: it is good for every portal of the data folder. */
async function signedTarget(portal, token) {
  const row = await portal.fileRow({ token });
  return row.signed_url.slice(portal.base.length);
}

async function cursorTarget(portal, token) {
  const page = await portal.request('/v1/contacts?limit=1&updated_since=2020-01-01T00:00:00Z', { token });
  assert.equal(page.status, 200, page.text);
  return /<[^>]*?(\/v1[^>]*)>; rel="next"/.exec(page.headers.link)[1];
}

const statusOf = async (portal, { target, method = 'GET', token }) =>
  (await portal.request(target, { method, token })).status;

/**
 * Runs `end`, asking both portals all the while, and returns how long after the command's end, and its start, the last
 * good answer to any of `requests` was asked for. From then on all must be refused as they say.
 */
async function timeUntilRefused(requests, end) {
  for (const portal of portals) {
    for (const request of requests) assert.equal(await statusOf(portal, request), 200, `${request.target} before`);
  }
  let watching = true;
  let lastGood = 0;
  const watchers = portals.flatMap((portal) =>
    requests.map(async (request) => {
      while (watching) {
        const asked = performance.now();
        const status = await statusOf(portal, request);
        assert.ok(status === 200 || status === request.refused, `${status} for ${request.target}`);
        if (status === 200) lastGood = Math.max(lastGood, asked);
        await pause(2);
      }
    }),
  );
  const started = performance.now();
  await end();
  const ended = performance.now();
  await pause(limitMs); // the second in which it must have come true, and nothing may come back
  watching = false;
  await Promise.all(watchers);
  for (const portal of portals) {
    for (const request of requests) assert.equal(await statusOf(portal, request), request.refused, request.target);
  }
  const result = { afterEnd: Math.max(0, lastGood - ended), afterStart: lastGood - started };
  assert.ok(result.afterEnd < limitMs, `${result.afterEnd} ms after the command`);
  return result;
}

const figure = (what, { afterEnd, afterStart }) =>
  `${what}: last good answer ${afterEnd.toFixed(0)} ms after the command's end, ${afterStart.toFixed(0)} ms after its start`;

const contacts = (token) => ({ target: '/v1/contacts?limit=1', token, refused: 401 });
const blob = (target) => ({ target, method: 'HEAD', refused: 403 });

test('a revoked token ends in both portals, and nothing else does', async (t) => {
  const [{ client, tokenId, token }, other] = [await newClient(), await newClient()];
  const { token: second } = await commandJson('token', 'create', '--client', client);
  const url = await signedTarget(portals[0], token);
  t.diagnostic(figure('token', await timeUntilRefused([contacts(token)], () => command('token', 'revoke', tokenId))));
  for (const portal of portals) {
    assert.equal(await statusOf(portal, contacts(second)), 200, "the client's other token");
    assert.equal(await statusOf(portal, contacts(other.token)), 200, "another client's token");
    assert.equal(await statusOf(portal, blob(url)), 200, 'a URL of a client that is still there');
  }
});

for (const action of ['revoke', 'delete']) {
  test(`client ${action} ends its tokens and URLs in both portals`, async (t) => {
    const { client, token } = await newClient();
    const url = await signedTarget(portals[1], token);
    const times = await timeUntilRefused([contacts(token), blob(url)], () => command('client', action, client));
    t.diagnostic(figure(`client ${action}`, times));
  });
}

test('a suspended tenant is out in both portals, and back when it resumes', async (t) => {
  const url = await signedTarget(portals[0], demo.token);
  const requests = [contacts(demo.token), blob(url)];
  t.diagnostic(figure('tenant', await timeUntilRefused(requests, () => command('tenant', 'suspend', 'acme'))));
  for (const portal of portals) assert.equal(await statusOf(portal, contacts(demo.otherToken)), 200, 'another tenant');
  await command('tenant', 'resume', 'acme');
  for (const portal of portals) {
    for (const request of requests) assert.equal(await statusOf(portal, request), 200, 'resumed');
  }
});

test("an operator's token ends in both portals", async (t) => {
  const { id, token } = await commandJson('token', 'create', '--operator', '--scopes', 'metrics');
  const health = { target: '/v1/health', token, refused: 401 };
  t.diagnostic(figure('operator', await timeUntilRefused([health], () => command('token', 'revoke', id))));
});

test('a revoked signing key ends the URLs and cursors that it signed, and no token', async (t) => {
  const requests = [
    blob(await signedTarget(portals[0], demo.token)),
    blob(await signedTarget(portals[1], demo.token)),
    { target: await cursorTarget(portals[1], demo.token), token: demo.token, refused: 400 },
  ];
  const [{ id }] = await commandJson('keys', 'list');
  t.diagnostic(figure('key', await timeUntilRefused(requests, () => command('keys', 'revoke', id))));
  const fresh = await signedTarget(portals[0], demo.token);
  for (const portal of portals) {
    assert.equal(await statusOf(portal, blob(fresh)), 200, 'the key in its place signs');
    assert.equal(await statusOf(portal, contacts(demo.token)), 200, 'tokens have nothing to do with it');
  }
});

test('all keys are revoked, retired ones too', async (t) => {
  const older = await signedTarget(portals[0], demo.token);
  await command('keys', 'rotate');
  const newer = await signedTarget(portals[1], demo.token);
  const times = await timeUntilRefused([blob(older), blob(newer)], () => command('keys', 'revoke', '--all'));
  t.diagnostic(figure('all keys', times));
  assert.equal((await commandJson('keys', 'list')).length, 1);
});

test('rotations under load refuse no URL and no cursor', async (t) => {
  const rounds = process.env.PORTAL_LONG === '1' ? 30 : 8;
  const counts = { urls: 0, cursors: 0, refused: [] };
  let rotating = true;
  const note = (kind, status) => {
    counts[kind] += 1;
    if (status !== 200) counts.refused.push(`${kind} ${status}`);
  };
  // Each takes from one portal what the other one must accept, at once and again later.
  const workers = [0, 1, 0, 1].map(async (from) => {
    const [giver, taker] = [portals[from], portals[1 - from]];
    const firstUrl = await signedTarget(giver, demo.token);
    const firstCursor = await cursorTarget(giver, demo.token);
    while (rotating) {
      for (const url of [await signedTarget(giver, demo.token), firstUrl]) {
        note('urls', await statusOf(taker, blob(url)));
      }
      for (const target of [await cursorTarget(giver, demo.token), firstCursor]) {
        note('cursors', await statusOf(taker, { target, token: demo.token }));
      }
    }
  });
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await command('keys', 'rotate', '--json');
    const before = counts.urls;
    const { signing } = JSON.parse(stdout);
    assert.equal((await commandJson('keys', 'list'))[0].id, signing);
    while (counts.urls < before + 20) await pause(5); // load has met this key
  }
  rotating = false;
  await Promise.all(workers);
  assert.deepEqual(counts.refused, []);
  assert.equal((await commandJson('keys', 'list')).length, rounds + 1);
  t.diagnostic(`${rounds} rotations: ${counts.urls} URLs and ${counts.cursors} cursors, none refused`);
});

test('a retired key ends when its overlap does', async () => {
  // Signed by the key that is about to be retired, and not by the one before it.
  const [{ id }] = await commandJson('keys', 'list');
  await portals[0].logged(new RegExp(`"signing_keys_changed","signing":"${id}"`));
  const url = await signedTarget(portals[0], demo.token);
  await command('keys', 'rotate', '--overlap', '1s');
  const deadline = performance.now() + 10_000;
  for (const portal of portals) {
    while ((await statusOf(portal, blob(url))) === 200) {
      assert.ok(performance.now() < deadline, 'the key still verifies');
      await pause(20);
    }
    assert.equal(await statusOf(portal, blob(url)), 403);
  }
});

test('a key file that cannot be used leaves the keys as they were, and is logged once', async () => {
  const file = join(dataDir, 'keys', 'signing.json');
  const good = readFileSync(file);
  const url = await signedTarget(portals[0], demo.token);
  const logged = (portal) => portal.log.split('\n').filter((line) => line.includes('"signing_keys_unusable"')).length;
  const before = portals.map(logged);
  chmodSync(file, 0o644);
  await Promise.all(portals.map((portal) => portal.logged(/signing_keys_unusable/)));
  for (const portal of portals) {
    assert.equal(await statusOf(portal, blob(url)), 200);
    assert.equal(await statusOf(portal, blob(await signedTarget(portal, demo.token))), 200);
  }
  const refused = await runPortal(['keys', 'rotate', '--data-dir', dataDir]);
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /chmod 600/);
  portals.forEach((portal, i) => assert.equal(logged(portal), before[i] + 1));
  rmSync(file);
  writeFileSync(file, good, { mode: 0o600 });
  await Promise.all(portals.map((portal) => portal.logged(/signing_keys_unusable[^]*signing_keys_changed/)));
  for (const portal of portals) assert.equal(await statusOf(portal, blob(url)), 200);
});

test('a deleted tenant is out in both portals', async (t) => {
  const token = demo.otherToken;
  const { json: jobs } = await portals[0].request('/v1/jobs?limit=200', { token });
  let url;
  for (const { id } of jobs.data) {
    const { json: files } = await portals[0].request(`/v1/jobs/${id}/files?limit=1`, { token });
    url ??= files.data[0]?.signed_url.slice(portals[0].base.length);
  }
  assert.ok(url, 'the tenant needs a file');
  const times = await timeUntilRefused([contacts(token), blob(url)], () =>
    command('tenant', 'delete', 'globex', '--confirm'),
  );
  t.diagnostic(figure('tenant delete', times));
  for (const portal of portals) assert.equal(await statusOf(portal, contacts(demo.token)), 200, 'another tenant');
});

test('what a portal has seen of a token is in the list once it has ended', async () => {
  const folder = join(temporaryFolder(), 'data');
  const portal = await startPortal({ dataDir: folder, seed: true });
  const before = Date.now();
  assert.equal(await statusOf(portal, contacts(demo.token)), 200);
  await portal.stop();
  const { stdout } = await mustRun(['token', 'list', '--json', '--data-dir', folder]);
  const used = Object.fromEntries(JSON.parse(stdout).map(({ id, last_used_at: at }) => [id, at]));
  assert.ok(Math.abs(Date.parse(used.tok_demo_prod) - before) < 10_000, used.tok_demo_prod);
  assert.equal(used.tok_demo_load, null);
  assert.equal(used.tok_demo_admin, null);
});

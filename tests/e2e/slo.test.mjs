// What the portal promises and how it says that it keeps it: the ring of samples, the service levels, and the command
// that asks for them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020.js';
import { demo, makeStore, mustRun, project, runPortal, startPortal, temporaryFolder } from './support/portal.mjs';
import { startInTestMode } from './support/test_mode.mjs';

const contacts = '/v*/contacts';
const patience = 15_000;

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
ajv.addVocabulary(['components', 'example']);
const document = JSON.parse(readFileSync(join(project, 'src/control/openapi.json'), 'utf8'));
ajv.addSchema({ $id: 'portal:', components: { schemas: document.components.schemas } });

/** The answer of a control plane, which must be as its document describes it. */
async function ask(portal, target, schema) {
  const { status, text, json } = await portal.control(target);
  assert.equal(status, 200, text);
  assert.ok(ajv.validate({ $ref: `portal:#/components/schemas/${schema}` }, json), ajv.errorsText());
  return json;
}

/** Asks until what it says is so; samples are made once a second. */
async function until(portal, target, schema, isSo) {
  const end = Date.now() + patience;
  for (;;) {
    const json = await ask(portal, target, schema);
    if (isSo(json)) return json;
    assert.ok(Date.now() < end, `not in time: ${JSON.stringify(json).slice(0, 2000)}`);
    await wait(50);
  }
}

const levelOf = (report, window = '5m', name = contacts) =>
  report.endpoints.find(({ endpoint }) => endpoint === name).windows.find((level) => level.window === window);
const countIn = (samples, key, name = contacts) =>
  samples
    .flatMap(({ endpoints }) => endpoints.filter(({ endpoint }) => endpoint === name))
    .reduce((total, endpoint) => total + endpoint[key], 0);

let portal;
before(async () => {
  portal = await startPortal();
});
after(() => portal.stop());

test('samples hold each request once, and whoever has seen some gets the rest', async () => {
  const counted = ({ samples }) => countIn(samples, 'requests') === 20 && countIn(samples, 'requests', 'other') === 1;
  for (let n = 0; n < 20; n += 1) await portal.request('/v1/contacts?limit=1', { token: demo.token });
  await portal.request('/nowhere');
  const { since, samples } = await until(portal, '/api/samples', 'Samples', counted);
  assert.equal(countIn(samples, 'errors'), 0);
  assert.deepEqual(
    samples.map(({ id }) => id),
    samples.map((_, n) => n + 1),
  );
  assert.ok(samples.every(({ length_ms: length }) => length >= 500));
  assert.ok(Date.parse(since) < Date.parse(samples[0].at));
  const used = samples.flatMap(({ endpoints }) => endpoints);
  for (const { p50_ms: p50, p95_ms: p95, p99_ms: p99 } of used) assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99);

  const last = samples.at(-1).id;
  const later = await until(portal, `/api/samples?after=${last}`, 'Samples', (json) => json.samples.length > 0);
  assert.equal(later.samples[0].id, last + 1);
  assert.equal(countIn(later.samples, 'requests'), 0);
  const other = await ask(portal, '/api/samples?after=1000000000', 'Samples');
  assert.equal(other.samples[0].id, 1, 'an id of the process before means all');
});

test('a portal that was held up makes one long sample, and none too short to tell a rate', async () => {
  const last = async () => (await ask(portal, '/api/samples', 'Samples')).samples.at(-1).id;
  await until(portal, '/api/samples', 'Samples', ({ samples }) => samples.length > 0);
  const before = await last();
  portal.started.child.kill('SIGSTOP');
  await wait(2_500); // more than one sample is missed
  portal.started.child.kill('SIGCONT');
  const since = `/api/samples?after=${before}`;
  const { samples } = await until(portal, since, 'Samples', (json) => json.samples.length >= 3);
  const lengths = samples.map(({ length_ms: length }) => length);
  assert.ok(Math.max(...lengths) >= 2_000 && Math.min(...lengths) >= 500, `${lengths}`);
});

test('an id that is none is refused with its name', async () => {
  for (const wrong of ['-1', 'x', '1.5', '', '99999999999999999999999']) {
    const { status, json } = await portal.control(`/api/samples?after=${wrong}`);
    assert.equal(status, 400, wrong);
    assert.equal(json.errors[0].parameter, 'after');
  }
});

test('429 and 404 cost nothing, a 5xx costs what the target allows, and time heals', async () => {
  const testing = await startInTestMode({ args: ['--slo-availability', '99%'] });
  try {
    for (let n = 0; n < 94; n += 1) assert.equal((await testing.data('/v1/contacts?limit=1')).status, 200);
    for (const [status, times] of [
      [404, 2],
      [429, 2],
      [500, 2],
    ]) {
      await testing.put('/test/faults', { faults: [{ route: '/v1/contacts', status, count: times }] });
      for (let n = 0; n < times; n += 1) assert.equal((await testing.data('/v1/contacts')).status, status);
    }
    const report = await until(testing, '/api/slo', 'ServiceLevels', (json) => levelOf(json).requests === 100);
    assert.equal(report.availability_target, 0.99);
    for (const window of ['5m', '1h', '6h', '3d']) {
      const { p50_ms, p95_ms, p99_ms, ...level } = levelOf(report, window);
      assert.deepEqual(level, {
        window,
        requests: 100,
        errors: 2,
        availability: 0.98,
        error_budget_remaining: -1,
        burn_rate: 2,
        met: false,
      });
      assert.ok(p50_ms > 0 && p50_ms <= p95_ms && p95_ms <= p99_ms);
    }
    const idle = levelOf(report, '5m', '/v*/jobs');
    assert.deepEqual([idle.requests, idle.availability, idle.burn_rate, idle.met], [0, null, 0, null]);

    await testing.put('/test/clock', { advance: '10m' });
    const later = await until(testing, '/api/slo', 'ServiceLevels', (json) => levelOf(json).requests === 0);
    assert.equal(levelOf(later).error_budget_remaining, 1);
    assert.equal(levelOf(later, '1h').errors, 2, 'the longer windows remember');
  } finally {
    await testing.stop();
  }
});

test('another target is taken on SIGHUP, and what was counted stays', async () => {
  const { dataDir } = await makeStore();
  const config = join(temporaryFolder(), 'portal.toml');
  writeFileSync(config, 'slo.availability = "99%"\n');
  const made = await mustRun(['token', 'create', '--operator', '--scopes', 'metrics', '--data-dir', dataDir, '--json']);
  const { token } = JSON.parse(made.stdout);
  const own = await startPortal({ dataDir, args: ['--config', config] });
  const asking = { control: (target) => own.control(target, { token }) };
  try {
    await own.request('/v1/health');
    const counted = (json) => levelOf(json, '3d', '/v*/health').requests === 1;
    const first = await until(asking, '/api/slo', 'ServiceLevels', counted);
    assert.equal(first.availability_target, 0.99);
    writeFileSync(config, 'slo.availability = "99.95%"\n');
    process.kill(own.pid, 'SIGHUP');
    const moved = (json) => json.availability_target === 0.9995;
    const second = await until(asking, '/api/slo', 'ServiceLevels', moved);
    assert.ok(counted(second));
    assert.equal(second.since, first.since);
  } finally {
    await own.stop();
  }
});

const slo = (portalUrl, words = [], env = { PORTAL_TOKEN: demo.adminToken }) =>
  runPortal(['slo', '--url', portalUrl, ...words], { env });

test('the command shows a row for each endpoint and window, or what the portal said', async () => {
  await portal.request('/v1/jobs?limit=1', { token: demo.token });
  await until(portal, '/api/slo', 'ServiceLevels', (json) => levelOf(json, '5m', '/v*/jobs').requests === 1);
  const table = await slo(portal.controlBase);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^Available: 99\.9 % of requests without a 5xx\. Counted since 20/);
  assert.match(
    table.stdout,
    /\nENDPOINT +WINDOW +REQUESTS +ERRORS +AVAILABLE +BUDGET LEFT +BURN RATE +P95 +P99 +MET\n/,
  );
  assert.match(
    table.stdout,
    /\n\/v\*\/jobs +5m +1 +0 +100 % +100 % +0\.0 +\d+\.\d of 400 ms +\d+\.\d of 800 ms +yes\n/,
  );
  assert.equal(table.stdout.match(/ 3d /g).length, 8);
  const json = await slo(portal.controlBase, ['--json']);
  assert.equal(json.code, 0, json.stderr);
  assert.equal(levelOf(JSON.parse(json.stdout), '5m', '/v*/jobs').requests, 1);
});

test('the command says what is wrong, and what to do', async () => {
  const cases = [
    ['no token', await slo(portal.controlBase, [], {}), 2, /PORTAL_TOKEN or --token/],
    ['a bad token', await slo(portal.controlBase, ['--token', 'guess']), 1, /token is wrong, revoked or expired/],
    ['a client’s token', await slo(portal.controlBase, ['--token', demo.token]), 1, /token may not do this/],
    ['nobody there', await slo('http://127.0.0.1:1'), 5, /No portal answers at http:\/\/127\.0\.0\.1:1: start it/],
    ['no URL', await slo('portal.example'), 6, /"portal\.example" is no URL of a control plane/],
    ['no port', await slo('http://127.0.0.1:99999999999999'), 6, /is no URL of .* a port is a number from 1 to 65535/],
    ['the other plane', await slo(portal.base), 6, /has no \/api\/slo: is it a portal's control plane\?/],
  ];
  for (const [what, { code, stdout, stderr }, wanted, says] of cases) {
    assert.equal(code, wanted, `${what}: ${stderr}`);
    assert.match(stderr, says, what);
    assert.equal(stdout, '', what);
  }
});

test('the command finds a portal by its configuration: over TLS, whatever host the certificate names, or a socket', async () => {
  const folder = temporaryFolder();
  const names = ['-subj', '/CN=portal.example', '-addext', 'subjectAltName=DNS:portal.example', '-days', '30'];
  const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const makePair = (name) => {
    const [cert, key] = [join(folder, `${name}-cert.pem`), join(folder, `${name}-key.pem`)];
    execFileSync('openssl', ['req', '-x509', ...algorithm, '-noenc', '-keyout', key, '-out', cert, ...names], {
      stdio: 'ignore',
    });
    return [cert, key];
  };
  const [cert, key] = makePair('own');
  const env = { PORTAL_TOKEN: demo.adminToken };
  const secure = await startPortal({ args: ['--tls-cert', cert, '--tls-key', key] });
  try {
    const place = ['--control-listen', `127.0.0.1:${secure.controlPort}`, '--tls-key', key];
    const known = await runPortal(['slo', ...place, '--tls-cert', cert], { env });
    assert.equal(known.code, 0, known.stderr);
    const stranger = await slo(`https://127.0.0.1:${secure.controlPort}`);
    assert.equal(stranger.code, 5);
    assert.match(
      stranger.stderr,
      /certificate of https:\/\/127\.0\.0\.1:\d+ cannot be verified: .* use its configuration/,
    );
    const named = await slo(`https://127.0.0.1:${secure.controlPort}`, ['--tls-cert', cert, '--tls-key', key]);
    assert.equal(named.code, 0, named.stderr);
    const [otherCert, otherKey] = makePair('other');
    const other = await slo(`https://127.0.0.1:${secure.controlPort}/`, [
      '--tls-cert',
      otherCert,
      '--tls-key',
      otherKey,
    ]);
    assert.equal(other.code, 5);
    assert.match(other.stderr, /certificate of https:\S+ is not that of \S+other-cert\.pem, nor signed by it/);
  } finally {
    await secure.stop();
  }
  const socket = `unix:${join(folder, 'control.sock')}`;
  const local = await startPortal({ env: { PORTAL_CONTROL_LISTEN: socket } });
  try {
    const found = await runPortal(['slo', '--control-listen', socket], { env });
    assert.equal(found.code, 0, found.stderr);
  } finally {
    await local.stop();
  }
  const anywhere = await runPortal(['slo', '--control-listen', '127.0.0.1:0'], { env });
  assert.equal(anywhere.code, 6);
  assert.match(anywhere.stderr, /name it with --url/);
});

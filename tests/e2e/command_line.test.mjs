// The command line: exit codes (0 ok, 2 usage, 3 config, 4 cannot bind, 5 database, 6 data rejected), data on
// stdout, messages on stderr.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { demo, makeStore, mustRun, runPortal, spawnPortal, startPortal, temporaryFolder } from './support/portal.mjs';

/** Fails unless the command ends with `code` and says `message` on stderr, and nothing on stdout. */
async function assertFails(args, code, message, options) {
  const result = await runPortal(args, options);
  assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
  for (const part of [message].flat()) assert.match(result.stderr, part, args.join(' '));
  assert.equal(result.stdout, '');
  assert.doesNotMatch(result.stderr, /terminate called|what\(\):|\x1b\[/);
}

test('version: what it is made of', async () => {
  const { stdout, stderr } = await mustRun(['--version']);
  assert.equal(stderr, '');
  for (const part of [/1\.0\.0/, /SQLite +3\.\d+\.\d+/, /libsodium +1\.\d+\.\d+/, /OpenSSL +3\.\d+\.\d+/])
    assert.match(stdout, part);
  assert.match(stdout, /\b[0-9a-f]{12}\b|unknown/);
  assert.match(stdout, /\d{4}-\d{2}-\d{2}/);
  assert.equal((await mustRun(['version'])).stdout, stdout);
  assert.equal(JSON.parse((await mustRun(['version', '--json'])).stdout).version, '1.0.0');
});

test('help is data', async () => {
  for (const args of [
    ['--help'],
    ['import', '--help'],
    ['import', 'contacts', '--help'],
    ['token', 'create', '--help'],
  ]) {
    const { stdout, stderr } = await mustRun(args);
    assert.ok(stdout.length > 100);
    assert.equal(stderr, '');
  }
});

const usage = [
  [['sevre'], /serve/],
  [['--sede'], /--seed/],
  [['serve', '--lisen', '127.0.0.1:0'], /--listen/],
  [['import'], /contacts/],
  [['import', 'people'], /people/],
  [['import', 'contacts'], /FILE|--tenant/],
  [['import', 'contacts', 'x.csv'], /--tenant/],
  [['import', 'contacts', 'x.csv', '--tenant', 'acme', '--on-error', 'ignore'], /on-error/],
  [['token', 'create'], /--client/],
  [['token', 'create', '--client', 'c', '--expires', 'soon'], /soon/],
  [['file', 'put', '--job', 'job_a', '--tenant', 'acme'], /PATH/],
  [['tenant', 'list', '--seed'], /--seed/],
  [['tenant', 'list', 'more'], /more/],
  [['check-config', '--config', ''], /--config/],
];
for (const [args, message] of usage) {
  test(`usage: ${args.join(' ')}`, () => assertFails(args, 2, message));
}

const configs = [
  ['an unknown key', 'listne = "127.0.0.1:0"\n', [/listne/, /listen/, /portal\.toml:1/]],
  ['an unknown table', '[signed_url]\nttl = "5m"\n', [/signed_url/, /signed_urls/]],
  ['a syntax error', 'listen = \n', [/portal\.toml:1/]],
  ['a lifetime beyond the most', '[signed_urls]\nttl = "16m"\n', [/signed_urls\.ttl/, /16m/]],
  ['a wrong type', 'listen = 3000\n', [/listen/]],
  ['a bad address', 'listen = ["localhost:3000"]\n', [/listen/, /localhost/]],
  ['an address twice', 'listen = ["127.0.0.1:3000", "127.0.0.1:3000"]\n', [/127\.0\.0\.1:3000" is listed twice/]],
  ['a URL with a path', 'public_url = "https://portal.example.com/api"\n', [/public_url/]],
  ['a bad level', '[log]\nlevel = "loud"\n', [/log\.level/, /loud/]],
  ['two faults', 'public_url = "portal"\n[log]\nlevel = "loud"\n', [/public_url/, /log\.level/]],
];
for (const [name, text, message] of configs) {
  test(`config: ${name}`, async () => {
    const file = join(temporaryFolder(), 'portal.toml');
    writeFileSync(file, text);
    for (const command of [['serve'], ['check-config']]) await assertFails([...command, '--config', file], 3, message);
  });
}

test('config: a file that is not there, a bad variable, an unknown variable', async () => {
  await assertFails(['serve', '--config', '/nowhere/portal.toml'], 3, /\/nowhere\/portal\.toml/);
  await assertFails(['serve'], 3, [/PORTAL_SIGNED_URLS_TTL/, /never/], { env: { PORTAL_SIGNED_URLS_TTL: 'never' } });
  await assertFails(['serve'], 3, [/PORTAL_LISEN/, /PORTAL_LISTEN/], { env: { PORTAL_LISEN: '127.0.0.1:0' } });
});

test('config: every value with its origin, flag over environment over file over default', async () => {
  const file = join(temporaryFolder(), 'portal.toml');
  writeFileSync(file, 'public_url = "https://file.example.com"\n[log]\nlevel = "error"\naccess = false\n');
  const env = { PORTAL_CONFIG: file, PORTAL_LOG_LEVEL: 'warning', PORTAL_SIGNED_URLS_TTL: '2m' };
  const args = ['check-config', '--signed-urls-ttl', '3m'];
  const { values } = JSON.parse((await mustRun([...args, '--json'], { env })).stdout);
  assert.deepEqual(
    ['signed_urls.ttl', 'log.level', 'log.access', 'public_url', 'data_dir'].map((key) => values[key].value),
    ['3m', 'warning', false, 'https://file.example.com', './portal-data'],
  );
  const plain = (await mustRun(args, { env })).stdout;
  const lines = [
    /^ttl = "3m" +# .*--signed-urls-ttl/m,
    /^level = "warning" +# .*PORTAL_LOG_LEVEL/m,
    /^access = false +# .*portal\.toml:4/m,
    /^public_url = "https:\/\/file\.example\.com" +# .*portal\.toml:1/m,
    /^data_dir = "\.\/portal-data" +# default/m,
  ];
  for (const line of lines) assert.match(plain, line);
});

test('config: the printed defaults are a file that changes nothing', async () => {
  const { stdout } = await mustRun(['check-config', '--defaults']);
  assert.match(stdout, /^# /m);
  const file = join(temporaryFolder(), 'portal.toml');
  writeFileSync(file, stdout);
  const values = async (...args) => {
    const shown = JSON.parse((await mustRun(['check-config', '--json', ...args])).stdout);
    return Object.fromEntries(Object.entries(shown.values).map(([key, { value }]) => [key, value]));
  };
  assert.deepEqual(await values('--config', file), await values());
});

test('a busy port', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => blocker.once('listening', done));
  const address = `127.0.0.1:${blocker.address().port}`;
  try {
    await assertFails(['serve', '--seed', '--listen', address], 4, new RegExp(address.replaceAll('.', '\\.')));
    const { dataDir } = await makeStore();
    for (const busy of [address, '203.0.113.1:3000']) {
      await assertFails(['serve', '--listen', busy, '--data-dir', dataDir], 4, new RegExp(busy.replaceAll('.', '\\.')));
    }
  } finally {
    blocker.close();
  }
});

test('the demo is offered on loopback alone', async () => {
  const result = await runPortal(['serve', '--seed', '--listen', '0.0.0.0:0'], { timeout: 10_000 });
  assert.notEqual(result.code, 0);
  assert.equal(result.signal, null, 'it must not serve');
  assert.match(result.stderr, /loopback|127\.0\.0\.1/);
});

const data = (dataDir) => ['--data-dir', dataDir];
const serve = (dataDir) => ['serve', '--listen', '127.0.0.1:0', ...data(dataDir)];

test('a database that is none, is newer, is damaged', async () => {
  const notOne = join(temporaryFolder(), 'data');
  mkdirSync(notOne, { mode: 0o700 });
  writeFileSync(join(notOne, 'portal.db'), 'This is a shopping list, and a long one.\n'.repeat(500));
  const newer = (await makeStore()).dataDir;
  execFileSync('sqlite3', [join(newer, 'portal.db'), 'PRAGMA user_version=9999']);
  const foreign = join(temporaryFolder(), 'data');
  mkdirSync(foreign, { mode: 0o700 });
  execFileSync('sqlite3', [join(foreign, 'portal.db'), 'CREATE TABLE shopping(item TEXT)']);
  const cases = [
    [notOne, /not a (portal )?database|no database/i],
    [newer, [/newer/i, /9999/]],
    [foreign, /portal|database/i],
  ];
  for (const [dataDir, message] of cases) {
    const before = readFileSync(join(dataDir, 'portal.db'));
    for (const command of [serve(dataDir), ['tenant', 'list', ...data(dataDir)]])
      await assertFails(command, 5, message);
    assert.ok(readFileSync(join(dataDir, 'portal.db')).equals(before), `${message}: it is left as it was`);
  }
});

test('a data folder that is a file, is nowhere, holds something else', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  await assertFails(serve(join(folder, 'file')), 5, /file/);
  await assertFails(['tenant', 'list', ...data(join(folder, 'nowhere'))], 5, /nowhere/);
  assert.ok(!existsSync(join(folder, 'nowhere')), 'a list creates nothing');
  const { dataDir } = await makeStore();
  await assertFails(['serve', '--seed', '--listen', '127.0.0.1:0', ...data(dataDir)], 3, [/--seed/, /empty/]);
});

// Root may write anywhere; a folder on a read-only mount, or another user, is what stops it.
const isRoot = process.getuid() === 0;
const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

test('a data folder that may not be written, and one that may not be read', async () => {
  const parent = temporaryFolder();
  const dataDir = join(parent, 'data');
  mkdirSync(dataDir);
  chmodSync(parent, 0o755);
  if (isRoot) chownSync(dataDir, 65534, 65534);
  for (const mode of [0o500, 0o000]) {
    chmodSync(dataDir, mode);
    await assertFails(serve(dataDir), 5, new RegExp(dataDir), { prefix: asNobody, cwd: '/' });
  }
  chmodSync(dataDir, 0o700);
});

if (isRoot) {
  test('commands run as root act as the owner of the data folder, so that the service can go on', async () => {
    const parent = temporaryFolder();
    chmodSync(parent, 0o755);
    const dataDir = join(parent, 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    chownSync(dataDir, 65534, 65534);
    const made = await runPortal(['tenant', 'create', 'acme', ...data(dataDir)]);
    if (made.code === 0) {
      for (const name of ['portal.db', 'portal.lock']) assert.equal(statSync(join(dataDir, name)).uid, 65534, name);
      await mustRun(['tenant', 'list', ...data(dataDir)], { prefix: asNobody, cwd: '/' });
    } else {
      assert.equal(made.code, 5);
      assert.match(made.stderr, /owner|user|sudo|setpriv|su /);
    }
  });
}

test('what is kept is private', async () => {
  const { dataDir } = await makeStore();
  const running = await startPortal({ dataDir });
  try {
    assert.equal(statSync(dataDir).mode & 0o077, 0);
    for (const name of ['portal.db', 'portal.lock', 'keys/signing.json']) {
      assert.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name);
    }
  } finally {
    await running.stop();
  }
});

test('tenants, clients and tokens: made, listed, suspended, revoked, and seen by the server at once', async () => {
  const { dataDir, token } = await makeStore();
  const running = await startPortal({ dataDir });
  const ask = async (bearer) => (await running.request('/v1/contacts', { token: bearer })).status;
  const run = (...args) => mustRun([...args, ...data(dataDir)]);
  try {
    assert.equal(await ask(token), 200);

    const made = await run('token', 'create', '--client', 'acme_client', '--label', 'second');
    const second = made.stdout.match(/portal_[0-9A-Za-z]{49}/)[0];
    assert.equal(await ask(second), 200);
    const listed = await run('token', 'list', '--tenant', 'acme', '--json');
    assert.ok(!listed.stdout.includes(second), 'a token is printed once');
    const tokens = JSON.parse(listed.stdout);
    const rows = Array.isArray(tokens) ? tokens : tokens.tokens;
    await run('token', 'revoke', rows.find(({ label }) => label === 'second').id);
    assert.equal(await ask(second), 401);
    assert.equal(await ask(token), 200);

    await run('tenant', 'suspend', 'acme');
    assert.equal(await ask(token), 401);
    assert.match((await run('token', 'list')).stdout, /tenant suspended/);
    await run('tenant', 'resume', 'acme');
    assert.equal(await ask(token), 200);
    await run('client', 'revoke', 'acme_client');
    assert.equal(await ask(token), 401);

    await run('tenant', 'create', 'globex', '--name', 'Globex Corporation');
    assert.match((await run('tenant', 'list')).stdout, /globex/);
    await assertFails(['tenant', 'create', 'globex', ...data(dataDir)], 6, /globex/);
    await assertFails(['tenant', 'create', 'Not A Slug', ...data(dataDir)], 2, /Not A Slug/);
    await assertFails(['tenant', 'suspend', 'nobody', ...data(dataDir)], 6, /nobody/);
    await assertFails(['token', 'create', '--client', 'nobody', ...data(dataDir)], 6, /nobody/);
    await assertFails(['client', 'create', '--tenant', 'nobody', '--id', 'x', ...data(dataDir)], 6, /nobody/);
    await assertFails(
      ['client', 'create', '--tenant', 'globex', '--id', 'acme_client', ...data(dataDir)],
      6,
      /acme_client/,
    );
    const names = ['tenant', 'create', 'third', '--name'];
    await assertFails([...names, 'a\u001b[31mb', ...data(dataDir)], 6, /name: .*control characters/);
    await assertFails(['token', 'revoke', 'tok_nothing', ...data(dataDir)], 6, /tok_nothing/);
  } finally {
    await running.stop();
  }
  for (const name of ['portal.db', 'portal.db-wal']) {
    const file = join(dataDir, name);
    if (existsSync(file)) assert.ok(!readFileSync(file).includes(token), 'tokens are kept as hashes');
  }
});

test('a token that expires', async () => {
  const { dataDir } = await makeStore();
  const made = await mustRun([
    'token',
    'create',
    '--client',
    'acme_client',
    '--expires',
    '1s',
    '--json',
    ...data(dataDir),
  ]);
  const { token } = JSON.parse(made.stdout);
  const running = await startPortal({ dataDir });
  try {
    let status;
    const deadline = Date.now() + 20_000;
    do ({ status } = await running.request('/v1/contacts', { token }));
    while (status === 200 && Date.now() < deadline);
    assert.equal(status, 401);
  } finally {
    await running.stop();
  }
});

test('the demo prints its addresses and six curl lines that work', async () => {
  const portal = await startPortal();
  try {
    const text = await portal.said(/Ctrl-C/);
    assert.match(text, new RegExp(`${portal.base} .*loopback`));
    const lines = text.split('\n').filter((line) => line.includes('curl '));
    assert.equal(lines.length, 6, text);
    const cwd = temporaryFolder();
    const [page, contact, signed, other, errorPage, status] = lines.map((line) =>
      execFileSync('bash', ['-c', line.slice(line.indexOf('curl '))], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
    assert.equal(JSON.parse(page).total, demo.contacts);
    assert.equal(JSON.parse(contact).id, demo.contact);
    assert.match(signed, new RegExp(`200 ${demo.fileSize} bytes`));
    assert.match(other, /^HTTP\/1\.1 404 .*"code":"NOT_FOUND"/s);
    assert.match(errorPage, /<html/);
    assert.equal(JSON.parse(status).version, '1.0.0');
  } finally {
    await portal.stop();
  }
});

test('the demo in a folder of its own stays, and without one leaves nothing', async () => {
  const dataDir = join(temporaryFolder(), 'demo');
  const args = ['--public-url', 'https://portal.example.com'];
  const first = await startPortal({ dataDir, seed: true, args });
  const { etag } = (await first.request('/v1/contacts', { token: demo.token })).headers;
  await first.stop();
  const again = await startPortal({ dataDir, args });
  const ask = (headers) => again.request('/v1/contacts', { token: demo.token, headers });
  assert.equal((await ask()).json.total, demo.contacts);
  assert.equal((await ask({ 'If-None-Match': etag })).status, 304, 'a restart ends no ETag');
  await again.stop();

  const temporary = temporaryFolder();
  const passing = await startPortal({ env: { TMPDIR: temporary } });
  await passing.stop();
  assert.deepEqual(execFileSync('find', [temporary, '-mindepth', '1'], { encoding: 'utf8' }), '');
});

test('SIGTERM and SIGINT end it well, with a request under way finished', async () => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    const portal = await startPortal();
    const { signed_url } = await portal.fileRow();
    const download = portal.request(signed_url);
    const end = portal.kill(signal);
    const [answer, { code }] = [await download.catch((error) => error), await end];
    assert.equal(code, 0, signal);
    // Received before the signal: whole. Not yet received: refused. Never cut short.
    if (answer.status !== undefined) assert.equal(answer.body.length, demo.fileSize);
  }
});

test('closed standard descriptors are not taken by the files that are opened', async () => {
  const { dataDir } = await makeStore();
  const without = (closed) => ({ prefix: ['bash', '-c', `exec "$@" ${closed}`, 'bash'] });
  const lock = join(dataDir, 'portal.lock');
  for (const closed of ['2>&-', '0<&- 1>&- 2>&-']) {
    assert.equal((await runPortal(['tenant', 'suspend', 'nobody', ...data(dataDir)], without(closed))).code, 6, closed);
    assert.equal(readFileSync(lock, 'utf8'), '', `${closed}: no message is written into a file`);
  }
  assert.equal((await runPortal(['tenant', 'suspend', 'acme', ...data(dataDir)], without('2>&-'))).code, 0);
  const lost = await runPortal(['token', 'create', '--client', 'acme_client', ...data(dataDir)], without('1>&-'));
  assert.equal(lost.code, 1, 'a token that nobody got to see');
  assert.match(lost.stderr, /standard output/);
  const fromNothing = ['import', 'contacts', '-', '--tenant', 'acme', ...data(dataDir)];
  await assertFails(fromNothing, 6, /cannot be read/, without('0<&-'));
  assert.equal(readFileSync(lock, 'utf8'), '');
});

test('a pipe that closes early does no harm', async () => {
  const { child, ended } = spawnPortal(['--help']);
  child.stdout.destroy();
  const { code, signal } = await ended;
  assert.ok(code === 0 || code === 1 || signal === 'SIGPIPE', `${code} ${signal}`);
});

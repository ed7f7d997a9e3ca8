// Runs the example of a fixture (packaging/fixtures) with portals that go wrong, and where the environment names a
// proxy: `node fixture_troubles.mjs COMMAND…`. Each must come to its end, say why, and leave no process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { binary, temporaryFolder } from './portal.mjs';
import { isRunning } from './process.mjs';

const [command, ...args] = process.argv.slice(2);
const folder = temporaryFolder();

// A fixture waits for 15 s, twice at the most; what takes longer than this hangs.
const patience = 50_000;

/** A program of these lines of shell in place of the portal; it notes its processes. */
function standIn(name, lines) {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho $$ >>'${file}.pids'\necho 'last words of ${name}' >&2\n${lines}\n`);
  chmodSync(file, 0o755);
  const pids = () => readFileSync(`${file}.pids`, 'utf8').trim().split('\n').map(Number);
  return { file, pids };
}

/** Runs the example with that program as the portal: `{code, said}`. */
function run(portal, environment = {}) {
  const env = { ...process.env, ...environment, PORTAL_BINARY: portal, TMPDIR: folder };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((done, failed) => {
    const timer = setTimeout(() => {
      process.kill(-child.pid, 'SIGKILL');
      failed(new Error(`it hangs: ${said}`));
    }, patience);
    child.on('error', failed);
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, said });
    });
  });
}

const troubles = [
  {
    name: 'crash',
    what: 'a portal that crashes is told with its last words',
    lines: 'kill -SEGV $$',
    says: /the portal is not ready[^]*last words of crash/,
  },
  {
    name: 'silence',
    what: 'a portal that never becomes ready is told with its last words, and killed',
    lines: `trap '' TERM\nexec sleep 300`,
    says: /the portal is not ready[^]*last words of silence/,
  },
  {
    name: 'early-end',
    what: 'a portal that ends while it is used fails the tests',
    lines: `while [ "$1" != --ready-file ]; do shift; done
echo '{"url":"http://127.0.0.1:1","control_url":"http://127.0.0.1:1","pid":1,"tokens":{"client_prod":"a","admin":"b"}}' \\
  >"$2.new"
mv "$2.new" "$2"`,
  },
  {
    name: 'stubborn',
    what: 'a portal that does not end when it is told to is killed',
    lines: `trap '' TERM\n'${binary}' "$@" &\nwait $!`, // the portal itself would end
    works: true,
  },
];

let proxy;
let proxied = 0;
before(async () => {
  proxy = net.createServer((socket) => {
    proxied += 1;
    socket.destroy();
  });
  await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
});
after(() => proxy.close());

test('a fixture', { concurrency: true }, async (t) => {
  const running = troubles.map(({ name, what, lines, says, works = false }) =>
    t.test(what, async () => {
      const portal = standIn(name, lines);
      const { code, said } = await run(portal.file);
      const left = portal.pids().filter(isRunning);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      assert.deepEqual(left, [], `processes are left: ${said}`);
      if (!works) assert.notEqual(code, 0, said);
      if (says) assert.match(said, says);
    }),
  );
  const direct = t.test('asks no proxy for a portal that is on its own machine', async () => {
    const url = `http://127.0.0.1:${proxy.address().port}`;
    const names = ['http_proxy', 'https_proxy', 'all_proxy'];
    const environment = Object.fromEntries(
      names.flatMap((name) => [
        [name, url],
        [name.toUpperCase(), url],
      ]),
    );
    const { code, said } = await run(binary, {
      ...environment,
      no_proxy: '',
      NO_PROXY: '',
      NODE_USE_ENV_PROXY: '1',
      JAVA_TOOL_OPTIONS: `-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=${proxy.address().port} -Dhttp.nonProxyHosts=`,
    });
    assert.equal(proxied, 0, 'the proxy was asked');
    assert.equal(code, 0, said);
  });
  await Promise.all([...running, direct]);
});

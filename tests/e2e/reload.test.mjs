// SIGHUP: what changes in a running portal, what does not, and what a mistake costs.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRun, project, startPortal, temporaryFolder } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

/** A portal whose configuration is this text: `{portal, write, reload}`. The file's path is a relative one. */
async function configured(t, text, options = {}) {
  const folder = temporaryFolder();
  const write = (content) => writeFileSync(join(folder, 'portal.toml'), content);
  write(text);
  const { args = [], ...rest } = options;
  const portal = await startPortal({ args: ['--config', 'portal.toml', ...args], cwd: folder, ...rest });
  t.after(() => portal.stop());
  let reloads = 0;
  /** Resolves with the log lines that this reload brought. */
  const reload = async () => {
    reloads += 1;
    const before = portal.log.length;
    portal.started.child.kill('SIGHUP');
    await portal.logged(new RegExp(`("event":"reload(ed|_failed)".*){${reloads}}`, 's'));
    return portal.log.slice(before);
  };
  return { portal, write, reload };
}

test('log and limits change, and open connections stay', async (t) => {
  const { portal, write, reload } = await configured(t, 'log.access = false\n');
  const kept = await Wire.open(portal.port);
  const ask = (path) => {
    kept.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return kept.answer();
  };
  assert.equal((await ask('/livez')).status, 200);

  write('log.access = true\nnet.idle_timeout = "300ms"\n');
  assert.match(await reload(), /"event":"reloaded","changed":"net\.idle_timeout log\.access"/);
  assert.equal((await ask('/readyz')).status, 200);
  await portal.logged(/"route":"\/readyz"/);
  assert.doesNotMatch(portal.log, /"route":"\/livez"/);
  await kept.end(); // idle for longer than is allowed now
});

test('a mistake in the file keeps the old configuration and is logged, each fault once', async (t) => {
  const { portal, write } = await configured(t, 'log.access = false\n');
  for (const [text, ...faults] of [
    ['log.access = "yes"\nnet.lops = 3\n', /portal\.toml:1:\d+: log\.access/, /portal\.toml:2:\d+:.*net\.loops/],
    ['log.access = ', /not valid TOML/],
    ['tls.cert = "c.pem"\n', /tls\.cert is set and tls\.key is not/],
  ]) {
    write(text);
    portal.started.child.kill('SIGHUP');
    for (const fault of faults) {
      const log = await portal.logged(new RegExp(`"event":"reload_failed","detail":"[^\\n]*${fault.source}`));
      assert.equal(log.split('\n').filter((line) => fault.test(line)).length, 1, log);
    }
  }
  assert.equal((await portal.request('/livez')).status, 200);
  assert.equal((await portal.request('/readyz')).status, 200); // on the same connection: the line of the first is due
  write('log.access = true\n');
  portal.started.child.kill('SIGHUP');
  await portal.logged(/"event":"reloaded","changed":"log\.access"/);
  assert.doesNotMatch(portal.log, /"route":"\/livez"/, 'nothing of the bad files was taken');
});

test('what cannot change is named, and stays', async (t) => {
  const { portal, write, reload } = await configured(t, '');
  write('data_dir = "/elsewhere"\nnet.loops = 7\nlog.level = "debug"\n');
  assert.match(await reload(), /"event":"reloaded","changed":"log\.level"/);
  await portal.logged(/"event":"restart_needed","changed":"data_dir net\.loops"/);
});

test('flags and environment still beat the file', async (t) => {
  const options = { args: ['--net-head-timeout', '2s'], env: { PORTAL_NET_IDLE_TIMEOUT: '20s' } };
  const { write, reload } = await configured(t, '', options);
  write('[net]\nhead_timeout = "3s"\nidle_timeout = "3s"\nsend_timeout = "3s"\n');
  assert.match(await reload(), /"event":"reloaded","changed":"net\.send_timeout"/);
});

test('--defaults and the README mark the same keys as taken anew', async () => {
  const { stdout } = await mustRun(['check-config', '--defaults']);
  let section = '';
  let comment = '';
  const reloading = [];
  for (const line of stdout.split('\n')) {
    if (line.startsWith('# ')) comment += `${line.slice(2)} `;
    const key = /^#(\w+) = /.exec(line)?.[1];
    if (key && comment.includes('SIGHUP')) reloading.push(section + key);
    section = /^\[(\w+)\]$/.exec(line)?.[1].concat('.') ?? section;
    if (key || line === '') comment = '';
  }
  assert.ok(reloading.includes('log.level') && !reloading.includes('listen'), reloading);
  const readme = readFileSync(join(project, 'README.md'), 'utf8');
  const marked = [...readme.matchAll(/^\| `([\w.]+)` \|[^|]*\| ↻ \|/gm)].map(([, key]) => key);
  assert.deepEqual(marked, reloading);
});

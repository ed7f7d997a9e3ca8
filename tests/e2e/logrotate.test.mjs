// The shipped logrotate file with the real logrotate: the portal goes on logging into the file that was emptied.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { project, startPortal, temporaryFolder } from './support/portal.mjs';

const folder = temporaryFolder();
const log = join(folder, 'portal.log');

const linesOf = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Asks under an id, and waits for its line. */
async function ask(portal, id) {
  await portal.request('/livez', { headers: { 'X-Request-Id': id } });
  const patience = Date.now() + 15_000;
  while (!readFileSync(log, 'utf8').includes(`"request_id":"${id}"`)) {
    assert.ok(Date.now() < patience, `no line of ${id}`);
    await passed(10);
  }
}

test('a rotated log has its old lines whole, the new ones are in the file', async () => {
  const shipped = readFileSync(join(project, 'packaging/logrotate/portal-appliance'), 'utf8');
  const config = join(folder, 'logrotate.conf');
  const own = shipped.replace('/var/log/portal-appliance/*.log', `${folder}/*.log`);
  assert.notEqual(own, shipped);
  writeFileSync(config, own, { mode: 0o644 });
  const rotate = () =>
    execFileSync('logrotate', ['--force', '--state', join(folder, 'state'), config], { stdio: 'pipe' });

  const portal = await startPortal({ prefix: ['bash', '-c', `exec "$@" 2>>'${log}'`, 'bash'] });
  await ask(portal, 'the-first');
  rotate();
  await ask(portal, 'the-second');
  rotate();
  await ask(portal, 'the-third');
  await portal.stop();

  const files = readdirSync(folder).filter((name) => name.startsWith('portal.log'));
  assert.deepEqual(files.sort(), ['portal.log', 'portal.log.1', 'portal.log.2.gz']);
  const oldest = execFileSync('zcat', [join(folder, 'portal.log.2.gz')], { encoding: 'utf8' });
  assert.match(oldest, /^\{.*"event":"listening"[^]*"request_id":"the-first".*\}\n$/);
  assert.deepEqual(
    [`${log}.1`, log].map((file) => linesOf(file).flatMap(({ request_id }) => request_id ?? [])),
    [['the-second'], ['the-third']],
  );
});

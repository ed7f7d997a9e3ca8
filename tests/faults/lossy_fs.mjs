// The disk that loses power (lossy_fs.cpp), as tests hold it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { binary, temporaryFolder } from '../e2e/support/portal.mjs';

const program = join(dirname(binary), 'tests/faults/lossy_fs');

/** Fails, and says what to do, where no such file system can be mounted: a test that cannot look must not pass. */
function assertFuse() {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
  } catch {
    assert.fail('power loss needs a readable and writable /dev/fuse (modprobe fuse; a container: --device /dev/fuse)');
  }
}

/**
 * Mounts a file system that holds what is in the folder `disk`, which is only written when its power is cut. It goes
 * with the test `t`. `{folder, settle(), lie(), cut(loss, seed), unmount()}`: `settle()` syncs all, after `lie()` a sync
 * does nothing; `cut('all')` loses what was not synced,
 * `cut('some', seed)` any part of it, and either resolves with how many changes of bytes and names were not synced.
 */
export async function mountLossy(t, disk) {
  assertFuse();
  const folder = join(temporaryFolder(), 'mounted');
  mkdirSync(folder);
  const child = spawn(program, [disk, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((done) => child.once('exit', done));
  const unmount = () => {
    child.stdin.end();
    return ended;
  };
  t.after(unmount);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, `the lossy file system ended: ${said}`);
    return JSON.parse(value);
  };
  const ask = (order) => {
    child.stdin.write(`${order}\n`);
    return answer();
  };
  await answer();
  return {
    folder,
    settle: () => ask('settle'),
    lie: () => ask('lie'),
    cut: (loss, seed = 0) => ask(`cut ${loss} ${seed}`),
    unmount,
  };
}

// A 1 GiB download and a cold file beside it: small requests hardly notice.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { assertAtMostTwice, goodClients, portalFor } from '../faults/clients.mjs';
import { signedTargets, storeWithFiles } from '../faults/store.mjs';
import { binary, demo } from './support/portal.mjs';

const run = promisify(execFile);
// Folders for temporary files are often in memory, where no file can be cold; a build is on a disk.
const onDisk = dirname(binary);
const sizes = { 'large.bin': 2 ** 30, 'cold.bin': 2 ** 27 };

function fileOfSize(folder, bytes) {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  const found = files.find((file) => statSync(file).isFile() && statSync(file).size === bytes);
  assert.ok(found, `no file of ${bytes} bytes under ${folder}`);
  return found;
}

/** Bytes that the process has had read from disk. */
const diskBytes = (pid) => Number(/^read_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1]);

const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code} %{size_download}'];

/** Takes the file out of the page cache. */
const makeCold = (file) => execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);

/** Downloads `url` over and over until `stop()`, which lets the last one finish and resolves with how many it were.
 * What downloads yields to everybody else here, as it would on a machine of its own. */
function keepDownloading(url, bytes, beforeEach = () => {}) {
  let stopped = false;
  const loop = (async () => {
    let count = 0;
    do {
      beforeEach();
      const child = spawn('nice', ['-n', '19', ...curl, url]);
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
      const code = await new Promise((done) => child.once('close', done));
      assert.equal(`${code} ${said}`, `0 200 ${bytes}`);
      count += 1;
    } while (!stopped);
    return count;
  })();
  return {
    stop() {
      stopped = true;
      return loop;
    },
  };
}

test('one large download and one cold file leave the p99 of health within twice', async (t) => {
  const { dataDir, token } = await storeWithFiles(sizes, { parent: onDisk });
  const portal = await portalFor(t, { dataDir, args: ['--net-loops', '2'] });
  // The clients that download share the cores with everybody. What that does to latency, and the portal is not to
  // blame for, shows in a second portal from which nobody downloads.
  const neighbour = await portalFor(t, { args: ['--net-loops', '2'] });
  const targets = await signedTargets(portal.port, token);
  const coldBlob = fileOfSize(join(dataDir, 'blobs'), sizes['cold.bin']);
  await run('sync', [coldBlob]); // what is not on disk yet cannot be taken out of the cache

  const readBefore = diskBytes(portal.pid);
  let largeCount = 0;
  let coldCount = 0;
  await assertAtMostTwice(t, async () => {
    const undisturbed = await goodClients(portal.port, { target: '/v1/health', token });
    const large = keepDownloading(portal.base + targets['large.bin'], sizes['large.bin']);
    const coldOnes = keepDownloading(portal.base + targets['cold.bin'], sizes['cold.bin'], () => makeCold(coldBlob));
    const beside = await goodClients(neighbour.port, { target: '/v1/health', token: demo.token });
    const during = await goodClients(portal.port, { target: '/v1/health', token });
    largeCount += await large.stop();
    coldCount += await coldOnes.stop();
    return { before: Math.max(undisturbed, beside), during };
  });
  const read = (diskBytes(portal.pid) - readBefore) / 2 ** 20;
  t.diagnostic(`${largeCount} downloads of 1 GiB, ${coldCount} of a cold file; ${read.toFixed(0)} MiB came from disk`);
  assert.ok(read > 0, `nothing came from disk: the build folder ${onDisk} must be on a disk, not in memory`);
  await neighbour.stop();
  await portal.stop();
});

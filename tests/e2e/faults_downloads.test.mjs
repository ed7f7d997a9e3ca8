// A 1 GiB download and a cold file beside it: small requests hardly notice.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { assertAtMostTwice, goodClients, medianP99, portalFor } from '../faults/clients.mjs';
import { signedTargets, storeWithFiles } from '../faults/store.mjs';
import { demo } from './support/portal.mjs';

const run = promisify(execFile);
const rounds = 5;
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

/** Downloads `url` over and over until `stop()`, which resolves with how many downloads were whole. What downloads
 * yields to everybody else here, as it would on a machine of its own. */
function keepDownloading(url, bytes, beforeEach = () => {}) {
  let stopped = false;
  let current;
  const loop = (async () => {
    let whole = 0;
    while (!stopped) {
      beforeEach();
      current = spawn('nice', ['-n', '19', ...curl, url]);
      let said = '';
      current.stdout.setEncoding('utf8').on('data', (text) => (said += text));
      const code = await new Promise((done) => current.once('close', done));
      if (stopped && code !== 0) break;
      assert.equal(`${code} ${said}`, `0 200 ${bytes}`);
      whole += 1;
    }
    return whole;
  })();
  return {
    stop() {
      stopped = true;
      current.kill();
      return loop;
    },
  };
}

test('one large download and one cold file leave the p99 of health within twice', async (t) => {
  const { dataDir, token } = await storeWithFiles(sizes);
  const portal = await portalFor(t, { dataDir, args: ['--net-loops', '2'] });
  // The clients that download share the cores with everybody. What that does to latency, and the portal is not to
  // blame for, shows in a second portal from which nobody downloads.
  const neighbour = await portalFor(t, { args: ['--net-loops', '2'] });
  const targets = await signedTargets(portal.port, token);
  const coldBlob = fileOfSize(join(dataDir, 'blobs'), sizes['cold.bin']);
  await run('sync', [coldBlob]); // what is not on disk yet cannot be taken out of the cache

  const readBefore = diskBytes(portal.pid);
  const undisturbed = [];
  const neighbours = [];
  const disturbed = [];
  let whole = 0;
  let cold = 0;
  for (let round = 0; round < rounds; round += 1) {
    undisturbed.push(await goodClients(portal.port, { target: '/v1/health', token }));
    const large = keepDownloading(portal.base + targets['large.bin'], sizes['large.bin']);
    const coldOnes = keepDownloading(portal.base + targets['cold.bin'], sizes['cold.bin'], () => makeCold(coldBlob));
    neighbours.push(await goodClients(neighbour.port, { target: '/v1/health', token: demo.token }));
    disturbed.push(await goodClients(portal.port, { target: '/v1/health', token }));
    whole += await large.stop();
    cold += await coldOnes.stop();
  }
  const read = (diskBytes(portal.pid) - readBefore) / 2 ** 20;
  t.diagnostic(
    `${whole} downloads of 1 GiB and ${cold} of a cold file were whole; ${read.toFixed(0)} MiB came from disk`,
  );
  assert.ok(whole >= 1 && cold >= 1, 'the downloads are too slow here to disturb anybody');
  for (const { errors } of [...undisturbed, ...neighbours, ...disturbed]) assert.equal(errors, 0);
  const yardstick = medianP99(neighbours) > medianP99(undisturbed) ? neighbours : undisturbed;
  t.diagnostic(assertAtMostTwice(yardstick, disturbed, 'the downloads'));
  await neighbour.stop();
  await portal.stop();
});

// A store with something to list and something large to download.
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { asUuid, hexIds } from '../bench/support.mjs';
import { makeStore, mustRun, temporaryFolder } from '../e2e/support/portal.mjs';

const contacts = 1_000;
const job = 'job_000001';

function writeFile(path, bytes) {
  const fd = openSync(path, 'w');
  const chunk = randomFillSync(Buffer.alloc(2 ** 20));
  for (let at = 0; at < bytes; at += chunk.length) {
    chunk.writeDoubleLE(at); // no two blocks alike
    writeSync(fd, chunk);
  }
  closeSync(fd);
}

/** `sizes`: bytes by file name, each a whole number of MiB; `parent`: the folder to make it in, else the one for
 * temporary files. Resolves with `{dataDir, token}`. */
export async function storeWithFiles(sizes, { parent } = {}) {
  const { dataDir, token } = await makeStore({ parent });
  const folder = join(temporaryFolder(parent), 'files');
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(sizes)) writeFile(join(folder, name), bytes);
  const at = ['--tenant', 'acme', '--data-dir', dataDir, '--quiet'];
  const ids = hexIds(contacts);
  const rows = Array.from({ length: contacts }, (_, n) => `${asUuid(ids[n])},Contact ${n}\n`);
  await mustRun(['import', 'contacts', '-', ...at], { input: `id,name\n${rows.join('')}` });
  await mustRun(['import', 'jobs', '-', ...at], { input: `id,title,status\n${job},Roof,scheduled\n` });
  await mustRun(['file', 'put', '--job', job, ...at, folder], { timeout: 240_000 });
  return { dataDir, token };
}

/** Path and query of a signed URL for each file, by name, asked for at the portal's plain port. */
export async function signedTargets(port, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const { data } = await (await fetch(`http://127.0.0.1:${port}/v1/jobs/${job}/files`, { headers })).json();
  return Object.fromEntries(
    data.map((row) => {
      const { pathname, search } = new URL(row.signed_url);
      return [row.name, pathname + search];
    }),
  );
}

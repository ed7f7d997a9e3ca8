// A portal that feeding systems write to, and the store it is started on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeStore, mustRun, startPortal, temporaryFolder } from '../e2e/support/portal.mjs';
import { jobsToFeed } from './feeds.mjs';

/** A store with a tenant, a job for uploads, and a token that may write: `{dataDir, token}`. */
export async function storeToFeed({ parent } = {}) {
  const { dataDir, client } = await makeStore({ parent });
  const at = ['--data-dir', dataDir];
  const made = await mustRun(['token', 'create', '--client', client, '--scopes', 'read,write', '--json', ...at]);
  await mustRun(['import', 'jobs', '-', '--tenant', 'acme', ...at], { input: jobsToFeed });
  return { dataDir, token: JSON.parse(made.stdout).token };
}

/** Starts a portal; `{portal, controlPort, readyMs}`: how long it took until it was ready, from the command on. */
export async function startFedPortal({ args = [], ...options } = {}) {
  const portFile = join(temporaryFolder(), 'control-port');
  const start = performance.now();
  const portal = await startPortal({
    ...options,
    args: ['--control-listen', '127.0.0.1:0', '--control-port-file', portFile, '--log-access', 'false', ...args],
  });
  let ready;
  do ready = await portal.request('/readyz');
  while (ready.status !== 200);
  const readyMs = performance.now() - start;
  return { portal, controlPort: Number(readFileSync(portFile, 'utf8')), readyMs };
}

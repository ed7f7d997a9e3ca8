// A portal that feeding systems write to, and the store it is started on.
import { makeStore, mustRun, spawnPortal, startPortal } from '../e2e/support/portal.mjs';
import { eventually } from './clients.mjs';
import { jobsToFeed } from './feeds.mjs';

/** A store with a tenant, a job for uploads, and a token that may write: `{dataDir, token}`. */
export async function storeToFeed({ parent } = {}) {
  const { dataDir, client } = await makeStore({ parent });
  const at = ['--data-dir', dataDir];
  const made = await mustRun(['token', 'create', '--client', client, '--scopes', 'read,write', '--json', ...at]);
  await mustRun(['import', 'jobs', '-', '--tenant', 'acme', ...at], { input: jobsToFeed });
  return { dataDir, token: JSON.parse(made.stdout).token };
}

// What the disk does to each request is looked at here. Circuit breakers would soon answer in its place.
const breakersThatStayClosed = ['window', 'min-calls'].flatMap((key) => [`--breakers-${key}`, '10000']);

/** Starts a portal on it; `{portal, readyMs}`: how long it took until it was ready, from the command on. */
export async function startFedPortal(options) {
  const start = performance.now();
  const portal = await startPortal({ ...options, args: ['--log-access', 'false', ...breakersThatStayClosed] });
  await eventually(async () => (await portal.request('/readyz')).status === 200, 'the portal is ready', 15_000);
  return { portal, readyMs: performance.now() - start };
}

/** Makes deletions final, again and again, beside a portal; `end()` kills what runs and resolves with how many succeeded. */
export function keepPurging(dataDir) {
  let stopped = false;
  let running;
  let succeeded = 0;
  const purging = (async () => {
    while (!stopped) {
      running = spawnPortal(['purge', '--all', '--quiet', '--data-dir', dataDir]);
      if ((await running.ended).code === 0) succeeded += 1;
    }
  })();
  return {
    async end() {
      stopped = true;
      running.child.kill('SIGKILL');
      await purging;
      return succeeded;
    },
  };
}

// Imports into a large store: how fast they go, and what reads take meanwhile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeStore, mustRun, spawnPortal } from '../e2e/support/portal.mjs';
import { besideOf, latencies } from './latency.mjs';
import { readsOf } from './scale_reads.mjs';
import { contactFiles, secondsOf, shellImport } from './shell_import.mjs';
import { median } from './support.mjs';

const importRows = 200_000;
const endlessRows = 1_000_000; // more than come in while the reads last
const requests = 20_000;

const importArgs = (file, store, slug) => {
  return ['import', 'contacts', file, '--tenant', slug, '--data-dir', store.dataDir, '--quiet'];
};

/** Rows a second of the command line's import into a large store, beside an empty one and beside .import into one. */
export async function measureImports(stage, large) {
  const files = await contactFiles(importRows);
  const intoNewTenant = async (store, slug) => secondsOf(() => mustRun(importArgs(files.csv, store, slug)));
  const ways = {
    large: async () => intoNewTenant(large, await large.newTenant()),
    empty: async () => intoNewTenant(await makeStore({ parent: stage.work }), 'acme'),
    shell: () => shellImport(files.shell, importRows),
  };
  const rates = { large: [], empty: [], shell: [] };
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const [name, seconds] of Object.entries(ways)) rates[name].push(importRows / (await seconds()));
  }
  for (const [beside, peer] of [
    ['into an empty store', rates.empty],
    ['sqlite3 .import into one', rates.shell],
  ]) {
    const spread = rates.large.map((rate, round) => rate / peer[round]);
    const result = { portal: median(rates.large), peer: median(peer), ratio: median(spread), spread };
    stage.table.add({ name: 'import of a new tenant', beside, unit: 'rows/s', ...result });
  }
}

/** Processes that bring `file` into a new tenant each as fast as they can. */
const feeders = {
  'an import': async (file, store) => {
    const { child, ended } = spawnPortal(importArgs(file, store, await store.newTenant()));
    child.stdin.end();
    return { child, ended };
  },
  'a bulk request': async (file, store, portal) => {
    const tenant = await store.newTenant();
    const headers = [`Authorization: Bearer ${await store.writeToken(tenant)}`, 'Content-Type: text/csv'];
    const url = `${portal.controlBase}/api/tenants/${tenant}/contacts/bulk`;
    const args = ['-sS', '--fail', '-X', 'POST', '-T', file, ...headers.flatMap((field) => ['-H', field]), url];
    const child = spawn('curl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return { child, ended: once(child, 'exit') };
  },
};

/** Runs `work` while one of them writes to the store; fails when that ends before. */
async function beside(feeder, file, store, portal, work) {
  const wal = join(store.dataDir, 'portal.db-wal');
  const written = () => statSync(wal, { bigint: true }).mtimeNs;
  const { child, ended } = await feeders[feeder](file, store, portal);
  const before = written();
  let over = false;
  ended.then(() => (over = true));
  while (!over && written() === before) await wait(10);
  const result = await work();
  if (over) throw new Error(`${feeder} ended before the reads did: ${JSON.stringify(await ended)}`);
  child.kill('SIGTERM');
  await ended;
  return result;
}

/** What pages take, without and with rows coming in for another tenant, in turn. */
export async function measureReadsBesideImport(stage, portal, store, tenants) {
  const { csv } = await contactFiles(endlessRows);
  const kinds = await readsOf(portal, tenants);
  const names = ['the first page', 'a cursor page'];
  const streams = names.map((name) => ({ port: portal.port, ...kinds[name] }));
  const read = () => latencies(streams, { rounds: 1, requests });
  await read();
  const runs = Object.fromEntries(['alone', ...Object.keys(feeders)].map((when) => [when, []]));
  for (let round = 0; round < stage.rounds; round += 1) {
    runs.alone.push(await read());
    for (const feeder of Object.keys(feeders)) runs[feeder].push(await beside(feeder, csv, store, portal, read));
  }
  const ofStream = (rounds, n, percentile) => ({ [percentile]: rounds.flatMap((streams) => streams[n][percentile]) });
  for (const feeder of Object.keys(feeders)) {
    for (const [n, name] of names.entries()) {
      for (const percentile of ['p50', 'p99']) {
        const [during, alone] = [runs[feeder], runs.alone].map((rounds) => ofStream(rounds, n, percentile));
        stage.table.add({
          name: `${name} during ${feeder}, ${percentile}`,
          beside: 'without',
          most: percentile === 'p99' ? 2 : undefined,
          ...besideOf(during, alone, percentile),
        });
      }
    }
  }
}

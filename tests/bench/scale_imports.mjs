// Imports into a large store: how fast they go, and what reads take meanwhile.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { mustRun, spawnPortal } from '../e2e/support/portal.mjs';
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

/** Rows a second of the command line's import into a new tenant of each store, and of .import into an empty database. */
export async function measureImports(stage, { large, small }) {
  const files = await contactFiles(importRows);
  const rates = { large: [], small: [], shell: [] };
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const [name, store] of Object.entries({ large, small })) {
      const args = importArgs(files.csv, store, await store.newTenant());
      rates[name].push(importRows / (await secondsOf(() => mustRun(args))));
    }
    rates.shell.push(importRows / (await shellImport(files.shell, importRows)));
  }
  for (const [name, beside, peer] of [
    ['import beside all others', 'into the small store', rates.small],
    ['import beside all others', 'sqlite3 .import', rates.shell],
  ]) {
    const spread = rates.large.map((rate, round) => rate / peer[round]);
    const result = { portal: median(rates.large), peer: median(peer), ratio: median(spread), spread };
    stage.table.add({ name, beside, unit: 'rows/s', ...result });
  }
}

/** Runs `work` while an import goes at full speed; fails when the import ends before. */
async function besideImport(file, store, work) {
  const wal = join(store.dataDir, 'portal.db-wal');
  const written = () => statSync(wal, { bigint: true }).mtimeNs;
  const before = written();
  const { child, ended } = spawnPortal(importArgs(file, store, await store.newTenant()));
  child.stdin.end();
  let over = false;
  ended.then(() => (over = true));
  while (!over && written() === before) await wait(10);
  const result = await work();
  if (over) throw new Error(`the import ended before the reads did: ${JSON.stringify(await ended)}`);
  child.kill('SIGTERM');
  await ended;
  return result;
}

/** What pages take, without and with an import into another tenant, in turn. */
export async function measureReadsBesideImport(stage, portal, store, tenants) {
  const { csv } = await contactFiles(endlessRows);
  const kinds = await readsOf(portal, tenants);
  const names = ['the first page', 'a cursor page'];
  const streams = names.map((name) => ({ port: portal.port, ...kinds[name] }));
  const read = () => latencies(streams, { rounds: 1, requests });
  await read();
  const all = names.map(() => ({ alone: { p50: [], p99: [] }, beside: { p50: [], p99: [] } }));
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const [when, measured] of [
      ['alone', await read()],
      ['beside', await besideImport(csv, store, read)],
    ]) {
      measured.forEach(({ p50, p99 }, n) => {
        all[n][when].p50.push(...p50);
        all[n][when].p99.push(...p99);
      });
    }
  }
  all.forEach(({ alone, beside }, n) => {
    for (const percentile of ['p50', 'p99']) {
      stage.table.add({
        name: `${names[n]} during an import, ${percentile}`,
        beside: 'without one',
        most: percentile === 'p99' ? 2 : undefined,
        ...besideOf(beside, alone, percentile),
      });
    }
  });
}

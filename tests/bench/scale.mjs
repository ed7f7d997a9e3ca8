// What a portal with 10,000,000 contacts of 1,000 tenants costs beside one with 10,000: reads, imports and reads beside
// them, backups, bytes on disk. Tenants' sizes are said with each figure.
import { measureBackup } from './scale_backup.mjs';
import { measureImports, measureReadsBesideImport } from './scale_imports.mjs';
import { besideOf, latencies } from './latency.mjs';
import { onProcessorsOfTheirOwn } from './processors.mjs';
import { readsOf } from './scale_reads.mjs';
import { scaleStores } from './scale_stores.mjs';

const requests = 5_000;
const usualTenants = 20;
const mostTimes = { 'a search': 2 };

const count = (number) => Math.round(number).toLocaleString('en');

/** Serves both stores while `work(large, small)` runs, each with the portal and tenants to ask for. */
async function serving(stage, { large, small }, work) {
  const many = await stage.startPortal({ store: large, name: 'large' });
  try {
    const few = await stage.startPortal({ store: small, name: 'small' });
    try {
      return await work(many, few);
    } finally {
      await few.stop();
    }
  } finally {
    await many.stop();
  }
}

/** Each kind of read from a large and from usual tenants of the large store, beside the small one's only tenant. */
async function compareReads(stage, { large, small }, usual, many, few) {
  const largest = await large.tenant(0);
  const base = { port: few.port, kinds: await readsOf(few, [await small.tenant(0)]) };
  const sides = [
    { name: `a tenant with ${count(largest.contacts)}`, port: many.port, kinds: await readsOf(many, [largest]) },
    { name: `tenants with ${count(usual[0].contacts)}`, port: many.port, kinds: await readsOf(many, usual) },
  ];
  for (const kind of Object.keys(base.kinds)) {
    const streams = [base, ...sides].map(({ port, kinds }) => ({ port, ...kinds[kind] }));
    await latencies(streams, { rounds: 1, requests: 1_000 }); // what is read again and again is in memory
    const [theirs, ...ours] = await latencies(streams, { rounds: stage.rounds, requests });
    for (const [side, measured] of ours.entries()) {
      for (const percentile of ['p50', 'p99']) {
        stage.table.add({
          name: `${kind}, ${percentile}, ${sides[side].name}`,
          beside: `in ${count(small.filled.contacts)}`,
          most: mostTimes[kind] ?? 1.2,
          ...besideOf(measured, theirs, percentile),
        });
      }
    }
  }
}

async function measureReads(stage, stores) {
  const { large } = stores;
  const step = Math.max(1, Math.floor(large.amounts.tenants / usualTenants));
  const usual = [];
  for (let number = 1; number < large.amounts.tenants; number += step) usual.push(await large.tenant(number));
  await serving(stage, stores, async (many, few) => {
    await onProcessorsOfTheirOwn([many, few], () => compareReads(stage, stores, usual, many, few));
    await measureReadsBesideImport(stage, many, large, usual);
  });
}

export async function measureScale(stage) {
  const stores = await scaleStores(stage.work, stage.scale);
  try {
    const { large } = stores;
    const { contacts, jobs, files, seconds, databaseBytes } = large.filled;
    console.log(
      `filled: ${count(contacts)} contacts of ${count(large.amounts.tenants)} tenants, ${count(jobs)} jobs with ` +
        `${count(files)} files, ${count((contacts + jobs + files) / seconds)} rows/s without a sync; ` +
        `${(databaseBytes / 2 ** 30).toFixed(2)} GiB, ${count(databaseBytes / contacts)} bytes a contact, jobs and files included`,
    );
    await measureReads(stage, stores);
    await measureImports(stage, large);
    await measureBackup(stage, stores.folder, large);
  } finally {
    stores.remove();
  }
}

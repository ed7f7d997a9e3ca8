// Pages of rows and what saves them, beside Fastify with the same rows; then what a deep offset costs.
import { mustRun } from '../e2e/support/portal.mjs';
import { residentMebibytes } from '../e2e/support/process.mjs';
import { jobId } from './filled_store.mjs';
import { requestsInTurn } from './in_turn.mjs';
import { asUuid, median } from './support.mjs';

const pages = [
  { target: '/v1/contacts?limit=50', wanted: 7 },
  { target: '/v1/jobs?limit=50' },
  { target: `/v1/jobs/${jobId(1)}/files?limit=20`, wanted: 7 },
];

/** What the first request at a deep offset costs after the tenant's data changed, and the ones after it. */
async function deepOffset(portal, { dataDir, token }) {
  const target = '/v1/contacts?limit=50&offset=90000';
  const ask = async () => {
    const start = process.hrtime.bigint();
    const { status } = await portal.request(target, { token });
    if (status !== 200) throw new Error(`${target}: ${status}`);
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const cold = [];
  const warm = [];
  for (let round = 0; round < 5; round += 1) {
    const row = `id,name\n${asUuid('f'.repeat(32))},Round ${round}\n`;
    await mustRun(['import', 'contacts', '-', '--tenant', 'acme', '--data-dir', dataDir, '--quiet'], { input: row });
    cold.push(await ask());
    for (let i = 0; i < 20; i += 1) warm.push(await ask());
  }
  return { cold: median(cold), warm: median(warm) };
}

/** The headers of a client that has the page already. */
async function revalidating(portal, token, target) {
  const { headers } = await portal.request(target, { token });
  const again = await portal.request(target, { token, headers: { 'If-None-Match': headers.etag } });
  if (again.status !== 304) throw new Error(`${target} with its ETag: ${again.status}`);
  return [`If-None-Match: ${headers.etag}`];
}

export async function measureLists(stage) {
  const store = await stage.store();
  const portal = await stage.startPortal();
  const fastify = await stage.startFastify();
  const us = (target, more = []) => ({
    url: portal.base + target,
    headers: [...portal.credentials, ...more],
    pid: portal.pid,
    before: portal.before,
  });
  try {
    const beside = async (name, target, wanted, more) => {
      const peer = { url: fastify.base + target, headers: portal.credentials, pid: fastify.pid };
      const measured = await requestsInTurn(us(target, more), peer, stage.load);
      stage.table.add({ name, beside: 'fastify', unit: 'requests/s', wanted, ...measured });
    };
    for (const { target, wanted } of pages) await beside(target, target, wanted);
    const page = '/v1/contacts?limit=50';
    await beside(`304 on ${page}`, page, 15, await revalidating(portal, store.token, page));

    const deep = `${page}&offset=90000`;
    const offset = await requestsInTurn(us(deep), us(page), stage.load);
    stage.table.add({ name: deep, beside: 'the first page', unit: 'requests/s', ...offset });
    const { cold, warm } = await deepOffset(portal, store);
    console.log(`the same, first after a change: ${cold.toFixed(1)} ms, then ${warm.toFixed(2)} ms a request`);
    console.log(`after all of that: ${residentMebibytes(portal.pid).toFixed(1)} MiB resident`);
  } finally {
    await fastify.stop();
    await portal.stop();
  }
}

// What budgets cost those who keep to them, and what they spare a quiet tenant beside one that does not.
import { setTimeout as wait } from 'node:timers/promises';
import { makeStore, mustRun } from '../e2e/support/portal.mjs';
import { unlimited } from '../e2e/support/budgets.mjs';
import { requestsInTurn } from './in_turn.mjs';
import { besideOf, latencies, rawRequest } from './latency.mjs';

const targets = ['/v1/health', '/v1/contacts?limit=50'];
const noisyBudget = 6_000; // a minute
const quietRequests = 20_000;
const target = '/v1/contacts?limit=50';

/** The same request where it is counted, and where nothing is. */
async function costOfCounting(stage) {
  for (const path of targets) {
    const counted = await stage.startPortal({ log: false });
    const free = await stage.startPortal({ log: false, env: unlimited });
    const side = (portal) => ({ url: portal.base + path, headers: portal.credentials, pid: portal.pid });
    try {
      const measured = await requestsInTurn(side(counted), side(free), stage.load);
      stage.table.add({
        name: `${path}, counted`,
        beside: 'not counted',
        unit: 'requests/s',
        wanted: 0.95,
        ...measured,
      });
    } finally {
      await free.stop();
      await counted.stop();
    }
  }
}

/** A store with two tenants of 10,000 contacts each, and a token for each. */
async function twoTenants(parent) {
  const store = await makeStore({ parent });
  const rows = Array.from(
    { length: 10_000 },
    (_, n) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000,Person ${n}`,
  );
  const at = ['--data-dir', store.dataDir];
  const tokens = {};
  for (const tenant of ['quiet', 'noisy']) {
    await mustRun(['tenant', 'create', tenant, ...at]);
    await mustRun(['client', 'create', '--tenant', tenant, '--id', tenant, ...at]);
    const made = await mustRun(['token', 'create', '--client', tenant, '--json', ...at]);
    tokens[tenant] = JSON.parse(made.stdout).token;
    const input = `id,name\n${rows.join('\n')}\n`;
    await mustRun(['import', 'contacts', '-', '--tenant', tenant, '--quiet', ...at], { input });
  }
  return { ...store, tokens };
}

/** Sends `perSecond` requests a second until told to stop; resolves with how many were answered by which status. */
function sendSteadily(portal, token, perSecond) {
  let over = false;
  const seen = {};
  const done = (async () => {
    const begun = Date.now();
    for (let sent = 0; !over;) {
      const due = Math.floor(((Date.now() - begun) * perSecond) / 1000);
      const burst = [];
      for (; sent < due; sent += 1) burst.push(portal.request(target, { token }));
      for (const { status } of await Promise.all(burst)) seen[status] = (seen[status] ?? 0) + 1;
      await wait(2);
    }
    return seen;
  })();
  return () => {
    over = true;
    return done;
  };
}

/** A quiet tenant's requests, alone and beside one that sends ten times what it may, in turn. */
async function noisyNeighbour(stage) {
  const store = await twoTenants(stage.work);
  const portal = await stage.startPortal({ store: { ...store, token: store.tokens.quiet }, name: 'noisy' });
  const at = ['--data-dir', store.dataDir];
  try {
    const admin = JSON.parse(
      (await mustRun(['token', 'create', '--operator', '--scopes', 'admin', '--json', ...at])).stdout,
    );
    const path = '/api/tenants/noisy/clients/noisy';
    const changed = await portal.control(path, {
      method: 'PATCH',
      token: admin.token,
      body: { budget_contacts: noisyBudget },
    });
    if (changed.status !== 200) throw new Error(changed.text);
    const stream = { port: portal.port, requests: [rawRequest(portal.port, target, { token: store.tokens.quiet })] };
    const quiet = async () => (await latencies([stream], { rounds: 1, requests: quietRequests }))[0];
    await quiet();
    const runs = { alone: [], beside: [] };
    const statuses = {};
    for (let round = 0; round < stage.rounds; round += 1) {
      runs.alone.push(await quiet());
      const stop = sendSteadily(portal, store.tokens.noisy, (10 * noisyBudget) / 60);
      runs.beside.push(await quiet());
      for (const [status, count] of Object.entries(await stop())) statuses[status] = (statuses[status] ?? 0) + count;
    }
    for (const percentile of ['p50', 'p99']) {
      const [theirs, ours] = [runs.alone, runs.beside].map((all) => ({
        [percentile]: all.flatMap((run) => run[percentile]),
      }));
      const most = percentile === 'p99' ? 1.5 : undefined;
      stage.table.add({
        name: `a quiet tenant beside a noisy one, ${percentile}`,
        beside: 'alone',
        most,
        ...besideOf(ours, theirs, percentile),
      });
    }
    console.log(`the noisy one was answered ${JSON.stringify(statuses)}, the quiet one 200 alone`);
  } finally {
    await portal.stop();
  }
}

export async function measureLimits(stage) {
  await costOfCounting(stage);
  await noisyNeighbour(stage);
}

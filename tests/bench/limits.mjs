// What the portal's protection costs those who keep to it, and what it spares a quiet tenant beside one that does not.
import { execFileSync } from 'node:child_process';
import { makeStore, mustRun } from '../e2e/support/portal.mjs';
import { unlimited } from '../e2e/support/budgets.mjs';
import { requestsInTurn } from './in_turn.mjs';
import { benchProgram, besideOf, rawRequest, steadily } from './latency.mjs';
import { onProcessorsOfTheirOwn } from './processors.mjs';

const targets = ['/v1/health', '/v1/contacts?limit=50'];
const origin = 'https://client.example';
/** Budgets by the second, so that windows are as full at the start of a round as at its end. */
const bySecond = { PORTAL_RATE_LIMITS_WINDOW: '1s' };

/** The same request with all that protects switched on and used, and with what can be switched off switched off. */
async function costOfProtection(stage) {
  for (const path of targets) {
    const guarded = await stage.startPortal({
      log: false,
      env: { ...bySecond, PORTAL_CORS_ALLOWED_ORIGINS: origin },
    });
    const free = await stage.startPortal({ log: false, env: unlimited });
    const side = (portal, headers) => ({
      url: portal.base + path,
      headers: [...portal.credentials, ...headers],
      pid: portal.pid,
    });
    try {
      const measured = await requestsInTurn(side(guarded, [`Origin: ${origin}`]), side(free, []), stage.load);
      stage.table.add({
        name: `${path}, counted, of an allowed origin`,
        beside: 'not counted, of none',
        unit: 'requests/s',
        wanted: 0.95,
        ...measured,
      });
    } finally {
      await free.stop();
      await guarded.stop();
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

/** A quiet tenant's requests, alone and beside one that sends ten times what it may, in turn. */
async function noisyNeighbour(stage) {
  const target = '/v1/contacts?limit=50';
  const noisyBudget = 200; // a second
  const store = await twoTenants(stage.work);
  const portal = await stage.startPortal({
    store: { ...store, token: store.tokens.quiet },
    name: 'noisy',
    env: bySecond,
  });
  const stream = (tenant, perSecond) => ({
    port: portal.port,
    connections: 8,
    per_second: perSecond,
    requests: [rawRequest(portal.port, target, { token: store.tokens[tenant] })],
  });
  const quiet = stream('quiet', 500);
  const noisy = stream('noisy', 10 * noisyBudget);
  try {
    const budget = ['client', 'budget', 'noisy', 'contacts', String(noisyBudget)];
    await mustRun([...budget, '--data-dir', store.dataDir]);
    const runs = { alone: [], beside: [] };
    const statuses = {};
    await onProcessorsOfTheirOwn([portal], async () => {
      await steadily([quiet, noisy], 2);
      for (let round = 0; round < stage.rounds; round += 1) {
        runs.alone.push((await steadily([quiet], stage.seconds))[0]);
        const [ours, theirs] = await steadily([quiet, noisy], stage.seconds);
        runs.beside.push(ours);
        for (const [status, count] of Object.entries(theirs.statuses)) {
          statuses[status] = (statuses[status] ?? 0) + count;
        }
      }
    });
    const others = [...runs.alone, ...runs.beside].filter((run) => Object.keys(run.statuses).join() !== '200');
    if (others.length > 0) throw new Error(`the quiet tenant was answered ${JSON.stringify(others)}`);
    for (const percentile of ['p50', 'p99']) {
      const [theirs, ours] = [runs.alone, runs.beside].map((all) => ({
        [percentile]: all.map((run) => run[percentile]),
      }));
      stage.table.add({
        name: `a quiet tenant beside a noisy one, ${percentile}`,
        beside: 'alone',
        most: percentile === 'p99' ? 1.5 : undefined,
        ...besideOf(ours, theirs, percentile),
      });
    }
    console.log(`the noisy one was answered ${JSON.stringify(statuses)}, the quiet one 200 alone`);
  } finally {
    await portal.stop();
  }
}

export async function measureLimits(stage) {
  await costOfProtection(stage);
  await noisyNeighbour(stage);
  // A decision by itself, without a portal around it.
  execFileSync(benchProgram('limiter_bench'), { stdio: ['ignore', 'inherit', 'ignore'] });
}

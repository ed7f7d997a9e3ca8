// What it costs that every request is counted, timed and logged: the portal with metrics and access log, beside itself
// without both, on one processor. No user can switch the metrics off, so the other one is linked without them (uncounted_traffic.cpp).
import { execFileSync } from 'node:child_process';
import { requestsInTurn } from './in_turn.mjs';
import { benchProgram } from './latency.mjs';
import { onProcessorsOfTheirOwn } from './processors.mjs';

export async function measureTelemetry(stage) {
  for (const { target, wanted } of [{ target: '/v1/contacts?limit=1', wanted: 0.95 }, { target: '/v1/health' }]) {
    const usual = await stage.startPortal();
    const bare = await stage.startPortal({ name: 'uncounted', log: false, program: benchProgram('portal_uncounted') });
    const side = (portal) => ({
      url: portal.base + target,
      headers: portal.credentials,
      pid: portal.pid,
      before: portal.before,
    });
    try {
      const measured = await onProcessorsOfTheirOwn([usual, bare], () =>
        requestsInTurn(side(usual), side(bare), stage.load),
      );
      stage.table.add({
        name: `${target}, metrics and access log`,
        beside: 'neither',
        unit: 'requests/s',
        wanted,
        ...measured,
      });
    } finally {
      await bare.stop();
      await usual.stop();
    }
  }
  // A request in the metrics, a scrape and a log line, without a portal around them.
  for (const program of ['metrics_bench', 'log_bench']) {
    execFileSync(benchProgram(program), { stdio: ['ignore', 'inherit', 'ignore'] });
  }
}

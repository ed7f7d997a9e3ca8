// The same load over 2,000 connections and over 64: how much a connection costs that mostly waits.
import { requestsInTurn } from './in_turn.mjs';

export async function measureConnections(stage) {
  // All of them come from one address here.
  const portal = await stage.startPortal({ args: ['--net-max-connections-per-address', '0'] });
  const side = { url: `${portal.base}/v1/health`, headers: portal.credentials, pid: portal.pid, before: portal.before };
  // wrk counts the time in which it connects: the longer the run, the less that says.
  const load = { ...stage.load, seconds: 2 * stage.seconds };
  try {
    const measured = await requestsInTurn({ ...side, connections: 2000 }, { ...side, connections: 64 }, load);
    const row = { name: '/v1/health over 2,000 connections', beside: 'itself over 64', unit: 'requests/s' };
    stage.table.add({ ...row, wanted: 0.9, ...measured });
  } finally {
    await portal.stop();
  }
}

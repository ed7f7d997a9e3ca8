// The same load over 2,000 connections and over 64: what a connection costs that mostly waits. Some of that is the
// kernel's and wrk's own; what the same does to nginx tells how much.
import { requestsInTurn } from './in_turn.mjs';

async function manyBesideFew(stage, name, side, wanted) {
  // wrk counts the time in which it connects: the longer the run, the less that says.
  const load = { ...stage.load, seconds: 2 * stage.seconds };
  const measured = await requestsInTurn({ ...side, connections: 2000 }, { ...side, connections: 64 }, load);
  stage.table.add({ name, beside: 'itself over 64', unit: 'requests/s', wanted, ...measured });
}

export async function measureConnections(stage) {
  // All of them come from one address here.
  const portal = await stage.startPortal({ args: ['--net-max-connections-per-address', '0'] });
  const { pid, before, credentials: headers } = portal;
  try {
    const side = { url: `${portal.base}/v1/health`, headers, pid, before };
    await manyBesideFew(stage, '/v1/health over 2,000 connections', side, 0.9);
  } finally {
    await portal.stop();
  }
  if (!stage.peers) {
    console.log('nginx over 2,000 connections: left out, it needs peers: set PORTAL_PEERS to their folder');
    return;
  }
  const nginx = await stage.startNginx();
  try {
    const side = { url: `${nginx.base}/v1/health`, headers, pid: nginx.pid, before: nginx.before };
    await manyBesideFew(stage, 'nginx return 200 over 2,000 connections', side);
  } finally {
    await nginx.stop();
  }
}

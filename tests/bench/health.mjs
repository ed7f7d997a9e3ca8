// The smallest answers, beside nginx that answers from memory. Both sides get the same request, bearer token
// included, and both write their access logs to files on the same disk; then health once more with both logs off.
import { requestsInTurn } from './in_turn.mjs';

const cases = [
  { target: '/v1/health', wanted: 0.85, log: true },
  { target: '/v1/contacts?limit=1', wanted: 0.6, log: true },
  { target: '/v1/health', log: false },
  { target: '/v1/contacts?limit=1', log: false },
];

export async function measureHealth(stage) {
  for (const { target, wanted, log } of cases) {
    const portal = await stage.startPortal({ log });
    const nginx = await stage.startNginx({ log });
    try {
      const measured = await requestsInTurn(
        { url: portal.base + target, headers: portal.credentials, pid: portal.pid, before: portal.before },
        { url: `${nginx.base}/v1/health`, headers: portal.credentials, pid: nginx.pid, before: nginx.before },
        stage.load,
      );
      const name = log ? target : `${target}, logs off`;
      stage.table.add({ name, beside: 'nginx return 200', unit: 'requests/s', wanted, ...measured });
    } finally {
      await nginx.stop();
      await portal.stop();
    }
  }
}

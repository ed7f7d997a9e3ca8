// New TLS 1.3 connections a second, each with one request for health: with a full handshake, and with a ticket.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { binary } from '../e2e/support/portal.mjs';
import { pairs } from './in_turn.mjs';
import { cipher, clientOf, mustAgree } from './tls_client.mjs';

const run = promisify(execFile);
const program = join(dirname(binary), 'tests/tls_handshakes');
const threads = 8; // blocking clients: enough that one is always ready while others wait

export async function measureHandshakes(stage) {
  if (!existsSync(program)) throw new Error(`no ${program}: build the target tls_handshakes`);
  const portal = await stage.startPortal({ tls: true });
  const nginx = await stage.startNginx({ certificate: stage.certificate() });
  try {
    console.log(mustAgree([portal.port, nginx.tlsPort], clientOf(stage.work)));
    for (const kind of ['full', 'resumed']) {
      const measured = await pairs(
        { port: portal.port, pid: portal.pid, before: portal.before },
        { port: nginx.tlsPort, pid: nginx.pid, before: nginx.before },
        stage.rounds,
        async ({ port }) => {
          const args = [String(port), kind, String(stage.seconds), String(threads), cipher];
          const { stdout } = await run(program, args);
          const { connections, seconds } = JSON.parse(stdout);
          return { amount: connections, seconds };
        },
      );
      const name = `new TLS connections, ${kind === 'full' ? 'full handshake' : 'resumed'}`;
      stage.table.add({ name, beside: 'nginx TLS', unit: 'connections/s', wanted: 0.9, ...measured });
    }
  } finally {
    await nginx.stop();
    await portal.stop();
  }
}

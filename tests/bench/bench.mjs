// What the portal costs, measured on this machine: `./dev bench` builds the binary and runs this.
// usage: node tests/bench/bench.mjs [import] [start] [peers]   default: all of them
// The peers (a Fastify server, nginx and `compare`) come from the folder PORTAL_PEERS, by default
// ../shared/peers beside the project; without one, their part is left out.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { binary, project } from '../e2e/support/portal.mjs';
import { measureImport } from './import.mjs';
import { measurePeers } from './peers.mjs';
import { measureStart } from './start.mjs';

const peers = resolve(process.env.PORTAL_PEERS ?? join(project, '../shared/peers'));
const parts = new Map([
  ['import', measureImport],
  ['start', measureStart],
  ['peers', () => (existsSync(peers) ? measurePeers(peers) : console.log('peers: no folder; set PORTAL_PEERS'))],
]);

const wanted = process.argv.length > 2 ? process.argv.slice(2) : [...parts.keys()];
for (const name of wanted) {
  if (!parts.has(name)) throw new Error(`no such part: ${name}; there are ${[...parts.keys()].join(', ')}`);
}
console.log(`binary: ${(statSync(binary).size / 2 ** 20).toFixed(1)} MiB`);
for (const name of wanted) await parts.get(name)();

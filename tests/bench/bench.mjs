// What the portal costs, measured on this machine: `./dev bench` builds the binary and runs this.
// usage: node tests/bench/bench.mjs [--rounds N] [--seconds N] [--json FILE] [PART…]
//        node tests/bench/bench.mjs [--contacts N] [--keep FOLDER] scale
// Without a PART all of them are measured, but for those that take long and have to be named: writes, scale.
// The latter fills a store with N contacts, 10,000,000 unless said, and another beside it. Both stay for the next run in
// FOLDER, with what each run imports.
// The peers (a Fastify server and nginx's configuration) come from the folder that PORTAL_PEERS names, else from
// ../shared/peers where a checkout has that beside it; without them, only what needs no peer is measured.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { binary, project } from '../e2e/support/portal.mjs';
import { measureBlobs } from './blobs.mjs';
import { measureConnections } from './connections.mjs';
import { measureHandshakes } from './handshakes.mjs';
import { measureHealth } from './health.mjs';
import { measureImport } from './import.mjs';
import { measureLimits } from './limits.mjs';
import { measureLists } from './lists.mjs';
import { measureOverload } from './overload.mjs';
import { measurePage } from './page.mjs';
import { measureScale } from './scale.mjs';
import { Stage } from './stage.mjs';
import { measureStart } from './start.mjs';
import { ResultTable } from './table.mjs';
import { measureTelemetry } from './telemetry.mjs';
import { measureWrites } from './writes.mjs';

const parts = new Map([
  ['import', { measure: measureImport }],
  ['start', { measure: measureStart }],
  ['health', { measure: measureHealth, needsPeers: true }],
  ['lists', { measure: measureLists, needsPeers: true }],
  ['blobs', { measure: measureBlobs, needsPeers: true }],
  ['tls', { measure: (stage) => measureBlobs(stage, { tls: true }), needsPeers: true }],
  ['handshakes', { measure: measureHandshakes, needsPeers: true }],
  ['connections', { measure: measureConnections }],
  ['limits', { measure: measureLimits }],
  ['telemetry', { measure: measureTelemetry }],
  ['overload', { measure: measureOverload }],
  ['page', { measure: measurePage }],
  ['writes', { measure: measureWrites, named: true }],
  ['scale', { measure: measureScale, named: true }],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'string' },
    contacts: { type: 'string', default: '10000000' },
    keep: { type: 'string' },
  },
});
for (const name of ['rounds', 'seconds']) {
  if (!(Number(values[name]) >= 1)) throw new Error(`--${name} is a number from 1 on, not ${values[name]}`);
}
if (!(Number(values.contacts) > 0 && Number(values.contacts) % 100_000 === 0)) {
  throw new Error(`--contacts is a multiple of 100000, not ${values.contacts}`);
}
const usual = [...parts.keys()].filter((name) => !parts.get(name).named);
const wanted = positionals.length > 0 ? positionals : usual;
for (const name of wanted) {
  if (!parts.has(name)) throw new Error(`no such part: ${name}; there are ${[...parts.keys()].join(', ')}`);
}

const beside = join(project, '../shared/peers');
const peers = process.env.PORTAL_PEERS ? resolve(process.env.PORTAL_PEERS) : existsSync(beside) ? beside : undefined;
if (peers && !existsSync(peers)) throw new Error(`PORTAL_PEERS: there is no folder ${peers}`);

const table = new ResultTable();
const stage = new Stage({
  peers,
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  table,
  scale: { contacts: Number(values.contacts), keep: values.keep && resolve(values.keep) },
});
console.log(`binary: ${(statSync(binary).size / 2 ** 20).toFixed(1)} MiB`);
for (const name of wanted) {
  const { measure, needsPeers } = parts.get(name);
  if (needsPeers && !peers) {
    console.log(`${name}: left out, it needs peers: set PORTAL_PEERS to their folder`);
    continue;
  }
  await measure(stage);
}
table.print();
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(table.rows, null, 2)}\n`);

// What writing costs: rows a second of a bulk request and of the command line's import beside sqlite3's .import, and how
// long a single PUT takes to be on the disk beside what the disk itself takes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeStore, mustRun } from '../e2e/support/portal.mjs';
import { benchProgram, besideOf, latencies, rawRequest, runForJson } from './latency.mjs';
import { contactFiles, secondsOf, shellImport } from './shell_import.mjs';
import { asUuid, contacts, hexIds, median, person } from './support.mjs';

const puts = 1_000; // of each kind in a round
const firstPuts = 50; // too few for a checkpoint: their pages are all in the write-ahead log
const pageBytes = 4_096;

/** A new store below `parent`, and a token that may write to it. */
async function storeToWrite(parent) {
  const { dataDir, client } = await makeStore({ parent });
  const scopes = ['--scopes', 'read,write'];
  const made = await mustRun(['token', 'create', '--client', client, ...scopes, '--data-dir', dataDir, '--json']);
  return { dataDir, token: JSON.parse(made.stdout).token };
}

/** Seconds that one bulk request takes to bring `file` into a new store and to say what became of each row. */
async function bulk(stage, parent, file, type) {
  const store = await storeToWrite(parent);
  const portal = await stage.startPortal({ store });
  try {
    const answer = join(parent, 'answer.ndjson');
    const headers = [`Authorization: Bearer ${store.token}`, `Content-Type: ${type}`].flatMap((field) => ['-H', field]);
    const url = `${portal.controlBase}/api/tenants/acme/contacts/bulk`;
    const took = await secondsOf(() =>
      execFileSync('curl', ['-sS', '--fail', '-X', 'POST', '-T', file, ...headers, '-o', answer, url]),
    );
    const lines = readFileSync(answer, 'utf8').trimEnd().split('\n');
    const { summary } = JSON.parse(lines.at(-1));
    if (!summary.complete || summary.inserted !== contacts || lines.length !== contacts + 1) {
      throw new Error(`${url} answered ${lines.length} lines, the last ${lines.at(-1)}`);
    }
    return took;
  } finally {
    await portal.stop();
  }
}

/** Rows a second of each way to bring the same contacts into an empty store, in turn. */
async function measureFeeds(stage, parent) {
  const files = await contactFiles(contacts);
  const ways = {
    'bulk request, NDJSON': () => bulk(stage, parent, files.ndjson, 'application/x-ndjson'),
    'bulk request, CSV': () => bulk(stage, parent, files.csv, 'text/csv'),
    'import, CSV': async () => {
      const { dataDir } = await makeStore({ parent });
      const args = ['import', 'contacts', files.csv, '--tenant', 'acme', '--data-dir', dataDir, '--quiet'];
      return secondsOf(() => mustRun(args));
    },
    '.import': () => shellImport(files.shell, contacts),
  };
  const rates = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const [name, seconds] of Object.entries(ways)) rates[name].push(contacts / (await seconds()));
  }
  const { '.import': shell, ...ours } = rates;
  for (const [name, measured] of Object.entries(ours)) {
    const spread = measured.map((rate, round) => rate / shell[round]);
    const result = { portal: median(measured), peer: median(shell), ratio: median(spread), spread };
    stage.table.add({ name, beside: 'sqlite3 .import', unit: 'rows/s', ...result });
  }
}

/** How long a PUT of a new contact takes with one writer and with eight, beside a sync of as many pages. */
async function measurePuts(stage, parent) {
  const store = await storeToWrite(parent);
  const portal = await stage.startPortal({ store });
  const ids = hexIds(2 * puts * stage.rounds + firstPuts).map(asUuid);
  const put = (id, n) => {
    const [name, email, phone, company] = person(n).split(',');
    return rawRequest(portal.controlPort, `/api/tenants/acme/contacts/${id}`, {
      method: 'PUT',
      token: store.token,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, email, phone, company }),
    });
  };
  const write = async (count, connections) => {
    const requests = ids.splice(0, count).map(put);
    const stream = { port: portal.controlPort, connections, statuses: [201], requests };
    return (await latencies([stream], { rounds: 1, requests: count, block: count }))[0];
  };
  try {
    await write(firstPuts, 1);
    const pages = Math.ceil(statSync(join(store.dataDir, 'portal.db-wal')).size / pageBytes / firstPuts);
    const all = [1, 2, 3].map(() => ({ p50: [], p99: [], seconds: [] }));
    for (let round = 0; round < stage.rounds; round += 1) {
      const disk = await runForJson(benchProgram('sync_latency'), [join(parent, 'disk'), String(pages), String(puts)]);
      [disk, await write(puts, 1), await write(puts, 8)].forEach((measured, side) => {
        for (const [name, values] of Object.entries(measured)) all[side][name].push(...[values].flat());
      });
    }
    const [disk, alone, eight] = all;
    for (const percentile of ['p50', 'p99']) {
      for (const [name, measured] of [
        ['PUT of a contact, one writer', alone],
        ['PUT of a contact, eight writers', eight],
      ]) {
        stage.table.add({
          name: `${name}, ${percentile}`,
          beside: `a sync of ${pages} pages`,
          ...besideOf(measured, disk, percentile),
        });
      }
    }
    const rate = ({ seconds }) => Math.round(puts / median(seconds)).toLocaleString('en');
    console.log(`PUTs a second: ${rate(alone)} of one writer, ${rate(eight)} of eight`);
  } finally {
    await portal.stop();
  }
}

export async function measureWrites(stage) {
  const parent = mkdtempSync(join(stage.work, 'writes-'));
  try {
    await measureFeeds(stage, parent);
    await measurePuts(stage, parent);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

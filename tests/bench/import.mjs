// Rows a second of `import contacts`, beside the sqlite3 shell's own .import into the same tables and indexes.
// The shell parses no dates, checks no ids, keeps no counters and fills no search index.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeStore, mustRun, project, temporaryFolder } from '../e2e/support/portal.mjs';
import { asUuid, contacts, hexIds, median, person, time, writeCsv } from './support.mjs';

const rounds = 3;

/** The store's schema without its search index, which .import could not fill. .import has text alone, so an
 * id is sixteen characters where the store keeps sixteen bytes. */
function schema() {
  const folder = join(project, 'migrations');
  const sql = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const idColumn = 'id BLOB NOT NULL CHECK (length(id) = 16)';
  if (!sql.includes(idColumn)) throw new Error('the contacts table has another id now: adapt this measurement');
  return sql
    .replace(/CREATE VIRTUAL TABLE[^;]*;/g, '')
    .replaceAll(idColumn, 'id TEXT NOT NULL CHECK (length(id) = 16)');
}

function seconds(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export async function measureImport() {
  const folder = temporaryFolder();
  const ids = hexIds(contacts);
  const ours = join(folder, 'contacts.csv');
  const theirs = join(folder, 'rows.csv');
  await writeCsv(ours, 'id,name,email,phone,company,address,created_at,updated_at', contacts, (n) =>
    [asUuid(ids[n]), person(n), '', time(n).toISOString(), time(n).toISOString()].join(','),
  );
  await writeCsv(theirs, 'row_id,tenant_id,id,name,email,phone,company,address,created_at,updated_at', contacts, (n) =>
    [n + 1, 1, ids[n].slice(0, 16), person(n), '', time(n).getTime(), time(n).getTime()].join(','),
  );

  const portal = [];
  const shell = [];
  for (let round = 0; round < rounds; round += 1) {
    const { dataDir } = await makeStore();
    const start = process.hrtime.bigint();
    await mustRun(['import', 'contacts', ours, '--tenant', 'acme', '--data-dir', dataDir, '--quiet']);
    portal.push(contacts / (Number(process.hrtime.bigint() - start) / 1e9));

    const database = join(temporaryFolder(), 'shell.db');
    const run = (input) => execFileSync('sqlite3', ['-bail', database], { input, stdio: ['pipe', 'pipe', 'inherit'] });
    run(
      `PRAGMA journal_mode=WAL;\n${schema()}\nINSERT INTO tenants (tenant_id, slug, name, bucket, created_at) VALUES (1, 'acme', 'acme', 'acme', 0);`,
    );
    const settings = 'PRAGMA synchronous=FULL;\nPRAGMA foreign_keys=ON;\n';
    shell.push(contacts / seconds(() => run(`${settings}.import --csv --skip 1 ${theirs} contacts`)));
    const rows = run('SELECT count(*) FROM contacts').toString().trim();
    if (rows !== String(contacts)) throw new Error(`.import brought ${rows} rows`);
  }
  const ratio = median(portal.map((each, round) => each / shell[round]));
  console.log(
    `import: ${Math.round(median(portal)).toLocaleString('en')} rows/s, sqlite3 .import ` +
      `${Math.round(median(shell)).toLocaleString('en')} rows/s, ratio ${ratio.toFixed(2)} (${contacts} contacts, median of ${rounds} pairs)`,
  );
}

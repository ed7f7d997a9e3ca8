// The sqlite3 shell's own .import into the store's tables and indexes: the yardstick of every way to bring rows in. It
// parses no dates, checks no ids, keeps no counters and fills no search index.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { project, temporaryFolder } from '../e2e/support/portal.mjs';
import { asUuid, hexIds, person, time, writeCsv, writeLines } from './support.mjs';

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

/** Seconds that `work` takes. */
export async function secondsOf(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** `count` contacts as files: `csv` and `ndjson` for the portal, `shell` for .import. */
export async function contactFiles(count) {
  const folder = temporaryFolder();
  const ids = hexIds(count);
  const files = {
    csv: join(folder, 'contacts.csv'),
    ndjson: join(folder, 'contacts.ndjson'),
    shell: join(folder, 'rows.csv'),
  };
  const columns = 'id,name,email,phone,company,address,created_at,updated_at';
  const fields = (n) => [asUuid(ids[n]), ...person(n).split(','), '', time(n).toISOString(), time(n).toISOString()];
  await writeCsv(files.csv, columns, count, (n) => fields(n).join(','));
  const names = columns.split(',');
  await writeLines(files.ndjson, count, (n) =>
    JSON.stringify(Object.fromEntries(fields(n).map((value, at) => [names[at], value === '' ? null : value]))),
  );
  await writeCsv(files.shell, `row_id,tenant_id,${columns}`, count, (n) =>
    [n + 1, 1, ids[n].slice(0, 16), person(n), '', time(n).getTime(), time(n).getTime()].join(','),
  );
  return files;
}

/** Seconds that .import takes to bring `count` rows of such a file into an empty database. */
export async function shellImport(file, count) {
  const database = join(temporaryFolder(), 'shell.db');
  const run = (input) => execFileSync('sqlite3', ['-bail', database], { input, stdio: ['pipe', 'pipe', 'inherit'] });
  run(
    `PRAGMA journal_mode=WAL;\n${schema()}\nINSERT INTO tenants (tenant_id, slug, name, bucket, created_at) VALUES (1, 'acme', 'acme', 'acme', 0);`,
  );
  const settings = 'PRAGMA synchronous=FULL;\nPRAGMA foreign_keys=ON;\n';
  const took = await secondsOf(() => run(`${settings}.import --csv --skip 1 ${file} contacts`));
  const rows = run('SELECT count(*) FROM contacts').toString().trim();
  if (rows !== String(count)) throw new Error(`.import brought ${rows} rows`);
  return took;
}

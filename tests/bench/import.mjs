// Rows a second of `import contacts`, beside the sqlite3 shell's own .import into the same tables and indexes.
import { makeStore, mustRun } from '../e2e/support/portal.mjs';
import { contactFiles, secondsOf, shellImport } from './shell_import.mjs';
import { contacts, median } from './support.mjs';

const rounds = 3;

export async function measureImport() {
  const files = await contactFiles(contacts);
  const portal = [];
  const shell = [];
  for (let round = 0; round < rounds; round += 1) {
    const { dataDir } = await makeStore();
    const args = ['import', 'contacts', files.csv, '--tenant', 'acme', '--data-dir', dataDir, '--quiet'];
    portal.push(contacts / (await secondsOf(() => mustRun(args))));
    shell.push(contacts / (await shellImport(files.shell, contacts)));
  }
  const ratio = median(portal.map((each, round) => each / shell[round]));
  console.log(
    `import: ${Math.round(median(portal)).toLocaleString('en')} rows/s, sqlite3 .import ` +
      `${Math.round(median(shell)).toLocaleString('en')} rows/s, ratio ${ratio.toFixed(2)} (${contacts} contacts, median of ${rounds} pairs)`,
  );
}

// How fast a backup is, beside a plain copy of the same folder.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../e2e/support/portal.mjs';
import { secondsOf } from './shell_import.mjs';
import { median } from './support.mjs';

const anHour = 3_600_000;
const rounds = 3; // of minutes each

/**
 * MiB of database a second that `backup` makes of a store that nobody serves, and `cp -a`, in turn, each until it is on
 * the disk. The backup also checks what it has copied: its integrity, its references, its hash.
 */
export async function measureBackup(stage, folder, { dataDir, databaseBytes }) {
  const target = join(folder, 'copy');
  const remove = () => rmSync(target, { recursive: true, force: true });
  const ways = [
    { rates: [], copy: () => mustRun(['backup', target, '--data-dir', dataDir, '--quiet'], { timeout: anHour }) },
    { rates: [], copy: () => execFileSync('sh', ['-c', 'cp -a "$0" "$1" && sync -f "$1"', dataDir, target]) },
  ];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const { rates, copy } of ways) {
        remove();
        rates.push(databaseBytes / 2 ** 20 / (await secondsOf(copy)));
      }
    }
  } finally {
    remove();
  }
  const [ours, theirs] = ways.map(({ rates }) => rates);
  const spread = ours.map((rate, round) => rate / theirs[round]);
  const result = { portal: median(ours), peer: median(theirs), ratio: median(spread), spread };
  stage.table.add({ name: 'backup', beside: 'cp -a', unit: 'MiB/s', ...result });
}

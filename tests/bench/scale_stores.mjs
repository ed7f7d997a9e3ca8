// A store with many tenants and contacts, and a small one of the same shape, filled by tests/bench/fill_scale.cpp.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../e2e/support/portal.mjs';
import { benchProgram, runForJson } from './latency.mjs';

const blobs = 20;
const bytesOfContact = 600; // on disk, with its share of everything else: rather more than it is
const copies = 3; // the store, a backup of it and a plain copy

/** What a tenant that fill_scale made has: the arithmetic of its MakeTenants. */
function tenantOf(amounts, number) {
  const share =
    number === 0 ? amounts.largest : Math.floor((amounts.contacts - amounts.largest) / (amounts.tenants - 1));
  const contacts = share - (share % 40);
  return { number, contacts, jobs: Math.max(1, Math.floor((amounts.jobs * contacts) / amounts.contacts)) };
}

/** A store: what it holds, and tenants of it with a token to read. */
class ScaleStore {
  constructor(dataDir, amounts, filled) {
    Object.assign(this, { dataDir, amounts, filled });
  }

  get databaseBytes() {
    return statSync(join(this.dataDir, 'portal.db')).size;
  }

  async tenant(number) {
    const made = await mustRun([
      'token',
      'create',
      '--client',
      `client-${number}`,
      '--data-dir',
      this.dataDir,
      '--json',
    ]);
    return { ...tenantOf(this.amounts, number), token: JSON.parse(made.stdout).token };
  }

  /** A new tenant's short name. */
  async newTenant() {
    const slug = `late-${process.pid}-${(this.late = (this.late ?? 0) + 1)}`;
    await mustRun(['tenant', 'create', slug, '--data-dir', this.dataDir]);
    return slug;
  }
}

/** Filled in `folder`, or found there as an earlier run left it. */
async function fillStore(folder, amounts) {
  const dataDir = join(folder, `${amounts.contacts}-${amounts.tenants}`);
  const note = `${dataDir}.json`;
  if (existsSync(note)) return new ScaleStore(dataDir, amounts, JSON.parse(readFileSync(note, 'utf8')));
  rmSync(dataDir, { recursive: true, force: true });
  const { tenants, contacts, largest, jobs } = amounts;
  const args = [dataDir, tenants, contacts, largest, jobs, blobs].map(String);
  const filled = await runForJson(benchProgram('fill_scale'), args);
  const store = new ScaleStore(dataDir, amounts, filled);
  filled.databaseBytes = store.databaseBytes;
  writeFileSync(note, JSON.stringify(filled));
  return store;
}

/**
 * Resolves with `{folder, large, small, remove}`. `keep` names a folder in which the stores stay for the next run;
 * without it they are made below `work` and go with `remove`.
 */
export async function scaleStores(work, { contacts, keep }) {
  const amounts = { contacts, tenants: contacts / 10_000, largest: contacts / 10, jobs: contacts / 200 };
  const few = { contacts: 10_000, tenants: 1, largest: 10_000, jobs: 50 };
  const parent = keep ?? work;
  mkdirSync(parent, { recursive: true });
  const { bavail, bsize } = statfsSync(parent);
  const needed = contacts * bytesOfContact * copies + 2 ** 31;
  if (bavail * bsize < needed) {
    throw new Error(
      `${parent} has ${(bavail * bsize) / 2 ** 30} GiB free, and ${needed / 2 ** 30} GiB are needed: ` +
        `name a folder with more room with --keep, or fewer contacts with --contacts`,
    );
  }
  const folder = keep ?? mkdtempSync(join(work, 'scale-'));
  const remove = () => keep ?? rmSync(folder, { recursive: true, force: true });
  try {
    return { folder, large: await fillStore(folder, amounts), small: await fillStore(folder, few), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

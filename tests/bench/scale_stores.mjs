// A store with many tenants and contacts, and a small one of the same shape, filled by tests/bench/fill_scale.cpp.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../e2e/support/portal.mjs';
import { benchProgram, runForJson } from './latency.mjs';

const familySize = 40; // ScaleRows::kContactsPerFamily
const blobs = 20;
const bytesOfContact = 600; // on disk, with its share of everything else: rather more than it is
const copies = 3; // the store, a backup of it and a plain copy

/** `contacts` of `tenants`: the first has about a tenth of them, the others the rest in equal parts. */
function amountsOf(contacts, tenants) {
  const others = tenants - 1;
  const usual = others && Math.floor((contacts * 0.9) / others / familySize) * familySize;
  return { contacts, tenants, usual, largest: contacts - others * usual, jobs: contacts / 200 };
}

/** A store as it was filled, and whatever came in since. */
class ScaleStore {
  #made = 0;

  constructor(dataDir, amounts, filled) {
    Object.assign(this, { dataDir, amounts, filled });
  }

  get databaseBytes() {
    return statSync(join(this.dataDir, 'portal.db')).size;
  }

  /** What a tenant of fill_scale's has, and a token to read it. */
  async tenant(number) {
    const { contacts, largest, usual, jobs } = this.amounts;
    const has = number === 0 ? largest : usual;
    return { contacts: has, jobs: Math.floor((jobs * has) / contacts), token: await this.#token(`client-${number}`) };
  }

  /** A new tenant's short name. */
  async newTenant() {
    const slug = `late-${process.pid}-${(this.#made += 1)}`;
    await mustRun(['tenant', 'create', slug, '--data-dir', this.dataDir]);
    return slug;
  }

  /** A token that may write to a new tenant. */
  async writeToken(slug) {
    const at = ['--data-dir', this.dataDir];
    await mustRun(['client', 'create', '--tenant', slug, '--id', slug, ...at]);
    return this.#token(slug, ['--scopes', 'read,write']);
  }

  async #token(client, more = []) {
    const made = await mustRun(['token', 'create', '--client', client, ...more, '--data-dir', this.dataDir, '--json']);
    return JSON.parse(made.stdout).token;
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
  const amounts = amountsOf(contacts, contacts / 10_000);
  const few = amountsOf(10_000, 1);
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

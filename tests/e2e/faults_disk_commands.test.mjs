// EIO and ENOSPC at every step of a command that writes, once and from then on: what could not be made safe is not called
// done, what is there is whole, nothing is damaged, and running it again completes it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { runInjected, sampled, stepsOf } from '../faults/injection.mjs';
import { assertBlobsWhole } from '../faults/soundness.mjs';
import { makeStore, mustRun, runPortal, temporaryFolder } from './support/portal.mjs';
import { assertSound, sqlite } from './support/store.mjs';

const mostOfACall = process.env.PORTAL_LONG === '1' ? Infinity : 2;
const calls = ['openat', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename', 'mkdir'];
const errors = ['EIO', 'ENOSPC'];
const batch = 500;
const rows = 3 * batch;

let store;
let csv;
let plans;
before(async () => {
  const folder = temporaryFolder();
  store = (await makeStore()).dataDir;
  const at = ['--tenant', 'acme', '--data-dir', store];
  await mustRun(['import', 'jobs', '-', ...at], { input: 'id,title,status\njob_1,Roof,pending\n' });
  csv = join(folder, 'contacts.csv');
  const people = Array.from({ length: rows }, (_, n) => {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    return `${id},Person ${n},p${n}@example.com\n`;
  });
  writeFileSync(csv, `id,name,email\n${people.join('')}`);
  plans = join(folder, 'plans');
  mkdirSync(plans);
  for (const name of ['a.bin', 'b.bin', 'c.bin']) writeFileSync(join(plans, name), randomBytes(300_000));
});

const commands = [
  {
    name: 'import',
    args: () => ['import', 'contacts', csv, '--tenant', 'acme', '--batch', String(batch), '--quiet'],
    count: 'SELECT count(*) FROM contacts',
    all: rows,
    unit: batch,
  },
  {
    name: 'file put',
    args: () => ['file', 'put', '--tenant', 'acme', '--job', 'job_1', '--quiet', plans],
    count: 'SELECT count(*) FROM files',
    all: 3,
    unit: 1,
  },
];

/**
 * Must the command fail when this step does? What it says is done must be synced: the write-ahead log at each commit, a
 * blob's bytes and its name. The last sync of the log belongs to the checkpoint, which may fail: the log stays.
 */
function isPromise({ call, path }, n, steps) {
  if (call !== 'fsync' && call !== 'fdatasync') return false;
  if (path.includes('/blobs')) return true;
  return path.endsWith('-wal') && steps.slice(n + 1).some((later) => later.call === call && later.path === path);
}

for (const { name, args, count, all, unit } of commands) {
  test(`${name}, with a disk that fails`, async (t) => {
    const copy = () => {
      const dataDir = join(temporaryFolder(), 'data');
      cpSync(store, dataDir, { recursive: true });
      return dataDir;
    };
    const clean = copy();
    const counted = await stepsOf(calls, [...args(), '--data-dir', clean], { within: clean });
    assert.equal(counted.result.code, 0, counted.result.stderr);
    const steps = counted.steps.map((step, n) => ({ ...step, promise: isPromise(step, n, counted.steps) }));
    assert.ok(steps.some(({ promise }) => promise));
    const chosen = calls.flatMap((call) => {
      const promises = steps.filter((step) => step.call === call && step.promise);
      const others = steps.filter((step) => step.call === call && !step.promise);
      return [...promises, ...sampled(others, mostOfACall)];
    });

    const outcomes = { done: 0, failed: 0 };
    const messages = new Set();
    for (const { call, when, path, promise } of chosen) {
      for (const error of errors) {
        for (const span of ['', '+']) {
          const what = `${error} of ${call} ${when}${span} (${path})`;
          const dataDir = copy();
          const command = [...args(), '--data-dir', dataDir];
          const { code, signal, stderr, injected } = await runInjected(
            `${call}:error=${error}:when=${when}${span}`,
            command,
          );
          assert.ok(injected > 0, what);
          assert.equal(signal, null, `${what}: ${stderr}`);
          // Files that cannot be opened may be the operator's own.
          const expected = call === 'openat' ? [0, 5, 6] : [0, 5];
          assert.ok(expected.includes(code), `${what}: exit code ${code}: ${stderr}`);
          if (promise) assert.equal(code, 5, `${what}: success is reported`);
          outcomes[code === 0 ? 'done' : 'failed'] += 1;
          // Where every write fails, so does that of the message.
          const said = stderr.split('\n').find((line) => line.startsWith('error: '));
          if (code !== 0 && !(call === 'write' && span)) {
            assert.ok(said, `${what}: ${stderr}`);
            messages.add(said.replace(/ \(.*/, '').replace('error: ', '').replace(plans, 'FOLDER'));
          }

          assertSound(dataDir);
          assertBlobsWhole(dataDir);
          const found = Number(sqlite(dataDir, count));
          assert.equal(found % unit, 0, `${what}: half a batch`);
          if (code === 0) assert.equal(found, all, what);
          const again = await runPortal(command);
          assert.equal(again.code, 0, `${what}, and run again: ${again.stderr}`);
          assertSound(dataDir);
          assert.equal(Number(sqlite(dataDir, count)), all, what);
        }
      }
    }
    t.diagnostic(`${chosen.length} of ${steps.length} steps, each with ${errors.join(' and ')}, once and from then on`);
    t.diagnostic(`${outcomes.failed} failed, ${outcomes.done} completed nevertheless`);
    for (const message of messages) t.diagnostic(`said: ${message}`);
  });
}

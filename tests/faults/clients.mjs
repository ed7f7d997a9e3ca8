// The campaign's client programs (tests/faults/*.cpp), and what is asked of a portal that they wear down.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median } from '../bench/support.mjs';
import { binary, startPortal } from '../e2e/support/portal.mjs';

const run = promisify(execFile);
const program = (name) => join(dirname(binary), 'tests/faults', name);

/** A portal that goes with the test `t`, even when that fails half-way, and takes its throw-away data along. */
export async function portalFor(t, options) {
  const portal = await startPortal(options);
  t.after(() => portal.kill('SIGTERM'));
  return portal;
}

/** The p99 in milliseconds of fifty clients that ask, wait a little and ask again. Fails if one of them does not get
 * what it asks for. */
export async function goodClients(port, { target, token }) {
  const clients = 50;
  const seconds = 1;
  const pauseMs = 20;
  const args = [port, clients, seconds, pauseMs, target, token].map(String);
  const { answers, errors, p99 } = JSON.parse((await run(program('good_clients'), args)).stdout);
  assert.ok(answers > clients && errors === 0, `${answers} answers and ${errors} errors at ${target}`);
  return p99;
}

/** Resets connections in the middle of answers: `{resets, answerBytes}`. */
export async function resets(port, { step, receiveBuffer = 0, target, token }) {
  const args = [port, step, receiveBuffer, target, ...(token ? [token] : [])].map(String);
  return JSON.parse((await run(program('resets'), args)).stdout);
}

/** A crowd that is there, or has been refused: `{inPosition, end}`; `end()` resolves with what became of each kind.
 * It goes with the test `t` if nobody ends it. */
export async function startCrowd(t, words) {
  const child = spawn(program('crowd'), words.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((done) => child.once('exit', done));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    assert.ok(!done, 'the crowd ended early');
    return JSON.parse(value);
  };
  const { inPosition } = await line();
  return {
    inPosition,
    async end() {
      child.stdin.end();
      const became = await line();
      await ended;
      return became;
    },
  };
}

// Below this a difference is the scheduler's, which lets a thread wait for its core for a while. What the campaign looks
// for takes longer: a loop that reads a cold file itself shows as two milliseconds even on a disk of 1 GiB/s.
const noiseMs = 1;
// What the portal does to its clients it does in every round; what else runs on the machine comes and goes. So a
// comparison that fails gets more rounds, and a portal that is to blame fails in all of them.
const leastRounds = 3;
const mostRounds = 9;

/** Rounds of `measure()`, which resolves with the p99s `{before, during}`, in milliseconds, of the same work
 * undisturbed and disturbed. Fails unless the median of the latter is at most twice the former's. */
export async function assertAtMostTwice(t, measure) {
  const before = [];
  const during = [];
  const holds = () => median(during) <= Math.max(2 * median(before), noiseMs);
  while (before.length < leastRounds || (before.length < mostRounds && !holds())) {
    const round = await measure();
    before.push(round.before);
    during.push(round.during);
  }
  const all = `p99 ${before.join(' ')} ms undisturbed, ${during.join(' ')} ms disturbed`;
  t.diagnostic(all);
  assert.ok(holds(), all);
}

/** Resolves once `look()` is true; fails with `what` after `limitMs`. Resolves with the milliseconds it took. */
export async function eventually(look, what, limitMs = 10_000) {
  const start = performance.now();
  while (!(await look())) {
    assert.ok(performance.now() - start < limitMs, `${what} within ${limitMs} ms`);
    await wait(10);
  }
  return performance.now() - start;
}

/** Runs `work(n)` for every n below `count`, a few at a time. */
export async function inParallel(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

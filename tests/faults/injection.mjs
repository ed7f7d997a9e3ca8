// Programs whose system calls fail, or in the middle of which they are killed: strace does it to them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPortal, temporaryFolder } from '../e2e/support/portal.mjs';

/** The command that runs another one and injects into its system calls; `-D`: the other one is our child. */
const traced = (log, options) => ['strace', '-D', '-f', '-y', '-s', '0', '-o', log, ...options];

/** How often each thread of a command makes each of `calls`: the largest count by call. */
export async function countCalls(calls, args) {
  const log = join(temporaryFolder(), 'calls');
  const result = await runPortal(args, { prefix: traced(log, ['-e', `trace=${calls.join(',')}`]) });
  const counts = Object.fromEntries(calls.map((call) => [call, 0]));
  const byThread = {};
  for (const [, thread, call] of readFileSync(log, 'utf8').matchAll(/^(\d+) +(\w+)\(/gm)) {
    const seen = ((byThread[thread] ??= {})[call] = (byThread[thread][call] ?? 0) + 1);
    counts[call] = Math.max(counts[call], seen);
  }
  return { counts, result };
}

/**
 * Runs a command of the binary with `injection`, as strace writes it: `fsync:error=EIO:when=3`. Resolves with how it
 * ended and, as `injected`, how often it happened.
 */
export async function runInjected(injection, args, options) {
  const log = join(temporaryFolder(), 'strace');
  const prefix = traced(log, ['-e', `trace=${injection.split(':')[0]}`, '-e', `inject=${injection}`]);
  const result = await runPortal(args, { ...options, prefix });
  const text = readFileSync(log, 'utf8');
  return { ...result, injected: (text.match(/\(INJECTED\)/g) ?? []).length, trace: text };
}

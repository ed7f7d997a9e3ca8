// Programs whose system calls fail, or in the middle of which they are killed: strace does it to them.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPortal, temporaryFolder } from '../e2e/support/portal.mjs';

/** The command that runs another one and injects into its system calls; `-D`: the other one is our child. */
const traced = (log, options) => ['strace', '-D', '-f', '-y', '-s', '0', '-o', log, ...options];

/**
 * Runs a command and resolves with how it ended and, as `steps`, which of `calls` its main thread makes below the folder
 * `within`: `{call, when, path}`, `when` counting all calls of that name, as strace does.
 */
export async function stepsOf(calls, args, { within, ...options }) {
  const log = join(temporaryFolder(), 'calls');
  const result = await runPortal(args, { ...options, prefix: traced(log, ['-e', `trace=${calls.join(',')}`]) });
  const steps = [];
  const seen = {};
  let main;
  for (const [, thread, call, rest] of readFileSync(log, 'utf8').matchAll(/^(\d+) +(\w+)\((.*)$/gm)) {
    main ??= thread;
    if (thread !== main) continue;
    const when = (seen[call] = (seen[call] ?? 0) + 1);
    const [, path] = new RegExp(`["<](${within}[^">]*)`).exec(rest) ?? [];
    if (path) steps.push({ call, when, path: path.slice(within.length) });
  }
  return { steps, result };
}

/**
 * Runs a command of the binary with `injection`, as strace writes it: `fsync:error=EIO:when=3`. Resolves with how it
 * ended and, as `injected`, how often it happened.
 */
export async function runInjected(injection, args, options) {
  const log = join(temporaryFolder(), 'strace');
  const prefix = traced(log, ['-e', `trace=${injection.split(':')[0]}`, '-e', `inject=${injection}`]);
  const result = await runPortal(args, { ...options, prefix });
  return { ...result, injected: (readFileSync(log, 'utf8').match(/\(INJECTED\)/g) ?? []).length };
}

/** As runInjected, the options of a portal to be started. */
export const injecting = (injection) => ({
  prefix: traced('/dev/null', ['-e', `trace=${injection.split(':')[0]}`, '-e', `inject=${injection}`]),
});

/**
 * Injects into a running process, until `end()`, which resolves with how often it happened, by call. `injections` are
 * strace's own words, as of `runInjected`; strace lets go with the test `t` at the latest.
 */
export async function injectInto(t, pid, injections) {
  const log = join(temporaryFolder(), 'strace');
  const calls = injections.map((injection) => injection.split(':')[0]);
  const options = injections.flatMap((injection) => ['-e', `inject=${injection}`]);
  const strace = spawn('strace', ['-f', '-p', pid, '-o', log, '-e', `trace=${calls.join(',')}`, ...options]);
  t.after(() => strace.kill('SIGKILL'));
  const ended = new Promise((done) => strace.once('exit', done));
  await new Promise((done, failed) => {
    let said = '';
    strace.stderr
      .setEncoding('utf8')
      .on('data', (text) => (said += text) && /Process \d+ attached/.test(said) && done());
    ended.then(() => failed(new Error(`strace cannot attach: ${said}`)));
  });
  return {
    async end() {
      strace.kill('SIGINT'); // it lets go of the process
      await ended;
      // A call in the middle of which another thread's was logged has its end in a line of its own.
      const ends = readFileSync(log, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>).*\(INJECTED\)/gm);
      const injected = Array.from(ends, ([, call]) => call);
      return Object.fromEntries(calls.map((call) => [call, injected.filter((it) => it === call).length]));
    },
  };
}

/** At most `count` of `all`, evenly. */
export const sampled = (all, count) =>
  all.length <= count ? all : Array.from({ length: count }, (_, n) => all[Math.floor((n * all.length) / count)]);

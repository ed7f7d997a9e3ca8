// Which processors the two sides of a measurement run on.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const runOn = (processors, pid) =>
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)], { stdio: 'ignore' });

/**
 * Does `work` with this process, and the clients it starts meanwhile, on one processor and the servers on another. Left
 * to the scheduler, two threads that wake each other share a processor or do not, for seconds at a time: a third of what
 * a short request takes, and a matter of luck.
 */
export async function onProcessorsOfTheirOwn(servers, work) {
  const all = `0-${availableParallelism() - 1}`;
  if (all === '0-0') return work();
  runOn('0', process.pid);
  for (const { pid } of servers) runOn('1', pid);
  try {
    return await work();
  } finally {
    runOn(all, process.pid);
    for (const { pid } of servers) runOn(all, pid);
  }
}

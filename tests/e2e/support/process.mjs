// What a running process has used and holds, from /proc.
import { readFileSync, readdirSync } from 'node:fs';

const ticksASecond = 100; // USER_HZ, which Linux fixes for /proc

/** Seconds of processor time it and its children have used: a server's workers among them. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuSeconds(child), (user + system) / ticksASecond);
}

/** Whether it is there and has not ended: one that nobody has waited for yet is no running one. */
export function isRunning(pid) {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // gone
  }
}

const status = (pid, field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

export const residentMebibytes = (pid) => status(pid, 'VmRSS');
export const mostResidentMebibytes = (pid) => status(pid, 'VmHWM');

export const openDescriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

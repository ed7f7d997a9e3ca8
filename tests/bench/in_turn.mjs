// Two sides measured in turn, A B A B…, since rates drift with the machine and ratios of neighbours do not.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSeconds } from '../e2e/support/process.mjs';
import { median } from './support.mjs';

const run = promisify(execFile);
const report = join(dirname(fileURLToPath(import.meta.url)), 'wrk_report.lua');

/** One thread of wrk on `side.url`. Any answer that is an error, and any that did not come, fails the measurement. */
async function wrk(side, { connections, seconds }) {
  const headers = (side.headers ?? []).flatMap((header) => ['-H', header]);
  const args = ['-t1', `-c${connections}`, `-d${seconds}`, '--timeout', '10', '-s', report, ...headers, side.url];
  const { stdout } = await run('wrk', args, { env: { ...process.env, ...side.env } });
  const [, microseconds, requests, bytes, refused, failed] = /^report (\d+) (\d+) (\d+) (\d+) (\d+)$/m
    .exec(stdout)
    .map(Number);
  if (refused + failed > 0)
    throw new Error(`${side.url}: ${refused} errors answered, ${failed} not answered:\n${stdout}`);
  if (bytes === 0) throw new Error(`${side.url}: no answer in ${seconds} s`);
  return { seconds: microseconds / 1e6, requests, bytes };
}

/** The median of `measure`d pairs: `{portal, peer, ratio, spread, portalCpu, peerCpu}`. `measure(side)` resolves
 * with `{amount, seconds}`; a side with a `pid` has its processor time counted, `between` runs before each. */
export async function pairs(a, b, rounds, measure) {
  const sides = [a, b].map((side) => ({ side, rates: [], cpu: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { side, rates, cpu } of sides) {
      side.before?.();
      const start = side.pid && cpuSeconds(side.pid);
      const { amount, seconds } = await measure(side);
      rates.push(amount / seconds);
      if (side.pid) cpu.push(((cpuSeconds(side.pid) - start) / amount) * 1e6);
    }
  }
  const [portal, peer] = sides;
  const spread = portal.rates.map((rate, round) => rate / peer.rates[round]);
  return {
    portal: median(portal.rates),
    peer: median(peer.rates),
    ratio: median(spread),
    spread,
    ...(a.pid && b.pid && { portalCpu: median(portal.cpu), peerCpu: median(peer.cpu) }),
  };
}

/** Requests a second of both sides under the same load. */
export const requestsInTurn = (a, b, { rounds, seconds, connections = 32 }) =>
  pairs(a, b, rounds, async (side) => {
    const { requests, seconds: took } = await wrk(side, { connections: side.connections ?? connections, seconds });
    return { amount: requests, seconds: took };
  });

/** MiB a second of both sides; bytes count as they come, so that long transfers cut off at the end do no harm. */
export const mebibytesInTurn = (a, b, { rounds, seconds, connections }) =>
  pairs(a, b, rounds, async (side) => {
    const { bytes, seconds: took } = await wrk(side, { connections, seconds });
    return { amount: bytes / 2 ** 20, seconds: took };
  });

// How long single requests take, by clients of few cycles: tests/bench/latency_client.cpp and steady_client.cpp.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binary } from '../e2e/support/portal.mjs';
import { median } from './support.mjs';

/** A program of the bench, built beside the tests. */
export function benchProgram(name) {
  const program = join(dirname(binary), 'tests', name);
  if (!existsSync(program)) throw new Error(`no ${program}: build the target ${name}`);
  return program;
}

/** Runs one of them to its end and resolves with the JSON it prints. */
export async function runForJson(program, args, input = '') {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stdin.on('error', () => {}); // its exit code says why it stopped reading
  child.stdin.end(input);
  const code = await new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** The bytes of a request to a port of 127.0.0.1 on a kept-alive connection. */
export function rawRequest(port, target, { method = 'GET', token, headers = {}, body } = {}) {
  const all = { Host: `127.0.0.1:${port}`, Authorization: `Bearer ${token}`, ...headers };
  if (body !== undefined) all['Content-Length'] = Buffer.byteLength(body);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

/**
 * Asks every stream, `{port, connections, statuses, requests}`, in turn with the others; the client's source says
 * how. Resolves with `{p50, p99, seconds}` for each, a value a round: microseconds, and seconds of the stream's turns.
 */
export async function latencies(streams, { rounds, requests, block = 100 }) {
  const wanted = streams.map((stream) => ({ connections: 1, statuses: [200], ...stream }));
  const input = JSON.stringify({ rounds, requests, block, streams: wanted });
  return (await runForJson(benchProgram('latency_client'), [], input)).streams;
}

/**
 * Sends each stream, `{port, connections, per_second, requests}`, at its own pace for so many seconds. Resolves with
 * `{statuses, no_retry_after, unanswered, p50, p99}` for each; the client's source says how. It never sleeps.
 */
export async function steadily(streams, seconds) {
  const input = JSON.stringify({ seconds, streams });
  return (await runForJson(benchProgram('steady_client'), [], input)).streams;
}

/** One of the percentiles of two streams, as a row of the table. */
export function besideOf(ours, theirs, percentile) {
  const spread = ours[percentile].map((value, round) => value / theirs[percentile][round]);
  return {
    unit: 'µs',
    portal: median(ours[percentile]),
    peer: median(theirs[percentile]),
    ratio: median(spread),
    spread,
  };
}

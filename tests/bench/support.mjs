// Data and arithmetic that the measurements share.
import { createWriteStream } from 'node:fs';
import { seededRandom } from '../e2e/support/store.mjs';

export const contacts = 100_000;
export const jobs = 10_000;
export const filesPerJob = 20;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Writes `line(n)` for every n below `count`. */
export async function writeLines(file, count, line, header) {
  const out = createWriteStream(file);
  if (header !== undefined) out.write(`${header}\n`);
  for (let n = 0; n < count; n += 1) {
    if (!out.write(`${line(n)}\n`)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(done));
}

/** The same behind a header. */
export const writeCsv = (file, header, count, line) => writeLines(file, count, line, header);

/** The same random 32 hex digits for the same n on every run. */
export function hexIds(count) {
  const random = seededRandom(1);
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return Array.from({ length: count }, () => word() + word() + word() + word());
}

export const asUuid = (hex) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;

export const time = (n) => new Date(Date.UTC(2025, 0, 1) + n * 60_000);

/** A contact as the peer's seed makes it. */
export const person = (n) =>
  `Contact Person ${n},person${n}@example.com,+1-555-${String(n).padStart(7, '0')},Company ${n % 997}`;

// Looks for secrets where there must be none.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What nobody may find, each in every spelling in which it could be written down. */
export class Secrets {
  #needles = []; // {name, spelling, bytes}

  /** `secret`: a text, or bytes. */
  add(name, secret) {
    const bytes = Buffer.from(secret);
    const spellings = {
      plain: bytes,
      hex: Buffer.from(bytes.toString('hex')),
      'upper-case hex': Buffer.from(bytes.toString('hex').toUpperCase()),
      base64: Buffer.from(bytes.toString('base64').replace(/=+$/, '')),
      base64url: Buffer.from(bytes.toString('base64url')),
      // Within other text the alignment is another one: what no neighbour changes.
      'base64, one byte on': middle(Buffer.concat([Buffer.from('x'), bytes])),
      'base64, two bytes on': middle(Buffer.concat([Buffer.from('xx'), bytes])),
    };
    for (const [spelling, needle] of Object.entries(spellings)) this.#needles.push({ name, spelling, bytes: needle });
  }

  /** `name (spelling)` of each secret in the bytes or the text. */
  in(haystack) {
    const bytes = Buffer.isBuffer(haystack) ? haystack : Buffer.from(haystack);
    const found = this.#needles.filter((needle) => bytes.includes(needle.bytes));
    return found.map(({ name, spelling }) => `${name} (${spelling})`);
  }

  /** As `in`, with the file's name before each, of every file in a folder and below. */
  below(folder, ignored = () => false) {
    return filesBelow(folder)
      .filter((file) => !ignored(file))
      .flatMap((file) => this.in(readFileSync(file)).map((found) => `${file}: ${found}`));
  }
}

const middle = (bytes) => Buffer.from(bytes.toString('base64').replace(/=+$/, '').slice(3, -2));

export const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });

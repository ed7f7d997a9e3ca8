// Clients of the write API that feed a portal until it is gone, and note what it told them.
import { createHash, randomFillSync } from 'node:crypto';
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { sqlite } from '../e2e/support/store.mjs';

/** What a refused write may have been told, by the error that the disk gave. */
export const refusalsOf = {
  EIO: [
    "503: The portal's data cannot be used at the moment; try again",
    '200: The database cannot be read or written; check the disk', // of a bulk, whose status comes before its end
  ],
  ENOSPC: [
    '507: There is no space left for the database',
    '507: No space is left for files',
    '507: There is no space left to receive the body',
    '200: There is no space left for the database',
  ],
};

const sha256 = (content) => createHash('sha256').update(content).digest('hex');

const digits = (number, length) => String(number).padStart(length, '0');
const contactId = (writer, n) => `${digits(writer, 8)}-0000-4000-8000-${digits(n, 12)}`;

const slotsOfAWriter = 40;
const rowsOfABulk = 200;
const largestUpload = 512 * 1024;
const oftenUploaded = 10;
const job = 'job_fed';

/** Eight that write rows, and uploads. */
export const eightAndUploads = { single: 6, bulk: 2, uploads: 2 };

/** What the store must have before it is fed: `import jobs`' input. */
export const jobsToFeed = `id,title,status\n${job},Fed,pending\n`;

/** The feeds of one tenant, by `token` of scopes read and write. */
export class Feeds {
  #running = [];
  #stopped = false;

  /** `repeats`: which part of the uploads has been there before, and may just have been deleted. */
  constructor({ port, tenant = 'acme', token, journal, random, repeats = 0.5 }) {
    Object.assign(this, { port, tenant, token, journal, random, repeats });
    this.agent = new http.Agent({ keepAlive: true });
    this.acknowledged = { single: 0, bulk: 0, upload: 0 };
    this.refused = {}; // how many by status and detail
  }

  /** Begins: single rows, rows in bulk and uploads, so many of each at once. */
  start({ single = 5, bulk = 1, uploads = 2 } = {}) {
    const kinds = [...Array(single).fill('single'), ...Array(bulk).fill('bulk'), ...Array(uploads).fill('upload')];
    this.#running = kinds.map(async (kind, writer) => {
      for (let n = 0; !this.#stopped; n += 1) {
        if (!(await this.#once(kind, writer, n))) return;
      }
    });
    return this;
  }

  /** Resolves once every client has its last answer, or has none any more. */
  async end() {
    this.#stopped = true;
    await Promise.all(this.#running);
    this.agent.destroy();
  }

  /** One change. False: the portal is gone. */
  async #once(kind, writer, n) {
    const { key, value, request } = this.#next(kind, writer, n);
    this.journal.asks(key, value);
    const { status, acknowledged, refusal } = await this.send(request);
    if (acknowledged) {
      this.journal.told(key);
      this.acknowledged[kind] += 1;
    } else if (status !== undefined) {
      // A 503 does not say what became of it.
      if (status < 500 || status === 507) this.journal.refused(key);
      this.refused[refusal] = (this.refused[refusal] ?? 0) + 1;
      await wait(20); // as a client does that is told to come back
    }
    return status !== undefined;
  }

  #next(kind, writer, n) {
    const at = `/api/tenants/${this.tenant}`;
    const stamp = `${kind} ${writer} ${Math.floor(this.random() * 1e9)}`;
    if (kind === 'bulk') {
      const row = (_, i) => JSON.stringify({ id: contactId(1000 + writer, i), name: stamp });
      const body = `${Array.from({ length: rowsOfABulk }, row).join('\n')}\n`;
      const headers = { 'Content-Type': 'application/x-ndjson' };
      return {
        key: `bulk ${writer}`,
        value: stamp,
        request: { method: 'POST', path: `${at}/contacts/bulk`, headers, body },
      };
    }
    if (kind === 'upload') {
      const name = `w${writer}-${n % 6}.bin`;
      const body =
        this.random() < this.repeats
          ? Buffer.alloc(20_000, `${Math.floor(this.random() * oftenUploaded)} `)
          : randomFillSync(Buffer.alloc(1 + Math.floor(this.random() * largestUpload)));
      const path = `${at}/jobs/${job}/files/file_${name.slice(0, -4)}/content?name=${name}`;
      const headers = { 'Content-Type': 'application/octet-stream' };
      return { key: `file ${name}`, value: sha256(body), request: { method: 'PUT', path, headers, body } };
    }
    const id = contactId(writer, Math.floor(this.random() * slotsOfAWriter));
    const key = `contact ${id}`;
    const path = `${at}/contacts/${id}`;
    const there = this.journal.value(key) !== undefined;
    const dice = there ? this.random() : 0;
    if (dice > 0.9) return { key, value: undefined, request: { method: 'DELETE', path } };
    const method = dice > 0.7 ? 'PATCH' : 'PUT';
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const body = JSON.stringify({ name: stamp });
    return { key, value: stamp, request: { method, path, headers: { 'Content-Type': type }, body } };
  }

  /** `{status, acknowledged, refusal, text}`; without a status the portal went away before it answered. */
  send({ method, path, headers = {}, body = '' }) {
    return new Promise((done) => {
      const all = { Authorization: `Bearer ${this.token}`, 'Content-Length': Buffer.byteLength(body), ...headers };
      const options = { host: '127.0.0.1', port: this.port, method, path, headers: all, agent: this.agent };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('error', () => {});
        response.on('close', () => done(judged(response, path.includes('/bulk'), text)));
      });
      request.on('error', () => done({ acknowledged: false }));
      request.end(body);
    });
  }
}

function judged({ statusCode, complete }, isBulk, text) {
  // A bulk's rows are one batch: the first line that came says that all of them are in. Its status came before them.
  const acknowledged = statusCode < 300 && (isBulk ? /"outcome":"[^\n]*\n/.test(text) : complete);
  const detail = acknowledged ? undefined : /"detail":"([^"]*)"/.exec(text)?.[1];
  return { status: complete ? statusCode : undefined, acknowledged, refusal: `${statusCode}: ${detail}`, text };
}

/** The journal's slots as a store has them that nobody has open, and the halves of bulks that are in it. */
export function readSlots(dataDir, tenant = 'acme') {
  const rows = (sql) => sqlite(dataDir, sql).split('\n').filter(Boolean);
  const owner = `tenant_id = (SELECT tenant_id FROM tenants WHERE slug = '${tenant}')`;
  const found = new Map();
  const bulks = new Map(); // writer -> name -> rows
  for (const row of rows(`SELECT lower(hex(id)), name FROM contacts WHERE ${owner} AND id < x'00002000'`)) {
    const [hex, name] = row.split('|');
    const writer = Number(hex.slice(0, 8));
    if (writer >= 1000) {
      const names = bulks.get(writer - 1000) ?? new Map();
      bulks.set(writer - 1000, names.set(name, (names.get(name) ?? 0) + 1));
    } else {
      found.set(`contact ${contactId(writer, Number(hex.slice(20)))}`, name);
    }
  }
  const halves = [];
  for (const [writer, names] of bulks) {
    found.set(`bulk ${writer}`, [...names.keys()][0]);
    if (names.size !== 1 || [...names.values()][0] !== rowsOfABulk) halves.push(`bulk ${writer}: ${[...names]}`);
  }
  for (const row of rows(`SELECT name, lower(hex(sha256)) FROM files WHERE ${owner} AND job_id = '${job}'`)) {
    const [name, hash] = row.split('|');
    found.set(`file ${name}`, hash);
  }
  return { found, halves };
}

// The load that the change plan wants a portal to bear: one and a half times its peak of 15 requests a second for
// contacts and 6 for files ("Load Testing: 1.5x expected QPS validation"), from as many clients as their budgets need.
import assert from 'node:assert/strict';
import { LoadClient } from './load.mjs';
import { demo } from './portal.mjs';

export const endpoints = {
  contacts: '/v*/contacts',
  contact: '/v*/contacts/{contactId}',
  jobs: '/v*/jobs',
  files: '/v*/jobs/{jobId}/files',
  file: '/v*/jobs/{jobId}/files/{fileId}',
  blob: '/files/{bucket}/jobs/{jobId}/files/{name}',
};

/** What the change plan and the contract promise, in milliseconds; a download takes as long as it is large. */
export const targets = {
  [endpoints.contacts]: [300, 600],
  [endpoints.contact]: [300, 600],
  [endpoints.jobs]: [400, 800],
  [endpoints.files]: [500, 1000],
  [endpoints.file]: [500, 1000],
};

// The budgets of the contract, a minute and client: the load is to fit into them.
const budgets = { contacts: 60, contact: 60, jobs: 60, files: 120, file: 120, blob: 600 };
const words = ['ma', 'ro', 'jen', 'crest', 'o', 'ram', 'sa', 'lin'];

const inTurn = (list, n) => list[n % list.length];
const rowsOf = ({ body }) => JSON.parse(body).data;
const pathOf = (url) => url.slice(new URL(url).origin.length);
const following = ({ headers }) => /<([^>]+)>; rel="next"/.exec(headers.link)?.[1];

/** A request of this kind, whose answer must say that the contract's budget was consulted and not all used. */
function request(client, kind, target, { heard, ...more } = {}) {
  const check = (answer) => {
    assert.equal(answer.headers['x-ratelimit-limit'], String(budgets[kind]));
    const left = Number(answer.headers['x-ratelimit-remaining']);
    client.leastLeft[kind] = Math.min(left, client.leastLeft[kind] ?? Infinity);
    heard?.(answer);
  };
  return { endpoint: endpoints[kind], target, heard: check, ...more };
}

class ContactsClient extends LoadClient {
  leastLeft = {};
  asked = 0;
  ids = [demo.contact];
  nextPage = undefined;

  firstPage() {
    const heard = (answer) => {
      this.ids = rowsOf(answer).map(({ id }) => id);
      assert.equal(this.ids.length, 50);
      this.tag = answer.headers.etag;
      this.nextPage = pathOf(following(answer));
    };
    return request(this, 'contacts', '/v1/contacts?limit=50', { heard });
  }

  /** The page after the last one, by its cursor. */
  followingPage() {
    if (!this.nextPage) return this.firstPage();
    const heard = (answer) => {
      assert.ok(rowsOf(answer).length > 0);
      const next = following(answer);
      this.nextPage = next && pathOf(next);
    };
    return request(this, 'contacts', this.nextPage, { heard });
  }

  /** What it has already, and nobody has changed. */
  samePage() {
    if (!this.tag) return this.firstPage();
    const headers = { 'If-None-Match': this.tag };
    return request(this, 'contacts', '/v1/contacts?limit=50', { headers, status: 304 });
  }

  search() {
    const word = inTurn(words, this.asked++);
    const heard = (answer) => assert.ok(rowsOf(answer).length > 0, word);
    return request(this, 'contacts', `/v1/contacts?q=${word}&limit=20`, { heard });
  }

  one() {
    const id = inTurn(this.ids, this.asked++);
    const heard = ({ body }) => assert.equal(JSON.parse(body).id, id);
    return request(this, 'contact', `/v1/contacts/${id}`, { heard });
  }
}

class FilesClient extends LoadClient {
  leastLeft = {};
  asked = 0;
  jobs = [demo.job];

  /** Which jobs there are to look into. */
  someJobs() {
    const heard = (answer) => this.jobs.push(...rowsOf(answer).map(({ id }) => id));
    return request(this, 'jobs', '/v1/jobs?limit=20', { heard });
  }

  /** The files of the next job. */
  list(query = 'limit=20') {
    const job = inTurn(this.jobs, this.asked++);
    const heard = (answer) => {
      const [row] = rowsOf(answer);
      if (row) this.#note(job, row); // not every job has files
    };
    return request(this, 'files', `/v1/jobs/${job}/files?${query}`, { heard });
  }

  one() {
    const { job, id } = this.file;
    const heard = ({ body }) => this.#note(job, JSON.parse(body));
    return request(this, 'file', `/v1/jobs/${job}/files/${id}`, { heard });
  }

  download() {
    const { size, url } = this.file;
    const heard = ({ body }) => assert.equal(body.length, size);
    return request(this, 'blob', pathOf(url), { heard, bearer: false });
  }

  #note(job, { id, size, signed_url: url }) {
    this.file = { job, id, size, url };
  }
}

const ofContacts = [
  (client) => client.firstPage(),
  (client) => client.one(),
  (client) => client.followingPage(),
  (client) => client.search(),
  (client) => client.followingPage(),
  (client) => client.samePage(),
  (client) => client.firstPage(),
  (client) => client.one(),
  (client) => client.search(),
  (client) => client.followingPage(),
];
const ofFiles = [
  (client) => client.list(),
  (client) => client.one(),
  (client) => client.list(),
  (client) => client.list('kind=photo'),
  (client) => client.one(),
  (client) => client.list(),
];
const ofDownloads = [(client) => client.download()];

async function makeClients(portal, Kind, names) {
  const clients = [];
  for (const id of names) {
    const client = await portal.control('/api/tenants/acme/clients', { method: 'POST', body: { id, name: id } });
    assert.equal(client.status, 201, client.text);
    const token = await portal.control('/api/tenants/acme/tokens', { method: 'POST', body: { client: id } });
    assert.equal(token.status, 201, token.text);
    clients.push(new Kind(token.json.token));
  }
  return clients;
}

const names = (kind, count) => Array.from({ length: count }, (_, n) => `${kind}_${n + 1}`);

/** The clients of the load, made as an operator makes them, and what they send: streams of Load.run. */
export async function makeSpecLoad(portal) {
  const contacts = await makeClients(portal, ContactsClient, names('contacts', 23));
  const files = await makeClients(portal, FilesClient, names('files', 5));
  return {
    contacts,
    files,
    streams: [
      { perSecond: 22.5, clients: contacts, mix: ofContacts },
      { perSecond: 9, clients: files, mix: ofFiles },
      { perSecond: 3, clients: files, mix: ofDownloads }, // every third file is looked at
    ],
  };
}

/** What the clients of files ask first: which jobs there are, and what one of them has. */
export async function prepare(load, { files }) {
  for (const client of files) {
    await load.send(client, client.list());
    await load.send(client, client.someJobs());
  }
  assert.deepEqual(load.failures, []);
}

// The reads that are timed on a large store and on a small one: the same amounts of rows in the answers.
import { seededRandom } from '../e2e/support/store.mjs';
import { rawRequest } from './latency.mjs';

const distinct = 400; // requests of a kind, at places of their own
const page = '/v1/contacts?limit=50';

const letters = (number, count) =>
  count === 0 ? '' : letters(Math.floor(number / 26), count - 1) + String.fromCharCode(97 + (number % 26));

/** A family name of fill_scale's, which 40 contacts of each tenant have. */
const familyName = (number) => `mc${letters(number, 4)}`;

async function mustGet(portal, target, token) {
  const answer = await portal.request(target, { token });
  if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.text}`);
  return answer;
}

/** The target of the page that follows the one at `offset`. */
async function cursorAt(portal, token, offset) {
  const { headers } = await mustGet(portal, `${page}&offset=${offset}`, token);
  const url = new URL(/<([^>]*cursor[^>]*)>; rel="next"/.exec(headers.link)[1]);
  return url.pathname + url.search;
}

/**
 * Kinds of requests to `tenants` of a portal, each at random places of a random tenant's data, as
 * `{name: {requests, statuses}}`. What a tenant's size decides is the same for all: what a search finds, how many rows
 * a page has.
 */
export async function readsOf(portal, tenants) {
  const random = seededRandom(7);
  const below = (limit) => Math.floor(random() * limit);
  const kinds = {};
  const kind = async (name, make, status = 200) => {
    const requests = [];
    for (let n = 0; n < distinct; n += 1) requests.push(await make(tenants[n % tenants.length]));
    kinds[name] = { requests, statuses: [status] };
  };
  const get = (target, token, headers) => rawRequest(portal.port, target, { token, headers });

  await kind('the first page', ({ token }) => get(page, token));
  await kind('a cursor page', async ({ token, contacts }) =>
    get(await cursorAt(portal, token, below(contacts - 100)), token),
  );
  await kind('a deep offset', ({ token, contacts }) =>
    get(`${page}&offset=${contacts / 2 + below(contacts / 2 - 50)}`, token),
  );
  await kind('a search', async ({ token, contacts }) => {
    const target = `${page}&q=${familyName(below(contacts / 40))}`;
    const { total } = (await mustGet(portal, target, token)).json;
    if (total !== 40) throw new Error(`${target} found ${total} contacts`);
    return get(target, token);
  });
  const etags = new Map();
  for (const { token } of tenants) etags.set(token, (await mustGet(portal, page, token)).headers.etag);
  await kind('a 304', ({ token }) => get(page, token, { 'If-None-Match': etags.get(token) }), 304);
  await kind('a files page', ({ token, jobs }) => get(`/v1/jobs/job_${below(jobs)}/files?limit=20`, token));
  return kinds;
}

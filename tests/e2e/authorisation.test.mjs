// Who gets in: every operation that the portal's own descriptions name, asked with every kind of credentials that is
// not enough, and with each that is. Generated from what the binary serves, so that no route can be forgotten.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { unlimited } from './support/budgets.mjs';
import { isEnough, isOpen, operationsOf, targetOf } from './support/operations.mjs';
import { demo, startPortal } from './support/portal.mjs';

const own = 'matrix';
const nobody = '22222222-2222-4222-8222-222222222222';
const ownContact = '11111111-1111-4111-8111-111111111111';
const bytes = Buffer.from('%PDF-1.7 the matrix\n');

let portal; // which is being set up
let portals;
// {name, portal, port, credentials: see makeCredentials, operations, rowsOf: the paths of a tenant's own, known and
// unknown: values of parameters}
let planes;

async function admin(method, target, body, headers = {}) {
  const answer = await portal.control(target, { method, body, headers });
  assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
  return answer.text ? answer.json : undefined;
}

async function makeToken(tenant, client, scopes, extra = {}) {
  return (await admin('POST', `/api/tenants/${tenant}/tokens`, { client, scopes, ...extra })).token;
}

/** A tenant with a client, and one row of everything. */
async function makeTenant(slug) {
  await admin('POST', '/api/tenants', { slug });
  await admin('POST', `/api/tenants/${slug}/clients`, { id: `${slug}_client` });
  await admin('PUT', `/api/tenants/${slug}/contacts/${slug === own ? ownContact : randomUUID()}`, { name: 'Ada' });
  await admin('PUT', `/api/tenants/${slug}/jobs/job_${slug}`, { title: 'Roof', status: 'pending' });
  const content = `/api/tenants/${slug}/jobs/job_${slug}/files/file_${slug}/content?name=a.pdf&kind=document`;
  return (await admin('PUT', content, bytes, { 'Content-Type': 'application/pdf' })).sha256;
}

/** A token of a tenant that is deleted. */
async function makeStranger() {
  await makeTenant('gone');
  const token = await makeToken('gone', 'gone_client', ['read', 'write']);
  await admin('DELETE', '/api/tenants/gone');
  return token;
}

async function makeRevoked(path, body) {
  const { id, token } = await admin('POST', path, body);
  await admin('DELETE', `${path}/${id}`);
  return token;
}

async function makeExpired() {
  const token = await makeToken(own, `${own}_client`, ['read', 'write'], { expires_in: '1s' });
  for (;;) if ((await portal.request('/v1/health', { token })).status === 401) return token;
}

/** A token whose client is ended by `method`. */
async function makeEnded(method, body) {
  const id = `${own}_${method.toLowerCase()}`;
  await admin('POST', `/api/tenants/${own}/clients`, { id });
  const token = await makeToken(own, id, ['read', 'write']);
  await admin(method, `/api/tenants/${own}/clients/${id}`, body);
  return token;
}

async function makeSuspended() {
  await makeTenant('halted');
  const token = await makeToken('halted', 'halted_client', ['read', 'write']);
  await admin('PATCH', '/api/tenants/halted', { suspended: true });
  return token;
}

const mistyped = (token) => token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
/** What a browser sends that has signed in with such a token. */
async function signedIn(name, token, site, rest) {
  const answer = await portal.control('/api/session', { method: 'POST', token: '', body: { token } });
  assert.equal(answer.status, 201, answer.text);
  const Cookie = answer.headers['set-cookie'][0].split(';')[0];
  return { name, headers: { Cookie, 'Sec-Fetch-Site': site }, session: answer.json.session.id, ...rest };
}

async function makeEndedSession() {
  const { token } = await admin('POST', '/api/tokens', { scopes: ['admin'] });
  const { session, ...rest } = await signedIn('a session that was ended', token, 'same-origin', { says: 'none' });
  await admin('DELETE', `/api/sessions/${session}`);
  return rest;
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/**
 * Everything that somebody may come with: `{name, headers, query}`. `says` is what is wrong with it, `none` or
 * `invalid`; what is good has `scopes`, `tenant` unless it is an operator's, and perhaps `elsewhere`: the tenant is
 * another one than that of the rows asked for. A `session` is none on the data plane, and nowhere for a `foreign` page.
 */
async function makeCredentials() {
  const client = `${own}_client`;
  const good = await makeToken(own, client, ['read', 'write']);
  const operator = async (scopes) => (await admin('POST', '/api/tokens', { scopes })).token;
  const invalid = (name, token) => ({ name, headers: bearer(token), says: 'invalid' });
  const valid = (name, token, rest) => ({ name, headers: bearer(token), ...rest });
  const scoped = async (scopes) =>
    valid(`scope ${scopes}`, await makeToken(own, client, scopes), { scopes, tenant: own });
  const basic = Buffer.from(`${client}:${good}`).toString('base64');
  const both = ['read', 'write'];
  const foreign = await makeToken('other', 'other_client', both);
  return [
    { name: 'no credentials', headers: {}, says: 'none' },
    { name: 'an empty field', headers: { Authorization: '' }, says: 'none' },
    { name: 'a scheme without a token', headers: { Authorization: 'Bearer' }, says: 'none' },
    { name: 'a token without a scheme', headers: { Authorization: good }, says: 'none' },
    { name: 'Basic', headers: { Authorization: `Basic ${basic}` }, says: 'none' },
    { name: 'Digest', headers: { Authorization: `Digest ${good}` }, says: 'none' },
    { name: 'a token in the query string', headers: {}, query: `access_token=${good}`, says: 'none' },
    invalid('two tokens', `${good} ${good}`),
    invalid('a token in quotes', `"${good}"`),
    invalid('a token with a comma', `${good},`),
    invalid('bytes that are no text', '\xff\xfe\x80'),
    invalid('a long token', 'a'.repeat(5000)),
    invalid('a random token', 'f3b1c4d9e8a7'),
    invalid('the hash of nothing', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'),
    invalid('SQL', `' OR 1=1 --`),
    invalid('a client id', client),
    invalid('a mistyped token', mistyped(good)),
    invalid('a token of a tenant that is gone', await makeStranger()),
    invalid('a revoked token', await makeRevoked(`/api/tenants/${own}/tokens`, { client, scopes: both })),
    invalid("a revoked client's token", await makeEnded('PATCH', { revoked: true })),
    invalid("a deleted client's token", await makeEnded('DELETE')),
    invalid('a revoked operator', await makeRevoked('/api/tokens', { scopes: ['admin'] })),
    invalid('an expired token', await makeExpired()),
    invalid("a suspended tenant's token", await makeSuspended()),
    await scoped(['read']),
    await scoped(['write']),
    valid('scopes read and write', good, { scopes: both, tenant: own }),
    valid('another tenant', foreign, { scopes: both, tenant: 'other', elsewhere: true }),
    valid('scope metrics', await operator(['metrics']), { scopes: ['metrics'] }),
    valid('scope admin', await operator(['admin']), { scopes: ['admin'] }),
    await makeEndedSession(),
    await signedIn('a session of scope metrics', await operator(['metrics']), 'same-origin', { scopes: ['metrics'] }),
    await signedIn('a session of scope admin', await operator(['admin']), 'same-origin', { scopes: ['admin'] }),
    await signedIn("a foreign page's session", await operator(['admin']), 'same-site', { foreign: true }),
  ];
}

/** Starts a portal with one of everything: what its planes have in common. */
async function setUp(args = []) {
  portal = await startPortal({ args, env: unlimited });
  const sha256 = await makeTenant(own);
  await makeTenant('other');
  const known = {
    contactId: ownContact,
    jobId: `job_${own}`,
    fileId: `file_${own}`,
    bucket: `portal-files-${own}`,
    '/files/{bucket}/jobs/{jobId}/files/{name} name': 'a.pdf',
    tenant: own,
    client: `${own}_client`,
    token: 'tok_of_nobody',
    job: `job_${own}`,
    '/api/tenants/{tenant}/contacts/{id} id': ownContact,
    '/api/tenants/{tenant}/jobs/{id} id': `job_${own}`,
    '/api/tenants/{tenant}/jobs/{job}/files/{id} id': `file_${own}`,
    '/api/tenants/{tenant}/jobs/{job}/files/{id}/content id': `file_${own}`,
    sha256,
  };
  // What nobody has ever had, so that a tenant's rows can be held against it.
  const unknown = { ...known, contactId: nobody, jobId: 'job_nobody', tenant: 'nobody' };
  await admin('POST', '/api/purge'); // so that there is a last one to be read
  return { portal, known, unknown, credentials: await makeCredentials() };
}

/** Resets and what ends sessions come last: they take along what credentials were made. */
const takesAlong = ({ path }) => path.endsWith('/reset') || path.startsWith('/api/session');
const endsLast = (operations) => operations.toSorted((a, b) => takesAlong(a) - takesAlong(b));

before(async () => {
  const plane = (name, set, port, rowsOf, { json }) => {
    // Only the control plane knows of sessions.
    const credentials = set.credentials.map((who) =>
      name === 'data' && who.session ? { name: who.name, headers: who.headers, says: 'none' } : who,
    );
    return { name, ...set, credentials, port, rowsOf, operations: endsLast(operationsOf(json)) };
  };
  const plain = await setUp();
  const tested = await setUp(['--test-mode']);
  portals = [plain.portal, tested.portal];
  const { port, controlPort } = plain.portal;
  const testPort = tested.portal.controlPort;
  planes = [
    plane('data', plain, port, /\{\w+\}/, await plain.portal.request('/v1/openapi.json')),
    plane('control', plain, controlPort, /\{tenant\}/, await plain.portal.control('/api/openapi.json')),
    plane('test', tested, testPort, /\{tenant\}/, await tested.portal.control('/test/openapi.json')),
  ];
});
after(() => Promise.all(portals.map((each) => each.stop())));

const isSigned = ({ requirements }) => requirements.some(({ scheme }) => scheme === 'signature');
const isSafe = ({ method }) => method === 'GET' || method === 'HEAD';

/**
 * What the document makes of these credentials: a status, or `in` for whatever an operation answers to those whom it
 * lets in.
 */
function expected(plane, operation, who) {
  if (isSigned(operation)) return 400; // none of these is a signature, and a signature wants no company
  if (operation.requirements.length === 0) return 'in';
  if (who.says === 'none' && isOpen(operation)) return who.headers.Authorization === undefined ? 'in' : 401;
  if (who.says) return 401;
  if (isOpen(operation)) return 'in';
  if (who.foreign) return 403;
  if (who.elsewhere && plane.rowsOf.test(operation.path)) return 404;
  return isEnough(operation, who.scopes) ? 'in' : 403;
}

const ask = (plane, operation, who, known = plane.known) => {
  const target = targetOf(operation, known) + (who.query ? `?${who.query}` : '');
  return plane.portal.request(target, { method: operation.method, headers: who.headers, port: plane.port });
};

/** Why the answer is not the expected one; undefined when it is. */
function complaint(answer, status, who) {
  if (answer.status !== status) return `${answer.status} instead of ${status}`;
  if (status !== 401) return undefined;
  const challenge = answer.headers['www-authenticate'];
  const wanted = who.says === 'none' ? 'Bearer realm="portal"' : 'Bearer realm="portal", error="invalid_token"';
  return challenge === wanted ? undefined : `WWW-Authenticate: ${challenge}`;
}

/** Asks each operation with all that is refused, and with what is let in where asking changes nothing. */
async function walk(plane, operations) {
  const surprises = [];
  let asked = 0;
  for (const operation of operations) {
    for (const who of plane.credentials) {
      const status = expected(plane, operation, who);
      if (status === 'in' && !isSafe(operation)) continue;
      const answer = await ask(plane, operation, who);
      asked += 1;
      const wrong = status === 'in' ? refusal(answer, who) : complaint(answer, status, who);
      if (wrong) surprises.push(`${operation.method} ${operation.path} with ${who.name}: ${wrong}`);
    }
  }
  return { asked, surprises };
}

/** Why an answer is not one to somebody who was let in. An unknown parameter is refused by whoever reads the query. */
function refusal(answer, who) {
  if (answer.status < 400 || (who.query && answer.status === 400)) return undefined;
  return `${answer.status}, though it is let in`;
}

test('nobody gets in whom the descriptions do not let in', async (t) => {
  let total = 0;
  for (const plane of planes) {
    const { asked, surprises } = await walk(plane, plane.operations);
    assert.deepEqual(surprises, [], plane.name);
    const kinds = plane.credentials.length;
    t.diagnostic(
      `${plane.name} plane: ${plane.operations.length} operations, ${kinds} kinds of credentials, ${asked} cases`,
    );
    total += asked;
  }
  t.diagnostic(`${total} cases`);
});

test('HEAD lets in whom GET does', async () => {
  for (const plane of planes) {
    const reads = plane.operations.filter(({ method }) => method === 'GET');
    const heads = reads.map((operation) => ({ ...operation, method: 'HEAD' }));
    assert.deepEqual((await walk(plane, heads)).surprises, [], plane.name);
  }
});

test("to another tenant's token its rows are as unknown as those that were never there", async (t) => {
  const told = (answer) => ({ ...answer.json, traceId: '' });
  let compared = 0;
  for (const plane of planes) {
    const stranger = plane.credentials.find(({ elsewhere }) => elsewhere);
    const atHome = plane.credentials.find(({ tenant, scopes }) => tenant === own && scopes.length === 2);
    for (const operation of plane.operations) {
      if (operation.method === 'HEAD' || expected(plane, operation, stranger) !== 404) continue;
      const hidden = await ask(plane, operation, stranger);
      for (const who of [stranger, atHome]) {
        const unknown = await ask(plane, operation, who, plane.unknown);
        assert.deepEqual(told(hidden), told(unknown), `${operation.method} ${operation.path}`);
        const names = (answer) => answer.rawHeaders.filter((_, at) => at % 2 === 0);
        assert.deepEqual(names(hidden), names(unknown), `${operation.method} ${operation.path}`);
        compared += 1;
      }
    }
  }
  t.diagnostic(`${compared} pairs of answers`);
  assert.ok(compared > 0);
});

test('a description that lets in more than the portal does is found', async () => {
  const [, control] = planes;
  const wrong = control.operations
    .filter(({ method, path }) => method === 'GET' && path === '/api/tenants')
    .map((operation) => ({ ...operation, requirements: [{ scheme: 'bearer', scopes: ['read'] }] }));
  const { surprises } = await walk(control, wrong);
  assert.ok(
    surprises.some((each) => each.endsWith('with scope read: 403, though it is let in')),
    surprises.join('\n'),
  );
  assert.ok(
    surprises.some((each) => each.endsWith('with scope admin: 200 instead of 403')),
    surprises.join('\n'),
  );
});

/** As operation's target, but of a row that was never there: a deletion must not take what the next case asks for. */
function harmless({ path, parameters }, known) {
  const last = parameters.at(-1);
  return last ? { ...known, [`${path} ${last.name}`]: nobody } : known;
}

test('everybody gets in whom the descriptions let in', async (t) => {
  let changes = 0;
  for (const plane of planes) {
    for (const operation of plane.operations.filter((each) => !isSafe(each))) {
      const known = operation.method === 'DELETE' ? harmless(operation, plane.known) : plane.known;
      for (const who of plane.credentials.filter((each) => expected(plane, operation, each) === 'in')) {
        if (who.session && takesAlong(operation)) continue; // it would end itself; sign_in.test.mjs does
        const { status, text } = await ask(plane, operation, who, known);
        const what = `${operation.method} ${operation.path} with ${who.name}: ${status} ${text}`;
        assert.ok(![401, 403].includes(status) && status < 500, what);
        changes += 1;
      }
    }
  }
  t.diagnostic(`${changes} cases`);
});

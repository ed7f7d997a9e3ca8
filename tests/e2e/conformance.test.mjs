// The table of odd and hostile heads (tests/conformance/cases.mjs), against the binary over raw connections: each case
// in one piece and in single bytes, with a canary request pipelined behind it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { canary, cases, groups, idMark, methodOf } from '../conformance/cases.mjs';
import { project, startPortal } from './support/portal.mjs';
import { Wire } from './support/wire.mjs';

const atOnce = 64; // connections
const headTimeout = 5; // seconds, of the portal that is sent incomplete heads

let portal;
let impatient;
before(async () => {
  [portal, impatient] = await Promise.all([
    startPortal(),
    startPortal({ args: ['--net-head-timeout', `${headTimeout}s`] }),
  ]);
});
after(() => Promise.all([portal.stop(), impatient.stop()]));

const variants = [
  ['in one piece', 'w', (bytes) => [bytes]],
  // The few long heads differ from short ones around their limits only, and come in larger pieces.
  ['in single bytes', 'b', (bytes) => pieces(bytes, bytes.length > 2000 ? 97 : 1)],
];

function pieces(bytes, size) {
  const all = [];
  for (let at = 0; at < bytes.length; at += size) all.push(bytes.subarray(at, at + size));
  return all;
}

// Turns of the event loop are what parts the pieces: all connections of a batch send one each turn.
async function sendPieces(wire, parts) {
  for (const part of parts) {
    if (wire.closed) return;
    wire.send(part);
    if (parts.length > 1) await nextTurn();
  }
}

const number = new Map(cases.map((each, i) => [each, String(i).padStart(4, '0')]));

/** Whether the head itself says that nothing follows it: the portal may close as soon as it has answered. */
const announcesEnd = (raw) =>
  /^connection:.*close/im.test(raw) || (/^\S+ \S+ HTTP\/1\.0\r\n/.test(raw) && !/keep-alive/i.test(raw));

/** The pieces of a head and of what is sent behind it, which must be on its way before a portal that may close has. */
function piecesOf(raw, behind, split) {
  if (!announcesEnd(raw.toString('latin1'))) return split(Buffer.concat([raw, behind]));
  const parts = split(raw);
  return [...parts.slice(0, -1), Buffer.concat([parts.at(-1), behind])];
}

/** Plays one case: what was answered to it, and to the canary where that must be. */
async function play(each, [, letter, split]) {
  const id = `case-${number.get(each)}-${letter}`;
  const canaryId = `canary-${number.get(each)}-${letter}`;
  const raw = Buffer.from(each.raw.replaceAll(idMark, id), 'latin1');
  const behind = Buffer.from(canary(canaryId));
  const wire = await Wire.open(each.late ? impatient.port : portal.port);
  try {
    const sent = sendPieces(wire, each.late ? split(raw) : piecesOf(raw, behind, split));
    const answer = await wire.answer({ method: methodOf(each) });
    if (each.late) wire.send(behind);
    let second;
    if (each.closes) await wire.end();
    else second = await wire.answer();
    await sent;
    return { id, canaryId, answer, second, left: wire.buffer.toString('latin1') };
  } finally {
    wire.close();
  }
}

const security = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

function assertCommon({ headers }, what) {
  for (const [name, value] of Object.entries(security)) assert.deepEqual(headers[name], [value], `${what}: ${name}`);
  for (const name of ['date', 'x-request-id', 'x-trace-id']) assert.equal(headers[name]?.length, 1, `${what}: ${name}`);
}

function assertProblem(answer, method, what) {
  assert.deepEqual(answer.headers['content-type'], ['application/problem+json'], what);
  if (method === 'HEAD') return;
  const problem = JSON.parse(answer.body);
  assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'code', 'detail', 'traceId'], what);
  assert.match(problem.type, /^http:\/\/[^/]+\/errors\/[a-z-]+$/, what);
  assert.equal(problem.status, answer.status, what);
  assert.equal(problem.traceId, answer.headers['x-trace-id'][0], what);
  for (const name of ['title', 'code', 'detail']) assert.match(problem[name], /\S/, `${what}: ${name}`);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function assertPlayed(each, { id, canaryId, answer, second, left }, what) {
  assert.equal(answer.status, each.status, `${what}: ${answer.body}`);
  assertCommon(answer, what);
  if (each.newIds) {
    assert.match(answer.headers['x-request-id'][0], uuid, what);
    assert.match(answer.headers['x-trace-id'][0], /^[0-9a-f]{32}$/, what);
  } else {
    assert.deepEqual([answer.headers['x-request-id'], answer.headers['x-trace-id']], [[id], [id]], what);
  }
  if (answer.status >= 400) assertProblem(answer, methodOf(each), what);
  const goesOn = /^GET \S+ HTTP\/1\.0/.test(each.raw) ? ['keep-alive'] : undefined;
  assert.deepEqual(answer.headers.connection, each.closes ? ['close'] : goesOn, what);
  if (!each.closes) assert.deepEqual([second.status, second.headers['x-request-id']], [404, [canaryId]], what);
  assert.equal(left, '', `${what}: bytes after the last answer`);
}

/** The request ids of a portal's access log so far, in order. */
function loggedIds({ log }) {
  const lines = log.split('\n').filter((text) => text.startsWith('{'));
  const requests = lines.map((text) => JSON.parse(text)).filter(({ event, msg }) => (event ?? msg) === 'request');
  return requests.map(({ request_id: id }) => id);
}

const played = []; // the ids that must be in the access log, and the canaries that must not

async function playAll(list, variant) {
  for (let at = 0; at < list.length; at += atOnce) {
    const batch = list.slice(at, at + atOnce);
    const results = await Promise.allSettled(batch.map((each) => play(each, variant)));
    results.forEach(({ reason, value }, i) => {
      const what = `${batch[i].name}, ${variant[0]}`;
      if (reason) throw new Error(what, { cause: reason });
      assertPlayed(batch[i], value, what);
      played.push({ each: batch[i], what, ...value });
    });
  }
}

for (const [name, list] of groups) {
  for (const variant of variants) test(`${name}, ${variant[0]}`, () => playAll(list, variant));
}

test('the access log has one line for each head and each canary that ran, and no other', async () => {
  assert.equal(played.length, variants.length * cases.length);
  // Its own line is written after all others, one portal after the other.
  for (const each of [portal, impatient]) {
    await each.request('/livez', { headers: { 'X-Request-Id': 'the-last' } });
    await each.logged(/"request_id":"the-last"/);
  }
  const ran = [...loggedIds(portal), ...loggedIds(impatient)];
  const expected = ['the-last', 'the-last'];
  for (const { answer, second, canaryId } of played) {
    expected.push(answer.headers['x-request-id'][0]);
    if (second) expected.push(canaryId);
  }
  assert.deepEqual(ran.sort(), expected.sort());
});

test("docs/conformance.md has every case, and the portal's column is what the portal does", () => {
  assert.ok(cases.length >= 120, `${cases.length} cases`);
  const rows = readFileSync(join(project, 'docs/conformance.md'), 'utf8').matchAll(
    /^\| (.+?) \| (9\d+ §\S+) \| (\w+) \| (.+?) \|/gm,
  );
  const expected = cases.map(({ name, section, rule, status, closes }) => {
    return [name, section, rule, `${status} ${closes ? 'closed' : 'next'}`];
  });
  assert.deepEqual(
    Array.from(rows, ([, ...cells]) => cells),
    expected,
  );
});

// The cases of cases.mjs against the portal, nginx and a stock cpp-httplib, side by side, into docs/conformance.md.
// usage: node tests/conformance/compare.mjs
// Builds nothing: PORTAL_BINARY names the portal (default: build/release/portal-appliance); conformance_httplib is
// looked for in tests/ beside it, and nginx on the PATH.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../e2e/support/portal.mjs';
import { cases, groups } from './cases.mjs';
import { judge, show } from './judge.mjs';
import { startHttplib, startNginx, startPortalPeer } from './peers.mjs';
import { probe } from './probe.mjs';

const atOnce = 6; // connections a server: fewer than cpp-httplib has threads

/** What a server does with each case, in order. */
async function observe({ address }) {
  const seen = new Map();
  const waiting = [...cases];
  const worker = async () => {
    for (let each = waiting.shift(); each; each = waiting.shift()) seen.set(each, await probe(address, each));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return seen;
}

const count = (list, test) => list.filter(test).length;

function totals(judged, servers) {
  const rows = [
    ['goes on as expected', ({ verdict }, each) => verdict === 'as expected' && !each.closes],
    ['ends the connection as expected', ({ verdict }, each) => verdict === 'as expected' && each.closes],
    ['differs, as the RFC permits', ({ verdict }) => verdict === 'may'],
    ['differs, against a SHOULD', ({ verdict }) => verdict === 'should'],
    ['differs, against a MUST', ({ verdict }) => verdict === 'must'],
    ['of those: relevant to smuggling', ({ smuggling }) => smuggling],
    ['loses what was pipelined', ({ end }) => end === 'later'],
  ];
  return [
    `| of ${cases.length} cases | ${servers.map(({ name }) => name).join(' | ')} |`,
    `|---|${'--:|'.repeat(servers.length)}`,
    ...rows.map(([label, test]) => {
      const cells = servers.map(({ name }) => count(cases, (each) => test(judged.get(name).get(each), each)));
      return `| ${label} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

function table([title, list], judged, servers) {
  return [
    `## ${title}\n`,
    `| case | RFC | asks | ${servers.map(({ name }) => name).join(' | ')} |`,
    `|---|---|---|${'---|'.repeat(servers.length)}`,
    ...list.map((each) => {
      const cells = servers.map(({ name }) => show(judged.get(name).get(each)));
      return `| ${each.name} | ${each.section} | ${each.rule} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

const introduction = (servers) => `<!-- Written by: node tests/conformance/compare.mjs -->

# What servers make of odd and hostile heads

Each case of \`tests/conformance/cases.mjs\` went to ${listOf(servers)},
over a connection of its own and with a canary request pipelined behind it. \`tests/e2e/conformance.test.mjs\` holds the
portal to its column, in one piece and in single bytes; this page shows where the others differ. nginx answers 200 to
every path, so 200 there stands beside 404, 405 and 401, which are the route's business.

- A cell lists the statuses of the answers (– for none; "body" for bytes without a head, as HTTP/0.9 has them), then what
  became of the canary: **next**, it was answered; **later**, it was lost, but another one that was sent after the
  answer was answered; **closed**, the connection ended without; **open**, none of these, so that the server took the
  canary for something else or waits for more. To lose pipelined requests is a fault (RFC 9112 §9.3.2) that is counted
  once, in the totals, and not held against each case.
- "asks" is how strongly RFC 9110 and 9112 ask for what the portal does. A difference is followed by that word. *MAY* is
  no fault: reading a body that the portal refuses, putting a space where a fold or a stray CR was, taking a bare LF for
  a line end, going on after a refusal that leaves no doubt, or having other limits are permitted, and some of them suit
  a general-purpose server better.
- Cells in bold are **relevant to smuggling**: the head can be framed in two ways, and the server goes on behind it.
  Whether that can be used depends on what stands in front of it or behind. A *MAY* in bold is permitted, and still both
  sides must agree. A server that loses what was pipelined is harder to use so, but not safe: bytes can come later.

Where the portal itself chose other than a *SHOULD* or was stricter than it had to be:

- A method that it does not know is 405 with \`Allow\`, where RFC 9110 §9.1 suggests 501: \`Allow\` says more.
- An unknown coding that is not followed by \`chunked\` is 501, as RFC 9112 §6.1 suggests, and not the 400 of §6.3. Both
  end the connection.
- Empty members are ignored in lists (RFC 9110 §5.6.1.2), but not in \`Transfer-Encoding\`: there they are 400.
- Paths are compared as they are sent. Nothing is decoded or normalized before a route is found, so that a proxy's rule
  for a path cannot be passed by writing it differently.`;

const listOf = (servers) => {
  const titles = servers.map(({ title }) => title);
  return `${titles.slice(0, -1).join(', ')} and ${titles.at(-1)}`;
};

async function compare() {
  const servers = await Promise.all([startPortalPeer(), startNginx(), startHttplib()]);
  try {
    const judged = new Map();
    for (const server of servers) {
      const seen = await observe(server);
      judged.set(server.name, new Map(cases.map((each) => [each, judge(each, seen.get(each))])));
    }
    const parts = [
      introduction(servers),
      totals(judged, servers),
      ...groups.map((group) => table(group, judged, servers)),
    ];
    writeFileSync(join(project, 'docs/conformance.md'), `${parts.join('\n\n')}\n`);
    process.stdout.write(`${totals(judged, servers)}\n`);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

await compare();

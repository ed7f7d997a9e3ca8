// The change plan's load within everyday budgets: nobody is refused, every promise is kept, and clients, portal, admin page
// and Prometheus have counted the same. Five minutes of it with PORTAL_LONG=1.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { defaults } from './support/budgets.mjs';
import { Load, percentile } from './support/load.mjs';
import { demo, mustRun, startPortal } from './support/portal.mjs';
import { startPrometheus } from './support/prometheus.mjs';
import { endpoints, makeSpecLoad, prepare, targets } from './support/spec_load.mjs';
import { ratesShown, requestsShown, showTraffic } from './support/traffic_shown.mjs';

const isLong = process.env.PORTAL_LONG === '1';
const seconds = isLong ? 300 : 24;
const glances = isLong ? [30, 90, 150, 210, 270, 297] : [10, 22]; // seconds into the load: when the page is read
const span = isLong ? 300 : 60; // of the page's charts
const rowSeconds = span / 15; // what a row of their tables stands for
const pageIsBehind = 8; // seconds at most: it asks every two for what is sampled once a second, on a busy machine
const patience = 15_000;

const used = Object.values(endpoints).sort();
const fixed = (number) => (number === null ? '–' : number.toFixed(2));

let portal;
let load;
let spec;
let prometheus;
let browser;
let page;
let readings;
const run = {}; // when it began and ended, by the clocks of this process, of Prometheus's scrapes and of the processor

/** Resolves with what the control plane says once it is so. */
async function until(target, isSo) {
  for (const end = Date.now() + patience; ; await wait(50)) {
    const { status, text, json } = await portal.control(target);
    assert.equal(status, 200, text);
    if (isSo(json)) return json;
    assert.ok(Date.now() < end, `not in time: ${text.slice(0, 2000)}`);
  }
}

/** The value of each series of these names, by name and labels as they are written. */
async function scrape(pattern) {
  const { text } = await portal.request('/metrics');
  const lines = text.split('\n').filter((line) => pattern.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}
const processorSeconds = async () => [...(await scrape(/^process_cpu_seconds_total /)).values()][0];

/** The time of the first scrape after now, in unix seconds. Prometheus sets its times straight by two milliseconds. */
async function nextScrape() {
  const now = Date.now() / 1000 + 0.002;
  const [{ value }] = await prometheus.answers('timestamp(up{job="portal-api"})', (row) => Number(row.value[1]) > now);
  return Number(value[1]);
}

async function readPage() {
  const all = [];
  for (const due of glances) {
    await wait(Math.max(0, run.began + due * 1000 - performance.now()));
    const earliest = performance.now();
    const requests = await requestsShown(page);
    const rates = await ratesShown(page);
    all.push({ requests, rates, earliest, latest: performance.now() });
  }
  return all;
}

before(async () => {
  portal = await startPortal({ env: defaults });
  load = new Load(portal);
  spec = await makeSpecLoad(portal);
  prometheus = await startPrometheus([`127.0.0.1:${portal.port}`]);
  browser = await startBrowser();
  page = await signIn(await openWindow(browser), portal);
  await prepare(load, spec);
  await showTraffic(page, span);
  Object.assign(run, {
    firstScrape: await nextScrape(),
    processor: await processorSeconds(),
    began: performance.now(),
  });
  [readings] = await Promise.all([readPage(), load.run(spec.streams, seconds)]);
  Object.assign(run, { ended: performance.now(), processor: (await processorSeconds()) - run.processor });
  run.lastScrape = await nextScrape();
});

after(async () => {
  for (const { agent } of [...(spec?.contacts ?? []), ...(spec?.files ?? [])]) agent.destroy();
  await browser?.close();
  await prometheus?.stop();
  await portal?.stop();
});

test('every request is answered as it should be, and none is refused', async (t) => {
  assert.deepEqual(load.failures.slice(0, 5), []);
  assert.deepEqual(load.endpoints, used);
  const perSecond = (...names) =>
    names.reduce((sum, name) => sum + load.answeredBy(name) - load.answeredBy(name, run.began), 0) / seconds;
  assert.equal(perSecond(endpoints.contacts, endpoints.contact), 22.5);
  assert.equal(perSecond(endpoints.files, endpoints.file), 9);

  const others = await scrape(/^(portal_limiter_decisions_total\{.*"refused"|http_responses_total\{.*"[45]xx")/);
  assert.deepEqual(
    [...others].filter(([, value]) => value > 0),
    [],
  );
  const least = (clients, ...kinds) =>
    Math.min(...clients.flatMap(({ leastLeft }) => kinds.map((kind) => leastLeft[kind])));
  t.diagnostic(
    `left of the budgets at the least: contacts ${least(spec.contacts, 'contacts', 'contact')} of 60, ` +
      `files ${least(spec.files, 'files', 'file')} of 120, downloads ${least(spec.files, 'blob')} of 600; ` +
      `sent up to ${fixed(load.mostLate)} ms late`,
  );
});

test('every latency promise is kept, by the clocks of the clients and by the portal’s own', async (t) => {
  const report = await until('/api/slo', (json) =>
    json.endpoints.every((one) => hourOf(one).requests >= load.sentBy(one.endpoint)),
  );
  const told = await mustRun(['slo', '--url', portal.controlBase, '--json'], {
    env: { PORTAL_TOKEN: demo.adminToken },
  });
  assert.deepEqual(
    JSON.parse(told.stdout)
      .endpoints.filter(({ endpoint }) => used.includes(endpoint))
      .map(withoutShortWindow),
    report.endpoints.filter(({ endpoint }) => used.includes(endpoint)).map(withoutShortWindow),
  );
  for (const endpoint of used) {
    const durations = load.durations(endpoint);
    assert.ok(durations.length > 0.8 * load.sentBy(endpoint), `${endpoint}: this machine was late with the others`);
    const own = [50, 95, 99].map((percent) => percentile(durations, percent));
    const level = report.endpoints.find((one) => one.endpoint === endpoint);
    const { windows, p95_target_ms: p95, p99_target_ms: p99 } = level;
    const hour = hourOf(level);
    t.diagnostic(
      `${endpoint}: ${load.sentBy(endpoint)} requests, p50/p95/p99 ${own.map(fixed).join('/')} ms, by the portal ` +
        `${[hour.p50_ms, hour.p95_ms, hour.p99_ms].map(fixed).join('/')} ms`,
    );
    assert.deepEqual([p95, p99], targets[endpoint] ?? [null, null], endpoint);
    assert.deepEqual([hour.requests, hour.errors], [load.sentBy(endpoint), 0], endpoint);
    assert.ok(
      windows.every(({ met, requests }) => (requests ? met === true : met === null)),
      JSON.stringify(windows),
    );
    if (!targets[endpoint]) continue;
    for (const [n, percent] of [95, 99].entries()) {
      assert.ok(own[n + 1] <= targets[endpoint][n], `${endpoint}: p${percent} was ${own[n + 1]} ms`);
      assert.ok(hour[`p${percent}_ms`] <= targets[endpoint][n], endpoint);
    }
  }
  const share = (100 * run.processor) / ((run.ended - run.began) / 1000);
  t.diagnostic(`the portal used ${fixed(run.processor)} s of processor time, ${fixed(share)} % of a core`);
});

const hourOf = ({ windows }) => windows.find(({ window }) => window === '1h');

/** Five minutes go by; the longer windows hold all of the load. */
function withoutShortWindow({ endpoint, windows }) {
  return { endpoint, windows: windows.filter(({ window }) => window !== '5m') };
}

test('samples and metrics have counted what the clients have sent', async () => {
  const now = Date.now();
  const { samples } = await until('/api/samples', (json) => Date.parse(json.samples.at(-1).at) > now);
  const sampled = samples.flatMap((sample) => sample.endpoints);
  const counted = await scrape(/^http_requests_(total|errors_total)\{/);
  for (const endpoint of used) {
    const requests = sampled.filter((one) => one.endpoint === endpoint).reduce((sum, one) => sum + one.requests, 0);
    assert.equal(requests, load.sentBy(endpoint), endpoint);
    const labels = `{method="GET",endpoint="${endpoint}"}`;
    assert.equal(counted.get(`http_requests_total${labels}`), load.sentBy(endpoint), endpoint);
    assert.equal(counted.get(`http_requests_errors_total${labels}`), 0, endpoint);
  }
});

test('Prometheus has counted the same, and has nothing to alert anybody of', async (t) => {
  const { firstScrape, lastScrape } = run;
  const ofEndpoint = (rows, endpoint) =>
    rows.filter(({ metric }) => metric.endpoint === endpoint && metric.method === 'GET').map(({ value }) => +value[1]);
  const totals = await prometheus.query(`http_requests_total @ ${lastScrape}`);
  // What lies between the first scrape of a window and the last one is stretched to the window's ends: here to half a
  // second before the first, in which nothing was asked.
  const length = Math.round((lastScrape - firstScrape) * 1000) + 500;
  const stretched = length / (length - 500);
  const grown = await prometheus.query(`increase(http_requests_total[${length}ms] @ ${lastScrape})`);
  // Within the load, the last interval between scrapes on either side is a guess: up to a second's requests are.
  const inner = seconds - 8;
  const rates = await prometheus.query(`rate(http_requests_total[${inner}s] @ ${firstScrape + seconds - 3})`);
  for (const endpoint of used) {
    assert.deepEqual(ofEndpoint(totals, endpoint), [load.sentBy(endpoint)], endpoint);
    const sent = load.sentBy(endpoint) - load.sentBy(endpoint, run.began);
    const [increase] = ofEndpoint(grown, endpoint);
    assert.ok(increase > sent - 1e-6 && increase < sent * stretched + 1e-6, `${endpoint}: ${increase}, not ${sent}`);
    const [rate] = ofEndpoint(rates, endpoint);
    t.diagnostic(`${endpoint}: ${sent} requests, increase ${fixed(increase)}, rate ${rate.toFixed(3)}/s`);
    const error = (sent / seconds + 2) / inner;
    assert.ok(Math.abs(rate - sent / seconds) < error, `${endpoint}: ${rate}/s, not ${sent / seconds}/s`);
  }

  const burning = await prometheus.query(`job_endpoint:portal_burn_rate:5m{endpoint="${endpoints.contacts}"}`);
  assert.deepEqual(
    burning.map(({ value }) => value[1]),
    ['0'],
  );
  // Not even on its way. How full the disk is, is this machine's own affair.
  const alerts = await prometheus.query(
    `count_over_time(ALERTS{alertname!~"PortalDisk.*"}[${length}ms] @ ${lastScrape})`,
  );
  assert.deepEqual(alerts, []);
});

test('the admin page shows what the clients have sent, while they do and afterwards', async () => {
  for (const { requests, earliest, latest } of readings) {
    for (const endpoint of used) {
      const shown = requests.get(endpoint);
      const least = load.answeredBy(endpoint, earliest - pageIsBehind * 1000);
      const most = load.sentBy(endpoint, latest);
      assert.ok(shown >= least && shown <= most, `${endpoint}: ${shown} shown, ${least} to ${most} sent`);
    }
  }

  // The rows that are whole, and all of the load. At either end of them samples may be a second off.
  const { rates, earliest } = readings.at(-1);
  const whole = Math.min(Math.floor(((earliest - run.began) / 1000 - pageIsBehind) / rowSeconds), 13);
  assert.ok(whole >= 3);
  for (const endpoint of used.filter((name) => name !== endpoints.jobs)) {
    const sent = (load.sentBy(endpoint) - load.sentBy(endpoint, run.began)) / seconds;
    const shown = rates.get(endpoint).slice(1, whole + 1);
    const mean = shown.reduce((sum, rate) => sum + rate, 0) / whole;
    assert.ok(Math.abs(mean - sent) < (sent + 2) / (whole * rowSeconds), `${endpoint}: ${shown}/s, not ${sent}/s`);
  }

  for (const endpoint of used) {
    const row = page.locator('#objectives tbody tr', { has: page.getByText(endpoint, { exact: true }) });
    await row.getByText(load.sentBy(endpoint).toLocaleString('en'), { exact: true }).first().waitFor();
  }
  assert.equal(await page.locator('#objectives [data-state]').count(), 0, 'nothing is marked as bad');
  assert.deepEqual(page.complaints, []);
});

// What an open admin page costs the portal, which it asks every second: processor time with the page, less that without.
import { setTimeout as wait } from 'node:timers/promises';
import { openWindow, signIn, startBrowser } from '../e2e/support/browser.mjs';
import { defaults } from '../e2e/support/budgets.mjs';
import { Load, LoadClient } from '../e2e/support/load.mjs';
import { demo, startPortal } from '../e2e/support/portal.mjs';
import { median } from './support.mjs';

const wanted = 1; // percent of a core
const clients = 100;
const leastSeconds = 12; // of a round: a page is open for a minute in five of them
const targets = ['/v1/health', '/v1/contacts?limit=10', '/v1/jobs?limit=10', `/v1/jobs/${demo.job}/files`];
const listed = 100; // of the clients' windows: the page shows the fullest
const perSecond = 8; // each client asks for each within 50 s, so that the page's table of budgets stays full

/** Requests of all clients in turn: all of them once at first, and then as long as `stop` is not called. */
async function startTraffic(portal) {
  const load = new Load(portal);
  const each = [];
  for (let n = 1; n <= clients; n += 1) {
    const id = `client_${n}`;
    await portal.control('/api/tenants/acme/clients', { method: 'POST', body: { id } });
    const made = await portal.control('/api/tenants/acme/tokens', { method: 'POST', body: { client: id } });
    if (made.status !== 201) throw new Error(`${id}: ${made.text}`);
    each.push(new LoadClient(made.json.token));
  }
  const requests = targets.flatMap((target) => each.map((client) => () => load.send(client, { target })));
  for (const request of requests) await request();
  let sent = 0;
  const timer = setInterval(() => requests[sent++ % requests.length](), 1000 / perSecond);
  return {
    stop() {
      clearInterval(timer);
      for (const { agent } of each) agent.destroy();
      if (load.failures.length > 0) throw new Error(load.failures[0]);
    },
  };
}

/** What the portal has used by its own account: /proc's hundredths of a second are too coarse for this. */
async function processorSeconds(portal) {
  const { text } = await portal.request('/metrics');
  return Number(/^process_cpu_seconds_total (.*)$/m.exec(text)[1]);
}

/** Percent of a core that the portal uses for so many seconds. */
async function shareOfCore(portal, seconds) {
  const [start, used] = [performance.now(), await processorSeconds(portal)];
  await wait(seconds * 1000);
  return (100 * ((await processorSeconds(portal)) - used)) / ((performance.now() - start) / 1000);
}

export async function measurePage(stage) {
  const seconds = Math.max(stage.seconds, leastSeconds);
  const portal = await startPortal({ env: defaults });
  const browser = await startBrowser();
  const page = await signIn(await openWindow(browser), portal);
  const traffic = await startTraffic(portal);
  const runs = { without: [], open: [] };
  try {
    for (let round = 0; round < stage.rounds; round += 1) {
      await page.goto('about:blank');
      runs.without.push(await shareOfCore(portal, seconds));
      await page.goto(`${portal.controlBase}/`);
      await page
        .locator('#limit-list tbody tr')
        .nth(listed - 1)
        .waitFor();
      await page.waitForTimeout(2000); // what it asks once, when it is opened, is no refresh
      runs.open.push(await shareOfCore(portal, seconds));
    }
    traffic.stop();
  } finally {
    await browser.close();
    await portal.stop();
  }
  const spread = runs.open.map((share, round) => (share - runs.without[round]) / wanted);
  stage.table.add({
    name: 'admin page open, share of a core',
    beside: `${wanted} % of a core`,
    unit: '%',
    most: 1,
    portal: median(spread) * wanted,
    peer: wanted,
    ratio: median(spread),
    spread,
  });
  const mean = (values) => (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);
  console.log(`with the page ${mean(runs.open)} % of a core, without ${mean(runs.without)} %`);
}

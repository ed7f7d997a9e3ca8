// How the admin page keeps itself fresh: paused, hidden, loading, and where clocks differ.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { startPortal } from './support/portal.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const freshness = (page, text) => page.locator('#freshness').getByText(text, { exact: true }).waitFor();

/** A portal and a page that shows it, both gone after the test. */
async function open(t) {
  const portal = await startPortal();
  t.after(() => portal.kill('SIGKILL'));
  const page = await openWindow(browser);
  t.after(() => page.context().close());
  return { portal, page };
}

async function openSignedIn(t) {
  const { portal, page } = await open(t);
  await signIn(page, portal);
  await page.locator('#breaker-list article').first().waitFor();
  return { portal, page };
}

/** Does not ask for anything for several periods, and `goOn` makes it. */
async function assertQuietUntil(page, goOn) {
  await page.waitForLoadState('networkidle');
  const round = () => page.waitForRequest(/api\/status/, { timeout: 3000 });
  await assert.rejects(round(), /Timeout/);
  await Promise.all([page.waitForRequest(/api\/status/), goOn()]);
}

test('paused it asks for nothing, and goes on from there', async (t) => {
  const { page } = await openSignedIn(t);
  await page.getByRole('button', { name: 'Pause' }).click();
  await freshness(page, 'Paused');
  await assertQuietUntil(page, () => page.getByRole('button', { name: 'Go on' }).click());
  await freshness(page, 'Live');
});

test('in a hidden tab it asks for nothing', async (t) => {
  const { page } = await openSignedIn(t);
  const hide = (isHidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await hide(true);
  await assertQuietUntil(page, () => hide(false));
});

test('until a panel has its first answer it says that it loads', async (t) => {
  const { portal, page } = await open(t);
  let letThrough;
  const held = new Promise((done) => (letThrough = done));
  await page.route('**/api/{limits,tenants}', (route) => held.then(() => route.continue()));
  await signIn(page, portal);
  await page.locator('#limit-list').getByText('Loading…').waitFor();
  await page.locator('#tenant-list').getByText('Loading…').waitFor();
  letThrough();
  await page.locator('#limit-list').getByText('Nobody has sent anything').waitFor();
  await page.locator('summary', { hasText: 'Acme Roofing' }).waitFor();
});

for (const [name, hours] of [
  ['ahead', 5],
  ['behind', -5],
]) {
  test(`ages are right in a browser whose clock is ${name}`, async (t) => {
    const { portal, page } = await open(t);
    await page.addInitScript((milliseconds) => {
      const { now } = Date;
      Date.now = () => now() + milliseconds;
    }, hours * 3_600_000);
    await signIn(page, portal);
    const breaker = page.locator('#breaker-list article').first();
    await breaker.getByText(/, \d\d? s ago$/).waitFor();
  });
}

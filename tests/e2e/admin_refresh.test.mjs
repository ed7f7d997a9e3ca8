// How the admin page keeps itself fresh: paused, hidden, and with a portal that is slow, gone, or in another time.
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

test('where the portal hangs the page waits, asks once and not again and again, and recovers', async (t) => {
  const { portal, page } = await openSignedIn(t);
  const waiting = new Map();
  let most = 0;
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    waiting.set(request, pathname);
    most = Math.max(most, [...waiting.values()].filter((one) => one === pathname).length);
  });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => waiting.delete(request));

  await portal.started.child.kill('SIGSTOP');
  await freshness(page, 'Waiting…');
  await page.getByText(/The portal does not answer\. What you see is \d+ s old\./).waitFor();
  await page.locator('#health').getByText('No answer').waitFor();
  await page.locator('#offline').getByRole('alert').getByText('The portal does not answer.', { exact: true }).waitFor();
  assert.equal(most, 1, 'requests for the same at the same time');
  await portal.started.child.kill('SIGCONT');
  await page.locator('#health').getByText('Healthy').waitFor();
  await freshness(page, 'Live');
  assert.equal(await page.locator('#offline').isVisible(), false);
  assert.equal(most, 1, 'requests for the same at the same time');
  assert.deepEqual(page.complaints, []);
});

test('where the portal is gone the page says so, keeps what it has, and claims no sign-out', async (t) => {
  const { portal, page } = await openSignedIn(t);
  await portal.kill('SIGKILL');
  await page.getByText(/The portal does not answer\. What you see is \d+ s old\./).waitFor();
  await freshness(page, 'Trying again');
  assert.equal(await page.locator('#breaker-list article').count(), 4);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are still signed in: The portal does not answer').waitFor();
  assert.equal(await page.locator('#signed-in').isVisible(), true);
});

test('where the portal has begun anew, nobody is signed in any more', async (t) => {
  const { portal, page } = await openSignedIn(t);
  await portal.kill('SIGKILL');
  await freshness(page, 'Trying again');
  const env = { PORTAL_CONTROL_LISTEN: `127.0.0.1:${portal.controlPort}` };
  const next = await startPortal({ env });
  t.after(() => next.kill('SIGKILL'));
  await page.getByText('You were signed out.').waitFor();
  await signIn(page, next);
  await page.locator('#health').getByText('Healthy').waitFor();
});

test('what is refused is asked for less often, and comes back as it was', async (t) => {
  const { portal, page } = await openSignedIn(t);
  const force = (state) => portal.control('/api/breakers/database', { method: 'PUT', body: { state } });
  const acme = page.locator('details.tenant', { hasText: 'Acme Roofing' });
  await acme.locator('summary').click();
  await acme
    .getByRole('row', { name: /^client_prod/ })
    .first()
    .waitFor();

  assert.equal((await force('open')).status, 200);
  await page
    .locator('#limit-list')
    .getByText(/circuit .* is open/)
    .waitFor();
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/api/limits')));
  for (let round = 0; round < 3; round += 1) await page.waitForResponse(/api\/status/);
  assert.ok(asked <= 1, `${asked} times in three rounds`);

  assert.equal((await force('closed')).status, 200);
  await page.locator('#limit-list').getByText('Nobody has sent anything').waitFor();
  await acme
    .getByRole('row', { name: /^client_prod/ })
    .first()
    .waitFor();
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

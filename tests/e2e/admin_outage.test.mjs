// The admin page while its portal hangs, is gone, has begun anew, or refuses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { demo, startPortal } from './support/portal.mjs';

let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

const freshness = (page, text) => page.locator('#freshness').getByText(text, { exact: true }).waitFor();

/** A portal and a page that shows it, both gone after the test. */
async function openSignedIn(t) {
  const portal = await startPortal();
  t.after(() => portal.kill('SIGKILL'));
  const page = await signIn(await openWindow(browser), portal);
  t.after(() => page.context().close());
  await page.locator('#breaker-list article').first().waitFor();
  return { portal, page };
}

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
  const env = { PORTAL_CONTROL_LISTEN: `127.0.0.1:${portal.controlPort}` };
  const next = await startPortal({ env });
  t.after(() => next.kill('SIGKILL'));
  await page.getByText('You were signed out.').waitFor();
  await signIn(page, next);
  await page.locator('#health').getByText('Healthy').waitFor();
});

test('who has used what, and tenants that are unfolded, stay while the database’s breaker is open', async (t) => {
  const { portal, page } = await openSignedIn(t);
  const force = (state) => portal.control('/api/breakers/database', { method: 'PUT', body: { state } });
  await portal.request('/v1/contacts', { token: demo.token });
  const used = page.locator('#limit-list').getByRole('row', { name: /^client_prod .*contacts/ });
  await used.waitFor();
  const acme = page.locator('details.tenant', { hasText: 'Acme Roofing' });
  const client = acme.getByRole('row', { name: /^client_prod/ }).first();
  await acme.locator('summary').click();
  await client.waitFor();

  assert.equal((await force('open')).status, 200);
  await page.locator('#health').getByText('Degraded').waitFor();
  for (let round = 0; round < 2; round += 1) await page.waitForResponse(/api\/limits/);
  assert.ok(await used.isVisible());
  assert.ok(await client.isVisible());
  assert.equal((await force('closed')).status, 200);
  await page.locator('#health').getByText('Healthy').waitFor();
});

test('what is refused is asked for less often', async (t) => {
  const { portal } = await openSignedIn(t);
  const { json } = await portal.control('/api/tokens', { method: 'POST', body: { scopes: ['metrics'] } });
  const page = await signIn(await openWindow(browser), portal, { token: json.token });
  t.after(() => page.context().close());
  await page.locator('#breaker-list').getByText('with the scope admin').waitFor();
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/api/breakers')));
  for (let round = 0; round < 4; round += 1) await page.waitForResponse(/api\/status/);
  assert.ok(asked <= 2, `${asked} times in four rounds`);
});

// The admin page beside its buttons: for screen readers, keyboards, phones and dark rooms, and what it costs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { accessibilityViolations, openWindow, signIn, startBrowser } from './support/browser.mjs';
import { demo, startPortal } from './support/portal.mjs';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
let portal;
let browser;
before(async () => {
  portal = await startPortal();
  browser = await startBrowser();
  for (const path of ['/v1/health', '/v1/contacts', '/v1/jobs']) await portal.request(path, { token: demo.token });
  // Something is wrong, so that the colours of that are looked at, too.
  const force = (name, state) => portal.control(`/api/breakers/${name}`, { method: 'PUT', body: { state } });
  await force('database', 'open');
  assert.equal((await portal.request('/v1/jobs', { token: demo.token })).status, 503);
  await force('database', 'closed');
  await force('blobs', 'open');
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

async function assertNothingIsWider(page) {
  const [content, window] = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
  assert.ok(content <= window, `${content} pixels in a window of ${window}`);
}

/** Signed in, with everything unfolded that can be. */
async function unfolded(options) {
  const page = await signIn(await openWindow(browser, options), portal);
  await page.locator('summary', { hasText: 'Acme Roofing' }).click();
  await page.getByRole('row', { name: /^client_prod Production/ }).waitFor();
  for (const table of await page.locator('figure summary').all()) await table.click();
  await page.locator('figure table').nth(2).waitFor();
  await page.locator('#why').getByText('Breaker blobs is open').waitFor();
  await page.locator('#error-list').getByText('CIRCUIT_OPEN').waitFor();
  return page;
}

for (const [name, options] of [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['a phone', { colorScheme: 'light', ...phone }],
  ['a dark phone', { colorScheme: 'dark', ...phone }],
]) {
  test(`axe-core has nothing against it, and nothing is wider than the window: ${name}`, async (t) => {
    const page = await openWindow(browser, { ...options, bypassCSP: true });
    t.after(() => page.context().close());
    await page.goto(`${portal.controlBase}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await accessibilityViolations(page), [], 'signed out');

    const signedIn = await unfolded({ ...options, bypassCSP: true });
    t.after(() => signedIn.context().close());
    assert.deepEqual(await accessibilityViolations(signedIn), [], 'signed in');
    await assertNothingIsWider(signedIn);
    await signedIn.getByRole('button', { name: 'New tenant…' }).click();
    assert.deepEqual(await accessibilityViolations(signedIn), [], 'in a dialog');
  });
}

/** Presses Tab until what has the focus says so: as far as a keyboard gets. */
async function tabTo(page, text) {
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  for (let n = 0; n < 200 && (await focused()) !== text; n += 1) await page.keyboard.press('Tab');
  assert.equal(await focused(), text);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', `${text} shows that it has the focus`);
}

test('a keyboard does: it signs in, holds a breaker, makes a tenant, and is back where it was', async (t) => {
  const own = await startPortal();
  t.after(() => own.stop());
  const page = await openWindow(browser);
  t.after(() => page.context().close());
  const press = (key) => page.keyboard.press(key);
  const dialog = page.getByRole('dialog');
  await page.goto(`${own.controlBase}/`);
  await page.locator('#secret:focus').waitFor();
  await page.keyboard.type(demo.adminToken);
  await press('Enter');
  await page.locator('#breaker-list article').first().waitFor();

  await tabTo(page, 'Hold open');
  await press('Enter');
  await dialog.waitFor();
  await tabTo(page, 'Hold open');
  await press('Enter');
  await page.locator('#health').getByText('Degraded').waitFor();
  await press('Shift+Tab');
  await press('Enter');
  await page.getByText('The calls decide about database again').waitFor();

  await tabTo(page, 'New tenant…');
  await press('Enter');
  await dialog.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('dialog') !== null), true);
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await tabTo(page, 'New tenant…');
  await press('Enter');
  await page.keyboard.type('initech');
  await press('Enter');
  const summary = page.locator('summary', { hasText: 'initech' });
  await summary.waitFor();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'New tenant…');
  await tabTo(page, await summary.textContent());
  await press('Enter');
  await page.locator('details[open]', { hasText: 'initech' }).getByText('No clients yet.').waitFor();
});

test('it asks nobody but the portal, breaks no rule of its own policy, and is small', async (t) => {
  const page = await openWindow(browser);
  t.after(() => page.context().close());
  const files = [];
  const origins = new Set();
  page.on('response', (response) => {
    const { origin, pathname, protocol } = new URL(response.url());
    if (protocol === 'data:') return;
    origins.add(origin);
    if (!pathname.startsWith('/api/')) files.push(response);
  });
  await signIn(page, portal);
  await page.locator('#breaker-list article').first().waitFor();
  const bodies = await Promise.all(files.map((file) => file.body()));
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  const zipped = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  t.diagnostic(`${files.length} files, ${bytes} bytes (${zipped} with gzip)`);
  assert.ok(bytes < 100_000, `${bytes} bytes`);
  assert.deepEqual([...origins], [portal.controlBase]);
  assert.deepEqual(page.complaints, []);
  for (const file of files) {
    const policy = file.headers()['content-security-policy'];
    assert.match(policy, /default-src 'none'/, file.url());
    assert.doesNotMatch(policy, /unsafe/, file.url());
  }
});

test('names are text, however they are written and however many there are', async (t) => {
  const own = await startPortal();
  t.after(() => own.stop());
  const create = async (path, body) => {
    const { status, text } = await own.control(path, { method: 'POST', body });
    assert.equal(status, 201, text);
  };
  const name = `<img src="x" onerror="document.title = 'broken'"><b>${'Donaudampfschifffahrt'.repeat(5)}</b>`;
  await create('/api/tenants', { slug: 'hostile', name });
  await create('/api/tenants/hostile/clients', { id: 'c'.repeat(64), name });
  for (let n = 0; n < 100; n += 1) await create('/api/tenants/hostile/clients', { id: `client_${n}` });
  await create('/api/tenants/hostile/tokens', { client: 'client_1', label: name });

  const page = await signIn(await openWindow(browser, phone), own);
  t.after(() => page.context().close());
  const tenant = page.locator('details.tenant', { hasText: 'hostile' });
  await tenant.locator('summary').click();
  await tenant.getByRole('table', { name: 'Clients' }).getByText(name, { exact: true }).waitFor();
  await tenant.getByRole('table', { name: 'Tokens' }).getByText(name, { exact: true }).waitFor();
  assert.equal(await tenant.getByRole('table', { name: 'Clients' }).getByRole('row').count(), 102);
  assert.equal(await tenant.locator('summary strong').textContent(), name);
  assert.equal(await page.locator('img, b').count(), 0);
  await assertNothingIsWider(page);
  assert.deepEqual(page.complaints, []);
});

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

test('a keyboard does: it signs in, opens a dialog, leaves it, and is back where it was', async (t) => {
  const page = await openWindow(browser);
  t.after(() => page.context().close());
  await page.goto(`${portal.controlBase}/`);
  await page.locator('#secret:focus').waitFor();
  await page.keyboard.type(demo.adminToken);
  await page.keyboard.press('Enter');
  await page.locator('#breaker-list article').first().waitFor();
  await page.keyboard.press('Tab');
  const opener = page.getByRole('button', { name: 'New tenant…' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('dialog') !== null), true);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await opener.evaluate((button) => button === document.activeElement), true);
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

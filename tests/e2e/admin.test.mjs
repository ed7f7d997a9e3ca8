// The admin page as an operator uses it: what it shows, and what its buttons do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { limited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';

const { token } = demo;
let portal;
let browser;
let page;
before(async () => {
  portal = await startPortal({ env: limited });
  browser = await startBrowser();
  page = await openWindow(browser);
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

const health = () => page.locator('#health');
const breaker = (name) => page.getByRole('article', { name: `Breaker ${name}`, exact: true });
const dialog = () => page.getByRole('dialog');

test('who is signed out sees a form and nothing else, and hears what was wrong', async () => {
  await page.goto(`${portal.controlBase}/`);
  await page.getByLabel('Token', { exact: true }).fill('nobody_token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'The token or the password is not right' }).waitFor();
  assert.equal(await page.locator('#signed-in').isVisible(), false);
  assert.equal((await page.request.get(`${portal.controlBase}/api/status`)).status(), 401);
});

test('an operator’s token signs in, and the page says how the portal is', async () => {
  await signIn(page, portal);
  await health().getByText('Healthy').waitFor();
  const facts = page.locator('#facts');
  const { version } = (await portal.control('/api/status')).json;
  for (const text of [version, '2', '1,333 contacts, 366 jobs', 'none yet', 'plain HTTP']) {
    await facts.getByText(text, { exact: true }).waitFor();
  }
});

test('a breaker is held open: health degrades and says why, the failure is listed, and all heals', async () => {
  await breaker('database').getByRole('button', { name: 'Hold open' }).click();
  await dialog().getByText('What needs it is answered 503').waitFor();
  await dialog().getByRole('button', { name: 'Hold open' }).click();
  await health().getByText('Degraded').waitFor();
  await page
    .locator('#why')
    .getByText(/Breaker database is open since .*: held open by an operator/)
    .waitFor();
  await breaker('database').getByText('Open', { exact: true }).waitFor();

  const refused = await portal.request('/v1/jobs', { token });
  assert.equal(refused.status, 503);
  const row = page.getByRole('row', { name: new RegExp(refused.json.traceId) });
  await row.getByText('CIRCUIT_OPEN').waitFor();

  await breaker('database').getByRole('button', { name: 'Auto' }).click();
  await breaker('database').getByText('Half open').waitFor();
  for (let n = 0; n < 3; n += 1) assert.equal((await portal.request('/v1/jobs', { token })).status, 200);
  await health().getByText('Healthy').waitFor();
});

test('a budget is used up and given back by the button', async () => {
  const ask = () => portal.request('/v1/contacts', { token });
  for (let n = 0; n < 60; n += 1) assert.equal((await ask()).status, 200);
  assert.equal((await ask()).status, 429);
  const row = page.locator('#limit-list tr', { hasText: 'client_prod' }).filter({ hasText: 'contacts' });
  await row.getByText('60 of 60').waitFor();
  await row.getByRole('button', { name: 'Reset contacts of client_prod' }).click();
  await page.getByText('Forgotten: contacts of client_prod').waitFor();
  assert.equal((await ask()).status, 200);
  await row.getByText('1 of 60').waitFor();
});

test('a token is made, shown once, and revoked', async () => {
  await page.locator('summary', { hasText: 'Acme Roofing' }).click();
  const acme = page.locator('details.tenant', { hasText: 'Acme Roofing' });
  await acme.getByRole('row', { name: /^client_prod/ }).waitFor();
  await acme.getByRole('button', { name: 'New token…' }).click();
  await dialog().getByLabel('Client').selectOption('client_prod');
  await dialog()
    .getByLabel(/^Label/)
    .fill('from the page');
  await dialog().getByRole('button', { name: 'Make it' }).click();
  const made = await dialog().locator('.secret').textContent();
  assert.match(made, /^portal_[0-9A-Za-z]{49}$/);
  assert.equal((await portal.request('/v1/jobs', { token: made })).status, 200);
  await dialog().getByRole('button', { name: 'Done' }).click();
  assert.equal((await page.content()).includes(made), false);

  const row = acme.getByRole('row', { name: /from the page/ });
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await dialog().getByRole('button', { name: 'Revoke' }).click();
  await row.getByText(/^revoked/).waitFor();
  assert.equal((await portal.request('/v1/jobs', { token: made })).status, 401);
});

test('tenants and clients are made, suspended, resumed and revoked; a refusal stays in the form', async () => {
  await page.getByRole('button', { name: 'New tenant…' }).click();
  await dialog()
    .getByLabel(/^Short name/)
    .fill('acme');
  await dialog().getByRole('button', { name: 'Make it' }).click();
  await dialog().getByRole('alert').filter({ hasText: 'There is already a tenant "acme"' }).waitFor();
  await dialog()
    .getByLabel(/^Short name/)
    .fill('initech');
  await dialog().getByRole('button', { name: 'Make it' }).click();
  const initech = page.locator('details.tenant', { hasText: 'initech' });
  await initech.locator('summary').click();

  await initech.getByRole('button', { name: 'New client…' }).click();
  await dialog().getByLabel(/^Id/).fill('client_new');
  await dialog().getByRole('button', { name: 'Make it' }).click();
  const client = initech.getByRole('row', { name: /client_new/ });
  await client.getByRole('button', { name: /^Revoke/ }).click();
  await dialog().getByRole('button', { name: 'Revoke' }).click();
  await client.getByText('revoked', { exact: true }).waitFor();

  await initech.getByRole('button', { name: 'Suspend…' }).click();
  await dialog().getByRole('button', { name: 'Suspend' }).click();
  await initech.getByText('Suspended', { exact: true }).waitFor();
  assert.equal((await portal.control('/api/tenants/initech')).json.suspended, true);
  await initech.getByRole('button', { name: 'Resume' }).click();
  await initech.getByRole('button', { name: 'Suspend…' }).waitFor();
});

test('signing out everywhere ends every window’s session', async () => {
  const other = await signIn(await openWindow(browser), portal);
  await other.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  await dialog().getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await other.getByRole('button', { name: 'Go on' }).click();
  await other.getByText('You were signed out.').waitFor();
  assert.equal((await portal.control('/api/sessions')).json.data.length, 0);
  assert.deepEqual([...page.complaints, ...other.complaints], []);
});

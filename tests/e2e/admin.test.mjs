// The admin page as an operator uses it: what it shows, and what its buttons do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { limited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';

const { token } = demo;
const probes = 10;
let portal;
let browser;
let page;
before(async () => {
  // The portal's own probes close a breaker in as many seconds: long enough to be seen half-open.
  portal = await startPortal({ env: limited, args: ['--breakers-probes', String(probes)] });
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

test('where there is nothing yet, each panel says so', async () => {
  for (const [panel, words] of [
    ['#charts', 'No requests yet'],
    ['#error-list', 'None. Nothing has failed since the portal started.'],
  ]) {
    await page.locator(panel).getByText(words).first().waitFor();
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
  for (let n = 0; n < probes; n += 1) assert.equal((await portal.request('/v1/jobs', { token })).status, 200);
  await health().getByText('Healthy').waitFor();
});

test('a breaker is held closed, and let go', async () => {
  const blobs = breaker('blobs');
  await blobs.getByRole('button', { name: 'Hold closed' }).click();
  await dialog().getByText('All calls pass, also while it fails').waitFor();
  await dialog().getByRole('button', { name: 'Hold closed' }).click();
  await blobs.getByText('closed, by an operator').waitFor();
  const held = async () =>
    (await portal.control('/api/breakers')).json.data.find(({ name }) => name === 'blobs').forced;
  assert.equal(await held(), 'closed');
  await blobs.getByRole('button', { name: 'Auto' }).click();
  await blobs.getByText('no, the calls decide').waitFor();
  assert.equal(await held(), null);
});

test('a budget is used up and given back by the button', async () => {
  const ask = () => portal.request('/v1/contacts', { token });
  for (let n = 0; n < 60; n += 1) assert.equal((await ask()).status, 200);
  assert.equal((await ask()).status, 429);
  const row = page.locator('#limit-list tr', { hasText: 'client_prod' }).filter({ hasText: 'contacts' });
  await row.getByText('60 of 60').waitFor();
  await row.getByRole('button', { name: 'Reset contacts of client_prod' }).click();
  await page.getByText('Reset: contacts of client_prod').waitFor();
  assert.equal((await ask()).status, 200);
  await row.getByText('1 of 60').waitFor();
});

test('the bad tokens of an address are forgotten by its button, and one policy of everybody by another', async () => {
  const list = page.locator('#limit-list');
  const failures = list.getByRole('row', { name: /127\.0\.0\.1 .*auth_failures/ });
  assert.equal((await portal.request('/v1/jobs', { token: 'nobody_token' })).status, 401);
  await failures.getByRole('button', { name: 'Reset auth_failures of 127.0.0.1' }).click();
  await failures.waitFor({ state: 'detached' });

  const used = (policy) => list.getByRole('row', { name: new RegExp(`^client_prod .*${policy}`) });
  for (const policy of ['contacts', 'jobs']) {
    assert.equal((await portal.request(`/v1/${policy}`, { token })).status, 200);
    await used(policy).waitFor();
  }
  await page.getByRole('button', { name: 'Reset all…' }).click();
  await dialog().getByLabel('Policy').selectOption('contacts');
  await dialog().getByRole('button', { name: 'Reset' }).click();
  await used('contacts').waitFor({ state: 'detached' });
  await used('jobs').waitFor();
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
  await dialog().getByRole('button', { name: 'Create token' }).click();
  const made = await dialog().locator('.secret').textContent();
  assert.match(made, /^portal_[0-9A-Za-z]{49}$/);
  assert.equal((await portal.request('/v1/jobs', { token: made })).status, 200);
  await page.keyboard.press('Escape');
  assert.equal(await dialog().locator('.secret').isVisible(), true, 'a stray key does not cost the token');
  await dialog().getByRole('button', { name: 'Done' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' }); // a closed one is no dialog by its role any more
  assert.equal((await page.content()).includes(made), false);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'New token…');

  const row = acme.getByRole('row', { name: /from the page/ });
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await dialog().getByRole('button', { name: 'Revoke' }).click();
  await row.getByText(/^revoked/).waitFor();
  assert.equal((await portal.request('/v1/jobs', { token: made })).status, 401);
});

test('an operator’s token is made and revoked, and the sessions that it began end', async () => {
  await page.getByRole('button', { name: 'New operator’s token…' }).click();
  await dialog().getByLabel('admin').check();
  await dialog()
    .getByLabel(/^Label/)
    .fill('for the night');
  await dialog().getByRole('button', { name: 'Create token' }).click();
  const made = await dialog().locator('.secret').textContent();
  await dialog().getByRole('button', { name: 'Done' }).click();
  const other = await signIn(await openWindow(browser), portal, { token: made });
  const row = page.locator('#operator-tokens').getByRole('row', { name: /for the night/ });
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await dialog().getByText('the sessions that it began end').waitFor();
  await dialog().getByRole('button', { name: 'Revoke' }).click();
  await row.getByText(/^revoked/).waitFor();
  await other.getByText('You were signed out.').waitFor();
  await other.context().close();
});

test('tenants and clients are made, suspended, resumed and revoked; a refusal stays in the form', async () => {
  await page.getByRole('button', { name: 'New tenant…' }).click();
  await dialog()
    .getByLabel(/^Short name/)
    .fill('acme');
  await dialog().getByRole('button', { name: 'Create tenant' }).click();
  await dialog().getByRole('alert').filter({ hasText: 'There is already a tenant "acme"' }).waitFor();
  await dialog()
    .getByLabel(/^Short name/)
    .fill('initech');
  await dialog().getByRole('button', { name: 'Create tenant' }).click();
  const initech = page.locator('details.tenant', { hasText: 'initech' });
  await initech.locator('summary').click();

  await initech.getByRole('button', { name: 'New token…' }).click();
  await page.getByText('create a client of initech first').waitFor();
  await initech.getByRole('button', { name: 'New client…' }).click();
  await dialog().getByLabel(/^Id/).fill('client_new');
  await dialog().getByRole('button', { name: 'Create client' }).click();
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
  assert.deepEqual(page.complaints, []);
});

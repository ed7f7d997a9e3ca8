// The admin page's sessions: with a token or the password, ended one by one, and all at once.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { demo, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';

const password = 'correct horse battery staple';
let portal;
let browser;
before(async () => {
  const dataDir = join(temporaryFolder(), 'data');
  portal = await startPortal({ dataDir, seed: true });
  await mustRun(['admin', 'password', '--data-dir', dataDir], { input: `${password}\n` });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await portal?.stop();
});

// A connection each: the portal asks the idle ones to leave where the windows' need their room.
const control = (target) => portal.control(target, { headers: { Connection: 'close' } });
const sessions = async () => (await control('/api/sessions')).json.data;
const rowOf = (page, { id }) => page.locator('#session-list').getByRole('row', { name: id });
/** A window of its own that goes with the test. */
async function windowOf(t, credentials) {
  const page = await signIn(await openWindow(browser), portal, credentials);
  t.after(() => page.context().close());
  return page;
}

test('the password signs in, a wrong one does not, and the page says what each session began with', async (t) => {
  const page = await openWindow(browser);
  t.after(() => page.context().close());
  await page.goto(`${portal.controlBase}/`);
  await page.getByRole('radio', { name: 'Password' }).check();
  const field = page.locator('#secret');
  assert.equal(await field.getAttribute('type'), 'password');
  await field.fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'The token or the password is not right' }).waitFor();
  await field.fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await windowOf(t);

  const [first, second] = await sessions();
  assert.deepEqual([first.began_with, second.began_with], ['password', 'token']);
  await rowOf(page, first).getByText('password', { exact: true }).waitFor();
  await rowOf(page, first).getByText('(this one)').waitFor();
  await rowOf(page, first).getByText('Chrome on Linux').waitFor();
  await rowOf(page, second).getByText(second.token, { exact: true }).waitFor();
  assert.equal(await page.locator('#session-list').getByText('(this one)').count(), 1);
  assert.deepEqual(page.complaints, []);
});

test('one session is ended: its window is signed out, the others are not', async (t) => {
  const mine = await windowOf(t, { password });
  const known = new Set((await sessions()).map(({ id }) => id));
  const other = await windowOf(t);
  const theirs = (await sessions()).find(({ id }) => !known.has(id));

  await rowOf(mine, theirs).getByRole('button', { name: 'End' }).click();
  await mine.getByRole('dialog').getByText('Whoever uses it has to sign in again.').waitFor();
  await mine.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await other.getByText('You were signed out.').waitFor();
  await rowOf(mine, theirs).waitFor({ state: 'detached' });
  assert.deepEqual(new Set((await sessions()).map(({ id }) => id)), known);
  assert.equal(await mine.locator('#signed-in').isVisible(), true);
  assert.deepEqual([...mine.complaints, ...other.complaints], []);
});

test('signing out ends this session alone, and nothing of the page stays behind', async (t) => {
  const page = await windowOf(t);
  const other = await windowOf(t);
  const before = (await sessions()).length;
  await page.locator('#breaker-list article').first().waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You are signed out.').waitFor();
  assert.equal((await sessions()).length, before - 1);
  assert.equal(await page.locator('#breaker-list article').count(), 0);
  assert.deepEqual(await page.context().cookies(), []);
  await page.reload();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal(await other.locator('#signed-in').isVisible(), true);
  assert.deepEqual([...page.complaints, ...other.complaints], []);
});

test('signing out everywhere ends every window’s session', async (t) => {
  const page = await windowOf(t);
  const other = await windowOf(t, { password });
  await other.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  await page.getByRole('dialog').getByText('Every session ends, this one too.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await other.getByRole('button', { name: 'Go on' }).click();
  await other.getByText('You were signed out.').waitFor();
  assert.deepEqual(await sessions(), []);
  assert.equal((await control('/api/status')).status, 200, 'tokens are as they were');
  assert.deepEqual([...page.complaints, ...other.complaints], []);
});

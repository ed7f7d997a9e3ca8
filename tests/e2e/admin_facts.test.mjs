// What the admin page says of certificate, backup, disk and sizes, over TLS, as the browser of an operator has it.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeCertificate } from '../bench/certificate.mjs';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { makeStore, mustRun, startPortal, temporaryFolder } from './support/portal.mjs';

let dataDir;
let portal;
let browser;
let page;
before(async () => {
  ({ dataDir } = await makeStore());
  const made = await mustRun(['token', 'create', '--operator', '--scopes', 'admin', '--json', '--data-dir', dataDir]);
  const { token } = JSON.parse(made.stdout);
  const { cert, key } = makeCertificate(temporaryFolder());
  await mustRun(['backup', join(temporaryFolder(), 'first'), '--data-dir', dataDir]);
  portal = await startPortal({ dataDir, args: ['--tls-cert', cert, '--tls-key', key] });
  browser = await startBrowser();
  page = await openWindow(browser, { ignoreHTTPSErrors: true });
  portal.controlBase = portal.controlBase.replace('http:', 'https:');
  await signIn(page, portal, { token });
});
after(async () => {
  await browser?.close();
  await portal?.kill('SIGTERM');
});

/** Resolves with a fact's text and what is below it, once both are as wished. */
async function fact(name, text, more = /^/) {
  const value = page.locator('#facts > div', { hasText: name }).locator('dd');
  await value.locator('span').getByText(text).waitFor();
  assert.match(await value.locator('small').textContent(), more);
  return value;
}

test('the session’s cookie is one that no plain connection gets', async () => {
  const [cookie] = await page.context().cookies();
  assert.deepEqual(
    [cookie.name, cookie.secure, cookie.httpOnly, cookie.sameSite, cookie.path],
    ['__Host-portal', true, true, 'Strict', '/'],
  );
});

test('the certificate, the last backup, the disk and the sizes are there at a glance', async () => {
  await fact('Certificate', /^\d+ (d|days?|h|hours?).* left$/, /^ends \d{4}-\d\d-\d\d|^ends \d\d:\d\d/);
  await fact('Last backup', / ago$/, /(B|KiB|MiB), /);
  await fact('Disk', /iB free$/, /^[\d.]+ % of [\d.,]+ [GTM]iB$/);
  const bytes = statSync(join(dataDir, 'portal.db')).size;
  await fact('Database', new RegExp(`^${Math.round(bytes / 1024)} KiB$`));
  await fact('Write-ahead log', /B$/);
  assert.deepEqual(page.complaints, []);
});

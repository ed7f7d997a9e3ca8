// The admin page's charts and objectives, under load.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { demo, startPortal } from './support/portal.mjs';

test('a chart moves under load, and its table has the numbers', async (t) => {
  const portal = await startPortal();
  const browser = await startBrowser();
  t.after(async () => {
    await browser.close();
    await portal.stop();
  });
  const ask = () => portal.request('/v1/contacts', { token: demo.token });
  await ask();
  const page = await signIn(await openWindow(browser), portal);
  const select = page.getByLabel('Endpoint');
  await select.locator('option[value="/v*/contacts"]').waitFor({ state: 'attached' });
  await select.selectOption('/v*/contacts');

  const chart = page.locator('figure', { hasText: 'Requests a second' });
  const line = chart.locator('path.series').first();
  await line.waitFor({ state: 'attached' });
  const before = await line.getAttribute('d');
  for (let n = 0; n < 99; n += 1) assert.equal((await ask()).status, 200);
  const objective = page.getByRole('row', { name: /^\/v\*\/contacts / });
  await objective.getByText('100', { exact: true }).waitFor();
  await chart.locator(`path.series:not([d="${before}"])`).first().waitFor({ state: 'attached' });
  for (const title of ['Requests a second', 'Server errors a second', 'Latency']) {
    const figure = page.locator('figure', { hasText: title });
    await figure.getByText('Table', { exact: true }).click();
    await figure.getByRole('table', { name: title }).getByRole('row').nth(1).waitFor();
  }
  await chart
    .getByRole('cell', { name: /^([1-9]|0\.\d*[1-9])/ })
    .first()
    .waitFor();

  await page.locator('figure', { hasText: 'Latency' }).getByText('target of p95: 300 ms').waitFor();
  await objective.getByText('/ 300 ms').waitFor();
  assert.deepEqual(page.complaints, []);
});

// Real Chromium with a mouse, a keyboard and windows of any size, for pages that people use.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { demo } from './portal.mjs';

const axe = createRequire(import.meta.url)('axe-core').source;
const patience = 15_000;

export function startBrowser() {
  const folder = process.env.PATH.split(delimiter).find((one) => existsSync(join(one, 'chromium')));
  const args = process.getuid() === 0 ? ['--no-sandbox'] : []; // root has none
  return chromium.launch({ executablePath: join(folder ?? '', 'chromium'), args });
}

/**
 * A window of its own, with cookies of its own. `page.complaints` gets what the browser's console has to say of the page:
 * exceptions, and what its content security policy has kept it from.
 */
export async function openWindow(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.stack));
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource'); // the answers that are no 2xx, by themselves
    if (['error', 'warning'].includes(message.type()) && !isRefusal) page.complaints.push(message.text());
  });
  return page;
}

/** Opens the admin page and signs in with a token, or the password. */
export async function signIn(page, portal, { token = demo.adminToken, password } = {}) {
  await page.goto(`${portal.controlBase}/`);
  if (password) await page.getByRole('radio', { name: 'Password' }).check();
  await page.locator('#secret').fill(password ?? token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  return page;
}

/** What axe-core has against the page as it is now, a line each. Needs a window with `bypassCSP`. */
export async function accessibilityViolations(page) {
  const { violations } = await page.evaluate(`${axe}; axe.run()`);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 160)}`));
}

// The admin page is made of the control plane's documented JSON: a script could have all that it shows, and do what it does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020.js';
import { openWindow, signIn, startBrowser } from './support/browser.mjs';
import { resolveIn } from './support/openapi.mjs';
import { demo, project, startPortal } from './support/portal.mjs';

const openapi = JSON.parse(readFileSync(join(project, 'src/control/openapi.json'), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: false });
addFormats.default(ajv);
ajv.addSchema({ $id: 'portal:', components: openapi.components });

const resolve = (node) => resolveIn(openapi, node);
/** References within a schema of an operation lead into the document. */
const rooted = (schema) => JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"portal:#/'));
function assertValid(content, type, value, what) {
  const schema = content?.[type.split(';')[0]]?.schema;
  assert.ok(schema, `${what}: ${type} is not described`);
  assert.ok(
    ajv.validate(rooted(schema), value),
    `${what}: ${ajv.errorsText()}\n${JSON.stringify(value).slice(0, 500)}`,
  );
}

/** The path of the document, and its operation. */
function operationOf(method, pathname) {
  const path = Object.keys(openapi.paths).find((one) =>
    new RegExp(`^${one.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname),
  );
  const operation = openapi.paths[path]?.[method.toLowerCase()];
  assert.ok(operation, `${method} ${pathname} is not described`);
  return { path, operation };
}

async function assertDescribed(request) {
  const { operation } = operationOf(request.method(), new URL(request.url()).pathname);
  const answer = await request.response();
  const what = `${request.method()} ${request.url()} ${answer.status()}`;
  const body = request.postDataJSON();
  if (body) assertValid(resolve(operation.requestBody).content, 'application/json', body, `${what}: request`);
  const described = resolve(operation.responses[answer.status()]);
  assert.ok(described, `${what} is not described`);
  if (described.content) assertValid(described.content, answer.headers()['content-type'], await answer.json(), what);
}

test('all that the page asks for and is told is in the description of the control plane', async (t) => {
  const portal = await startPortal();
  const browser = await startBrowser();
  t.after(async () => {
    await browser.close();
    await portal.stop();
  });
  for (const path of ['/v1/health', '/v1/contacts', '/v1/jobs']) await portal.request(path, { token: demo.token });

  const page = await openWindow(browser);
  const asked = new Map(); // the last of each kind
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/')) return;
    asked.set(`${request.method()} ${operationOf(request.method(), pathname).path}`, request);
  });
  await signIn(page, portal);
  const acme = page.locator('details.tenant', { hasText: 'Acme Roofing' });
  await acme.locator('summary').click();
  await acme.getByRole('table', { name: 'Tokens' }).waitFor();

  const blobs = page.getByRole('article', { name: 'Breaker blobs', exact: true });
  await blobs.getByRole('button', { name: 'Hold open' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Hold open' }).click();
  await blobs.getByText('Open', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Reset contacts of client_prod' }).click();
  await page.getByText('Reset: contacts of client_prod').waitFor();
  await acme.getByRole('button', { name: 'New token…' }).click();
  await page.getByLabel(/^Ends after/).fill('30d');
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByRole('button', { name: 'Done' }).click();

  const panels = [
    'status',
    'metrics',
    'samples',
    'slo',
    'breakers',
    'limits',
    'errors',
    'tenants',
    'tokens',
    'sessions',
  ];
  const all = [
    ...panels.map((name) => `GET /api/${name}`),
    'GET /api/tenants/{tenant}/clients',
    'GET /api/tenants/{tenant}/tokens',
    'POST /api/session',
    'PUT /api/breakers/{name}',
    'POST /api/limits/reset',
    'POST /api/tenants/{tenant}/tokens',
  ];
  await page.waitForResponse(/api\/status/);
  for (const one of all) assert.ok(asked.has(one), `${one} in ${[...asked.keys()]}`);
  await Promise.all([...asked.values()].map(assertDescribed));
});

// The Postman collection, run by newman against the demo data: all of it once, and the deployment log's load test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { limited } from './support/budgets.mjs';
import { demo, project, startPortal, temporaryFolder } from './support/portal.mjs';

const newman = createRequire(join(project, 'tests/package.json'))('newman');
const collection = join(project, 'tests/postman/Portal_API_Collection.json');
const environment = (name) => join(project, `tests/postman/${name}_Environment.json`);

// The requests of the log's load test, with the assertions that it lists.
const log = {
  'Health Check': [
    'Status code is 200',
    'Response has required fields',
    'Service is healthy',
    'Rate limit headers present',
  ],
  'List Contacts': ['Status code is 200', 'Response has pagination', 'Rate limit headers present'],
  'List Jobs': ['Status code is 200', 'Response has pagination', 'Jobs have valid status'],
  'List Job Files (All)': [
    'Status code is 200',
    'Files endpoint rate limit (120 RPM)',
    'Cache control headers present',
    'Files have signed URLs',
    'Expiry within 15 minutes',
  ],
};

let portal;
before(async () => {
  portal = await startPortal({ env: limited });
});
after(() => portal.stop());

/** newman's JSON report of a run with the local environment, whose URLs are this portal's. */
async function run(options) {
  const report = join(temporaryFolder(), 'report.json');
  const envVar = [
    { key: 'baseUrl', value: portal.base },
    { key: 'controlUrl', value: portal.controlBase },
    ...Object.entries(options.variables ?? {}).map(([key, value]) => ({ key, value })),
  ];
  await new Promise((done, failed) => {
    newman.run(
      {
        collection,
        environment: environment('Local'),
        envVar,
        reporters: ['json'],
        reporter: { json: { export: report } },
        ...options.newman,
      },
      (error) => (error ? failed(error) : done()),
    );
  });
  return JSON.parse(readFileSync(report, 'utf8')).run;
}

const explain = ({ source, error }) => `${source?.name}: ${error.test ?? error.name}: ${error.message}`;
function figures({ stats, timings }) {
  const { requests, assertions } = stats;
  const average = timings.responseAverage.toFixed(1);
  return `${requests.total} requests, ${assertions.total} assertions, ${average} ms a response on average`;
}

test('every request of the collection', async (t) => {
  const result = await run({});
  assert.deepEqual(result.failures.map(explain), []);
  assert.ok(result.stats.requests.total >= 25, `${result.stats.requests.total} requests`);
  assert.equal(result.stats.requests.failed, 0);
  t.diagnostic(figures(result));
});

test('the load test of the log: 300 iterations', async (t) => {
  const result = await run({
    variables: { token: 'load_token', filesBudget: '100000' },
    newman: { folder: Object.keys(log), iterationCount: 300 },
  });
  assert.deepEqual(result.failures.map(explain), []);
  assert.equal(result.stats.iterations.total, 300);
  assert.equal(result.stats.requests.total, 1200);
  assert.equal(result.stats.assertions.total, 300 * Object.values(log).flat().length);
  assert.equal(result.stats.assertions.failed, 0);
  t.diagnostic(figures(result));
});

test('the collection has the requests and assertions that the log shows, in its order', () => {
  const { item } = JSON.parse(readFileSync(collection, 'utf8'));
  const requests = item.filter(({ request }) => request);
  assert.deepEqual(
    requests.map(({ name }) => name),
    Object.keys(log),
  );
  for (const { name, event } of requests) {
    const script = event.find(({ listen }) => listen === 'test').script.exec.join('\n');
    const named = [...script.matchAll(/pm\.test\('([^']+)'/g)].map(([, assertion]) => assertion);
    assert.deepEqual(named, log[name], name);
  }
});

test('the environments name the same variables, and only the demo data has tokens in them', () => {
  const [local, production] = ['Local', 'Production'].map((name) =>
    Object.fromEntries(
      JSON.parse(readFileSync(environment(name), 'utf8')).values.map(({ key, value }) => [key, value]),
    ),
  );
  assert.deepEqual(Object.keys(production), Object.keys(local));
  assert.equal(local.token, demo.token);
  for (const [key, value] of Object.entries(production)) {
    if (/token/i.test(key)) assert.equal(value, '', key);
  }
  const used = new Set([...readFileSync(collection, 'utf8').matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name));
  for (const key of Object.keys(local)) assert.ok(used.has(key), `${key} is used`);
});

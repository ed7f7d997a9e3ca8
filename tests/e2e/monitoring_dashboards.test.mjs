// The dashboards of packaging/monitoring, before any portal runs: what Grafana would refuse or misplace, and what their
// panels would show.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import {
  dashboardExpressions,
  dashboards,
  pack,
  panelExpression,
  ruleFiles,
  says,
  selectorsIn,
} from './support/monitoring.mjs';
import { project, temporaryFolder } from './support/portal.mjs';

test('dashboards have the addresses of the change plan', () => {
  const slug = (title) => title.toLowerCase().replaceAll(' ', '-');
  const addresses = dashboards.map(({ json }) => `/d/${json.uid}/${slug(json.title)}`);
  const planned = ['/d/portal-api-cb/circuit-breakers', '/d/portal-api-slo/slo-tracking', '/d/portal-api/overview'];
  assert.deepEqual(addresses.sort(), planned);
  for (const { file, json } of dashboards) {
    assert.equal(basename(file), `${json.uid}.json`);
    for (const { url } of json.links) assert.ok(planned.includes(url), `${json.uid} links to ${url}`);
  }
});

for (const { json } of dashboards) {
  test(`the dashboard ${json.uid} is whole`, () => {
    assert.equal(json.id, null, 'an id belongs to one Grafana');
    assert.ok(json.schemaVersion >= 36 && json.schemaVersion <= 41, 'the classic model');
    const variables = json.templating.list.map(({ name }) => name);
    assert.equal(json.templating.list[0].type, 'datasource');
    assert.equal(new Set(json.panels.map(({ id }) => id)).size, json.panels.length, 'ids of panels repeat');
    const taken = new Map();
    for (const panel of json.panels) {
      const { x, y, w, h } = panel.gridPos;
      assert.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, `${panel.title} leaves the grid`);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          const place = `${column},${row}`;
          assert.ok(!taken.has(place), `${panel.title} lies on ${taken.get(place)}`);
          taken.set(place, panel.title);
        }
      }
      if (panel.type === 'row') continue;
      assert.ok(panel.title && panel.description, `panel ${panel.id} does not say what it shows`);
      assert.notEqual(panel.targets.length, 0, `${panel.title} asks nothing`);
      assert.equal(new Set(panel.targets.map(({ refId }) => refId)).size, panel.targets.length, panel.title);
    }
    const sources = JSON.stringify(json).match(/"datasource":\{.*?"\}/g);
    for (const source of sources) assert.equal(source, '"datasource":{"type":"prometheus","uid":"${datasource}"}');
    for (const [, name] of JSON.stringify(json).matchAll(/\$\{?([a-z]\w*)/g)) {
      assert.ok(variables.includes(name), `nobody sets $${name}`);
    }
  });
}

test('promtool parses what dashboards ask', async () => {
  const rules = dashboardExpressions().map(({ from, expression }, n) => ({
    record: `dashboard:${n}`,
    expr: expression,
    labels: { from },
  }));
  const file = join(temporaryFolder(), 'dashboards.yml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] })); // JSON is YAML
  const report = await says('promtool', 'check', 'rules', file);
  assert.match(report, new RegExp(`SUCCESS: ${rules.length} rules found`));
});

/** Series of a portal, its values as promtool writes them. */
const series = (name, labels, values) => ({
  series: `${name}{job="portal-api",${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}}`,
  values,
});
const latencies = (instance, endpoint, [p95, p99], [target95, target99]) =>
  [
    ['0.95', p95, target95],
    ['0.99', p99, target99],
  ].flatMap(([quantile, measured, target]) => [
    series('portal_slo_latency_ms', { instance, endpoint, window: '5m', quantile }, `${measured}x10`),
    series('portal_slo_latency_ms', { instance, endpoint, window: '3d', quantile }, '9999x10'),
    series('portal_slo_latency_target_ms', { instance, endpoint, quantile }, `${target}x10`),
  ]);
const requests = (endpoint, total, errors) => [
  series('http_requests_total', { instance: 'one', method: 'GET', endpoint }, `0+${total}x10`),
  series('http_requests_errors_total', { instance: 'one', method: 'GET', endpoint }, `0+${errors}x10`),
];
const durations = (count) =>
  ['50.0', '+Inf'].map((le) =>
    series('http_request_duration_ms_bucket', { instance: 'one', endpoint: '/v*/jobs', le }, `0+${count}x10`),
  );
const state = (instance, breaker, [closed, halfOpen, open]) => [
  series('portal_breaker_state', { instance, breaker, state: 'CLOSED' }, `${closed}x10`),
  series('portal_breaker_state', { instance, breaker, state: 'HALF_OPEN' }, `${halfOpen}x10`),
  series('portal_breaker_state', { instance, breaker, state: 'OPEN' }, `${open}x10`),
];

test('single numbers on dashboards count what their panels say, and know what to show of an idle portal', async () => {
  const jobs = '/v*/jobs';
  const contacts = '/v*/contacts';
  const slow = [500, 900];
  const fast = [100, 200];
  const targets = [400, 800];
  const over = ['portal-api-slo', 'Endpoints over a latency target'];
  const share = ['portal-api', 'Server errors'];
  const availability = ['portal-api-slo', 'Availability, three days'];
  const breakers = ['portal-api', 'Breakers not closed'];
  const cases = [
    [over, [...latencies('one', jobs, slow, targets), ...latencies('one', contacts, fast, targets)], 1],
    [over, [...latencies('one', jobs, slow, targets), ...latencies('two', jobs, slow, targets)], 1],
    [over, [...latencies('one', jobs, slow, targets), ...latencies('one', contacts, [100, 900], targets)], 2],
    [over, latencies('one', jobs, fast, targets), 0],
    [over, [], 0],
    [share, [...requests(jobs, 10, 5), ...requests(contacts, 10, 0), ...requests('other', 900, 900)], 0.25],
    [share, [...requests(jobs, 0, 0), ...requests('other', 9, 9)], 0],
    [availability, [...requests(jobs, 10, 1), ...requests('other', 90, 90), ...requests('/metrics', 90, 0)], 0.9],
    [availability, requests(jobs, 0, 0), undefined],
    [['portal-api', 'p95'], durations(10), 47.5],
    [['portal-api', 'p95'], durations(0), undefined],
    [breakers, [...state('one', 'blobs', [0, 0, 1]), ...state('one', 'database', [0, 1, 0])], 2],
    [breakers, [...state('one', 'blobs', [1, 0, 0]), ...state('two', 'blobs', [0, 0, 1])], 1],
    [breakers, state('one', 'blobs', [1, 0, 0]), 0],
  ];
  const tests = cases.map(([panel, input_series, value]) => ({
    name: panel.join(': '),
    interval: '1m',
    input_series,
    promql_expr_test: [
      { expr: panelExpression(...panel), eval_time: '10m', exp_samples: value === undefined ? [] : [{ value }] },
    ],
  }));
  const file = join(temporaryFolder(), 'panels.yml');
  writeFileSync(file, JSON.stringify({ evaluation_interval: '1m', tests }));
  await says('promtool', 'test', 'rules', file);
});

test('what a panel has no number for, it has words for', () => {
  const panels = dashboards.flatMap(({ json }) => json.panels);
  for (const title of ['Availability, three days', 'p95', 'Last backup', 'Certificate']) {
    assert.ok(panels.find((panel) => panel.title === title).fieldConfig.defaults.noValue, title);
  }
});

test('panels and the admin page change their colour where the alerts fire', () => {
  const steps = (title) =>
    dashboards
      .flatMap(({ json }) => json.panels)
      .find((panel) => panel.title === title)
      .fieldConfig.defaults.thresholds.steps.map(({ value }) => value)
      .filter((value) => value !== null);
  const rules = ruleFiles.map((file) => readFileSync(file, 'utf8')).join('');
  const limit = (name) => {
    const [, text] = new RegExp(`- alert: ${name}\\n +expr: .* [<>] ([\\d.* ]+)\\n`).exec(rules);
    return text.split('*').reduce((product, factor) => product * Number(factor), 1);
  };
  const disk = [limit('PortalDiskFull'), limit('PortalDiskNearlyFull')];
  const certificate = [limit('PortalCertificateExpiresNow'), limit('PortalCertificateExpiresSoon')];
  assert.deepEqual(steps('Disk free').sort(), disk);
  assert.deepEqual(steps('Certificate'), certificate);
  assert.deepEqual(steps('Last backup'), [limit('PortalBackupTooOld')]);

  const page = readFileSync(join(project, 'web/admin_overview.js'), 'utf8');
  const [, bad, warn] = /part < ([\d.]+) \? 'bad' : part < ([\d.]+) \? 'warn'/.exec(page);
  assert.deepEqual([bad, warn].map(Number), disk);
  const [, badDays, warnDays] = /left < (\d+) \* day \? 'bad' : left < (\d+) \* day \? 'warn'/.exec(page);
  assert.deepEqual([badDays * 86_400, warnDays * 86_400], certificate);
});

test('series that a dashboard takes from the rules are recorded there', () => {
  const recorded = ruleFiles.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/- record: (\S+)$/gm)].map(([, name]) => name),
  );
  const asked = dashboardExpressions().flatMap(({ expression }) => selectorsIn(expression).map(({ name }) => name));
  const derived = asked.filter((name) => name.includes(':'));
  assert.notEqual(derived.length, 0);
  for (const name of derived) assert.ok(recorded.includes(name), `no rule records ${name}`);
});

test('Grafana finds the dashboards where the README puts them', () => {
  const provider = readFileSync(join(pack, 'grafana/provisioning/dashboards/portal-api.yml'), 'utf8');
  const readme = readFileSync(join(pack, 'README.md'), 'utf8');
  const [, path] = /path: (\S+)/.exec(provider);
  assert.ok(readme.includes(`${path}/`), path);
  const interval = /scrape_interval: (\S+)/.exec(readFileSync(join(pack, 'prometheus.yml'), 'utf8'))[1];
  const source = readFileSync(
    join(project, 'packaging/monitoring/grafana/provisioning/datasources/portal-api.yml'),
    'utf8',
  );
  assert.match(source, new RegExp(`timeInterval: ${interval}\\b`));
});

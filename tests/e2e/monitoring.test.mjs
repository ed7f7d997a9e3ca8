// The files of packaging/monitoring, before any portal runs: what Prometheus's and Alertmanager's own tools say of
// them, and what Grafana would refuse or misplace.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { dashboardExpressions, dashboards, pack, ruleFiles, ruleTests, selectorsIn } from './support/monitoring.mjs';
import { project, temporaryFolder } from './support/portal.mjs';

/** What a program says, and it must succeed. */
async function says(command, ...args) {
  try {
    const { stdout } = await promisify(execFile)(command, args);
    return stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}${error.stderr}`);
  }
}

const alertsOf = (file) => [...readFileSync(file, 'utf8').matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
const alerts = ruleFiles.flatMap(alertsOf);

test('promtool accepts the configuration and finds every file of rules', async () => {
  const report = await says('promtool', 'check', 'config', join(pack, 'prometheus.yml'));
  for (const file of ruleFiles) assert.ok(report.includes(`Checking ${file}`), `${file} is not read: ${report}`);
  assert.match(readFileSync(join(pack, 'prometheus.yml'), 'utf8'), /job_name: portal-api\n/);
});

test('every alert fires and stays silent as its cases say', { concurrency: true }, async (t) => {
  await Promise.all(ruleTests.map((file) => t.test(basename(file), () => says('promtool', 'test', 'rules', file))));
});

test('every alert has a case in which it fires and one in which it stays silent', () => {
  const cases = ruleTests.flatMap((file) => readFileSync(file, 'utf8').split('- alertname: ').slice(1));
  const named = (name) => cases.filter((each) => each.startsWith(`${name}\n`));
  for (const name of alerts) {
    assert.ok(
      named(name).some((each) => /exp_alerts:\n/.test(each)),
      `${name} never fires`,
    );
    assert.ok(
      named(name).some((each) => /exp_alerts: \[\]/.test(each)),
      `${name} is never silent`,
    );
  }
});

/** A folder with the rules of `file`, changed, and those of its cases that name the alert. */
function changedRules(file, name, change) {
  const folder = temporaryFolder();
  const cases = readFileSync(join(project, 'tests/monitoring', basename(file)), 'utf8');
  const [head, ...all] = cases.split(/^(?=  - name: )/m);
  const concerned = all.filter((each) => each.includes(`- alertname: ${name}\n`));
  const rules = readFileSync(file, 'utf8').split(/^(?= +- alert: )/m);
  const changed = rules.map((rule) => (rule.trimStart().startsWith(`- alert: ${name}\n`) ? change(rule) : rule));
  assert.notEqual(changed.join(''), rules.join(''), name);
  writeFileSync(join(folder, 'rules.yml'), changed.join(''));
  writeFileSync(join(folder, 'cases.yml'), head.replace(/^  - .*$/m, '  - rules.yml') + concerned.join(''));
  return join(folder, 'cases.yml');
}

test('the patience of every alert is what its cases say: with half of it, or twice as much, they fail', async () => {
  const minutes = { m: 1, h: 60, d: 1440 };
  const stretched = (factor) => (rule) =>
    rule.replace(
      /^( +for: )(\d+)([mhd])$/m,
      (_, key, count, unit) => `${key}${Math.floor(Number(count) * minutes[unit] * factor)}m`, // cases tick in minutes
    );
  const patient = ruleFiles.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/- alert: (\w+)\n(?:(?! +- ).*\n)*? +for: /g)].map(([, name]) => ({
      file,
      name,
    })),
  );
  assert.equal(
    patient.length,
    ruleFiles
      .map((file) => readFileSync(file, 'utf8'))
      .join('')
      .match(/^ +for: /gm).length,
  );
  await Promise.all(
    patient.flatMap(({ file, name }) =>
      [0.5, 2].map(async (factor) => {
        const cases = changedRules(file, name, stretched(factor));
        const failed = await says('promtool', 'test', 'rules', cases).then(
          () => '',
          (error) => error.message,
        );
        assert.match(failed, new RegExp(`alertname: ${name}, time: `), `no case minds ${factor} of ${name}'s patience`);
      }),
    ),
  );
});

test('every alert says what happened, what to do, and where there is more', () => {
  const operations = readFileSync(join(project, 'docs/operations.md'), 'utf8');
  const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const table = operations.split('\n').filter((line) => line.startsWith('| `'));
  const rules = ruleFiles.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split(/^ +- alert: /m)
      .slice(1),
  );
  assert.equal(rules.length, alerts.length);
  for (const rule of rules) {
    const [name] = /^\w+/.exec(rule);
    assert.match(rule, /^ +summary: \S/m, name);
    assert.match(rule, /^ +description: >-\n/m, name);
    const [, anchor] = /^ +runbook: docs\/operations\.md#(\S+)$/m.exec(rule) ?? [];
    assert.ok(anchors.includes(anchor), `${name} leads to #${anchor}`);
    const row = table.find((line) => line.includes(`\`${name}\``));
    assert.ok(row?.includes(`(#${anchor})`), `docs/operations.md sends ${name} elsewhere: ${row}`);
  }
});

test('the two alerts of the change plan are what it says', () => {
  const text = readFileSync(join(pack, 'rules/deployment.yml'), 'utf8');
  const planned = [
    ['HighLatency', 'histogram_quantile(0.95, rate(http_request_duration_ms_bucket[5m])) > 500'],
    ['HighErrorRate', 'rate(http_requests_errors_total[5m]) / rate(http_requests_total[5m]) > 0.05'],
  ];
  for (const [name, expression] of planned) {
    const rule = [`- alert: ${name}`, `expr: ${expression}`, 'for: 10m', 'labels:', '  severity: critical', ''];
    assert.ok(text.includes(rule.join('\n        ').trimEnd()), `${name} is another one`);
  }
});

test('the README lists every alert', () => {
  const readme = readFileSync(join(pack, 'README.md'), 'utf8');
  const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
  for (const name of alerts)
    assert.ok(
      rows.some((row) => row.includes(`\`${name}\``)),
      `no row for ${name}`,
    );
});

test('amtool accepts the receivers, and each alert reaches those who can act', async () => {
  const file = join(pack, 'alertmanager.yml');
  await says('amtool', 'check-config', file);
  const text = readFileSync(file, 'utf8');
  for (const kind of ['slack_configs', 'email_configs', 'pagerduty_configs'])
    assert.ok(text.includes(`${kind}:`), kind);
  const routes = [
    [['severity=critical'], 'on-call'],
    [['severity=warning'], 'team'],
    [['severity=critical', 'rollback=automatic'], 'deployments,on-call'],
    [['severity=critical', 'rollback=manual'], 'deployments,on-call'],
    [['severity=critical', 'alertname=HighErrorRate', 'endpoint=/v*/contacts'], 'on-call'],
    [['severity=critical', 'alertname=HighErrorRate', 'endpoint=other'], 'team'],
    [['alertname=OfSomebodyElse'], 'slack'],
  ];
  for (const [labels, receivers] of routes) {
    const found = await says('amtool', 'config', 'routes', 'test', `--config.file=${file}`, ...labels);
    assert.equal(found.trim(), receivers, labels.join(' '));
  }
});

test('what an alert suppresses or is suppressed by exists', () => {
  const text = readFileSync(join(pack, 'alertmanager.yml'), 'utf8');
  const named = [...text.matchAll(/alertname!?=~?"([\w|]+)"/g)].flatMap(([, names]) => names.split('|'));
  assert.notEqual(named.length, 0);
  for (const name of named) assert.ok(alerts.includes(name), `no rule makes ${name}`);
});

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

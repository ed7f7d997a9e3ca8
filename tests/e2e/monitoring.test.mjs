// The rules and receivers of packaging/monitoring, before any portal runs: what Prometheus's and Alertmanager's own tools
// say of them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { pack, ruleFiles, ruleTests, says } from './support/monitoring.mjs';
import { project, temporaryFolder } from './support/portal.mjs';

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

/** What promtool says of the cases of a file of rules whose alerts wait `factor` times as long as they should. */
async function failuresWithPatience(file, factor) {
  const folder = temporaryFolder();
  const minutes = { m: 1, h: 60, d: 1440 };
  const rules = readFileSync(file, 'utf8').replaceAll(
    /^( +for: )(\d+)([mhd])$/gm,
    (_, key, count, unit) => `${key}${Math.floor(Number(count) * minutes[unit] * factor)}m`, // cases tick in minutes
  );
  writeFileSync(join(folder, 'rules.yml'), rules);
  const cases = readFileSync(join(project, 'tests/monitoring', basename(file)), 'utf8');
  writeFileSync(join(folder, 'cases.yml'), cases.replace(/^rule_files:\n  - .*$/m, 'rule_files: [rules.yml]'));
  return says('promtool', 'test', 'rules', join(folder, 'cases.yml')).then(
    () => '',
    (error) => error.message,
  );
}

test('the patience of every alert is what its cases say: with half of it, or twice as much, they fail', async () => {
  for (const file of ruleFiles) {
    const rules = readFileSync(file, 'utf8').split(/^ +- alert: /m);
    const patient = rules.filter((rule) => /^ +for: /m.test(rule)).map((rule) => /^\w+/.exec(rule)[0]);
    for (const factor of patient.length > 0 ? [0.5, 2] : []) {
      const failures = await failuresWithPatience(file, factor);
      for (const name of patient) {
        assert.ok(failures.includes(`alertname: ${name}, time: `), `no case minds ${factor} of ${name}'s patience`);
      }
    }
  }
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

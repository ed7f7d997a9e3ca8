// What packaging/monitoring asks Prometheus, and the names of the series in it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './portal.mjs';

export const pack = join(project, 'packaging/monitoring');
const filesIn = (folder, extension) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .sort()
    .map((file) => join(folder, file));

export const ruleFiles = filesIn(join(pack, 'rules'), '.yml');
export const ruleTests = filesIn(join(project, 'tests/monitoring'), '.yml');
export const dashboards = filesIn(join(pack, 'grafana/dashboards'), '.json').map((file) => ({
  file,
  json: JSON.parse(readFileSync(file, 'utf8')),
}));

/** What a dashboard asks with Grafana's variables filled in: all instances, endpoints, breakers. */
const filledIn = (expression) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$(instance|endpoint|breaker)\b/g, '.*');

/** Every expression of the dashboards: `{from, expression}`. */
export function dashboardExpressions() {
  return dashboards.flatMap(({ json }) => {
    const panels = json.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ from: `${json.uid}: ${title}`, expression: filledIn(expr) })),
    );
    const marks = json.annotations.list.map(({ name, expr }) => ({ from: `${json.uid}: ${name}`, expression: expr }));
    const variables = json.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, definition }) => ({
        from: `${json.uid}: $${name}`,
        expression: /^label_values\((.*), \w+\)$/.exec(definition)[1],
      }));
    return [...panels, ...marks, ...variables];
  });
}

const words = new Set(['and', 'or', 'unless', 'bool', 'by', 'on', 'without', 'ignoring', 'group_left', 'group_right']);

/** The names of the series that an expression of PromQL asks for. */
export function metricsIn(expression) {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const names = [...bare.matchAll(/(?<![\w.:])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !words.has(name));
}

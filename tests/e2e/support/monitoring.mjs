// What packaging/monitoring asks Prometheus, and the names of the series in it.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** What a program says, and it must succeed. */
export async function says(command, ...args) {
  try {
    const { stdout } = await promisify(execFile)(command, args);
    return stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}${error.stderr}`);
  }
}

/** Every expression of the rules: `{from, expression}`. */
export function ruleExpressions() {
  return ruleFiles.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(/^ +- (?:alert|record): (\S+)\n +expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm),
    ].map(([, from, block, line]) => ({ from, expression: block ?? line })),
  );
}

/** What a dashboard asks with Grafana's variables filled in: all instances, endpoints, breakers. */
const filledIn = (expression, { templating }) =>
  templating.list
    .filter(({ type }) => type === 'query')
    .reduce((text, { name, allValue }) => text.replaceAll(`$${name}`, () => allValue), expression)
    .replaceAll('$__rate_interval', '1m');

/** What the first target of a panel asks. */
export function panelExpression(uid, title) {
  const { json } = dashboards.find((each) => each.json.uid === uid);
  return filledIn(json.panels.find((panel) => panel.title === title).targets[0].expr, json);
}

/** Every expression of the dashboards: `{from, expression}`. */
export function dashboardExpressions() {
  return dashboards.flatMap(({ json }) => {
    const panels = json.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ from: `${json.uid}: ${title}`, expression: filledIn(expr, json) })),
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

const clauses = 'by|on|without|ignoring|group_left|group_right';
const words = new Set(['and', 'or', 'unless', 'bool', 'sum', 'min', 'max', 'avg', ...clauses.split('|')]);
// A range, the labels of a clause, or a name with what it may be followed by: its matchers, or a function's arguments.
const tokens = new RegExp(
  String.raw`\[[^\]]*\]|\b(?:${clauses})\s*\([^)]*\)|([a-zA-Z_:][\w:]*)(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?(\s*\()?`,
  'g',
);

/** The series that an expression of PromQL asks for, each as its name and its matchers. */
export function selectorsIn(expression) {
  return [...expression.matchAll(tokens)]
    .filter(([, name, , call]) => name && !call && !words.has(name))
    .map(([, name, matchers = '']) => ({ name, matchers }));
}

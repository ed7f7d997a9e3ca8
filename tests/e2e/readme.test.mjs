// What the README says is what the binary does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRun, project } from './support/portal.mjs';

const readme = readFileSync(join(project, 'README.md'), 'utf8');

test('the configuration table has every key with its default', async () => {
  const { stdout } = await mustRun(['check-config', '--json']);
  for (const [key, { value }] of Object.entries(JSON.parse(stdout).values)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${key}\` |`));
    assert.ok(row, `README.md has no row for ${key}`);
    if (String(value) !== '') assert.ok(row.includes(`\`${value}\``), `${row} does not name the default ${value}`);
  }
});

test('the lists of columns are the ones that an import takes', async () => {
  for (const kind of ['contacts', 'jobs']) {
    const { stdout } = await mustRun(['import', '--help']);
    const columns = stdout.match(new RegExp(`${kind} .*Columns: ([a-z_,]+)`))[1].split(',');
    const row = readme.split('\n').find((line) => line.startsWith(`| ${kind} | **\`id\`**`));
    assert.deepEqual(
      row
        .match(/`([a-z_]+)`/g)
        .map((name) => name.slice(1, -1))
        .filter((name) => name !== 'job_'),
      columns,
    );
  }
});

test('the scope metrics opens what the README says', () => {
  const { paths } = JSON.parse(readFileSync(join(project, 'src/control/openapi.json'), 'utf8'));
  const opens = ({ get }, scope) => get?.security?.some(({ bearer }) => bearer?.includes(scope));
  const described = Object.entries(paths)
    .filter(([, operations]) => opens(operations, 'metrics') && !opens(operations, 'read'))
    .map(([path]) => path);
  const row = readme.split('\n').find((line) => line.startsWith("| an operator's, scope `metrics` |"));
  const named = [...row.matchAll(/`(?:GET )?(\/[^`]*)`/g)].map(([, path]) => path);
  assert.deepEqual(named.sort(), [...described, '/metrics'].sort());
});

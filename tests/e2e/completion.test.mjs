// Completion in real shells, as somebody who presses the tab key meets it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { binary, makeStore, mustRun, temporaryFolder } from './support/portal.mjs';
import { Terminal } from './support/terminal.mjs';

const { dataDir } = await makeStore({ tenant: 'roofers-north' });
await mustRun(['tenant', 'create', 'globex', '--data-dir', dataDir]);

// The program under its own name, and a folder with one file.
const home = temporaryFolder();
mkdirSync(join(home, 'bin'));
symlinkSync(binary, join(home, 'bin/portal-appliance'));
mkdirSync(join(home, 'work'));
writeFileSync(join(home, 'work', 'people 2025.csv'), '');
const env = {
  HOME: home,
  PATH: `${join(home, 'bin')}:${process.env.PATH}`,
  TERM: 'dumb',
  LC_ALL: 'C.UTF-8',
  PORTAL_DATA_DIR: dataDir,
};

// What is typed before the tab, and the line that it becomes.
const lines = [
  ['portal-appliance tok', 'portal-appliance token '],
  ['portal-appliance token cre', 'portal-appliance token create '],
  ['portal-appliance token create --cl', 'portal-appliance token create --client '],
  ['portal-appliance --signed-urls-t', 'portal-appliance --signed-urls-ttl '],
  ['portal-appliance export --tenant roof', 'portal-appliance export --tenant roofers-north '],
  ['portal-appliance import jobs --format nd', 'portal-appliance import jobs --format ndjson '],
  ['portal-appliance import contacts peo', 'portal-appliance import contacts people\\ 2025.csv '],
];

// Each prints the line that the tab has made of what was typed, between marks, without running it.
const shells = {
  bash: {
    start: 'bash --norc --noprofile -i',
    setUp: [
      `bind 'set enable-bracketed-paste off'`,
      'source <(portal-appliance completion bash)',
      `_show() { printf '\\n<%s>\\n' "$READLINE_LINE"; READLINE_LINE=; READLINE_POINT=0; }`,
      `bind -x '"\\C-g": _show'`,
    ],
    show: '\x07',
  },
  zsh: {
    start: 'zsh -f -i',
    setUp: [
      'unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste',
      'autoload -Uz compinit && compinit -D -u',
      'source <(portal-appliance completion zsh)',
      `_show() { print -r -- ""; print -r -- "<$BUFFER>"; BUFFER=; zle reset-prompt }`,
      'zle -N _show',
      `bindkey '^G' _show`,
    ],
    show: '\x07',
  },
};

for (const [shell, { start, setUp, show }] of Object.entries(shells)) {
  test(`the tab key in ${shell}`, async () => {
    const terminal = new Terminal(start, { env, cwd: join(home, 'work') });
    try {
      for (const line of setUp) terminal.type(`${line}\n`);
      terminal.type(`echo re"ady"\n`);
      await terminal.shows(/ready/);
      for (const [typed, expected] of lines) {
        terminal.type(`${typed}\t${show}`);
        await terminal.shows(/<portal-appliance[^>]*>/);
        await terminal.shows(new RegExp(`<${expected.replaceAll('\\', '\\\\')}>`));
      }
      terminal.type('exit\n');
      await terminal.ended;
    } finally {
      terminal.hangUp();
    }
  });
}

test('fish', async () => {
  const asked = [
    ...lines.slice(0, -1).map(([typed, expected]) => [typed, expected.trim().split(' ').at(-1)]),
    ['portal-appliance import contacts peo', 'people 2025.csv'],
    ['portal-appliance --signed-urls-ttl=15m token cre', 'create'],
  ];
  for (const [typed, expected] of asked) {
    const script = `portal-appliance completion fish | source; complete -C ${JSON.stringify(typed)}`;
    const { stdout } = await run('fish', ['--no-config', '-c', script]);
    const candidates = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    assert.deepEqual(candidates, [expected], typed);
  }
  const { stdout } = await run('fish', [
    '--no-config',
    '-c',
    "portal-appliance completion fish | source; complete -C 'portal-appliance check'",
  ]);
  assert.match(stdout, /^check-config\tShow every effective value/);
});

test('a shell that cannot reach the data folder completes the rest', async () => {
  const asked = ['completion', 'candidates', '--data-dir', join(home, 'nowhere'), 'export', '--tenant', ''];
  const { code, stdout, stderr } = await run('portal-appliance', asked);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
});

test('the scripts are what the shells load', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const script = (await mustRun(['completion', shell])).stdout;
    const file = join(home, `script.${shell}`);
    writeFileSync(file, script);
    const { code, stderr } = await run(shell, ['-n', file]);
    assert.equal(code, 0, `${shell} -n: ${stderr}`);
    assert.equal(readFileSync(file, 'utf8'), script);
  }
});

/** `{code, stdout, stderr}` of a program. */
function run(program, args) {
  const child = spawn(program, args, { env, cwd: join(home, 'work') });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, ...output }));
  });
}

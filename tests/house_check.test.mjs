// The project keeps the house's law, and a breach of each kind is seen.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkHouse } from './house_check.mjs';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function checkTree(files) {
  const folder = mkdtempSync(join(tmpdir(), 'portal-house-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return checkHouse(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const include = (path) => `#pragma once\n#include "${path}"\n`;
const system = (path) => `#include <${path}>\n`;

const breaches = [
  ['an upward edge', { 'src/base/clock.cpp': include('http/head.h') }, /base\/ must not include http\//],
  [
    'an edge between neighbours',
    { 'src/http/router.cpp': include('store/reader.h') },
    /http\/ must not include store\//,
  ],
  ['api that sees net', { 'src/api/jobs.cpp': include('net/server.h') }, /api\/ must not include net\//],
  ['net that sees store', { 'src/net/loop.cpp': include('store/reader.h') }, /net\/ must not include store\//],
  ['service that sees api', { 'src/service/a.cpp': include('api/routes.h') }, /service\/ must not include api\//],
  [
    'an edge behind spaces',
    { 'src/model/job.h': '  #  include  "http/head.h"\n' },
    /src\/model\/job.h:1: model\/ must not/,
  ],
  ['a path that does not start in src/', { 'src/http/head.cpp': include('head.h') }, /not written from src\//],
  ['a path upwards', { 'src/http/head.cpp': include('../base/clock.h') }, /not written from src\//],
  ['a room without a level', { 'src/shed/rake.h': include('base/clock.h') }, /shed\/ has no level/],
  ['SQL outside store/', { 'src/api/jobs.cpp': 'auto q = "SELECT id FROM jobs";\n' }, /jobs.cpp:1: SQL outside/],
  [
    'SQL in a raw literal',
    { 'src/service/a.cpp': '\nauto q = R"sql(\n  DELETE FROM jobs)sql";\n' },
    /a.cpp:2: SQL outside/,
  ],
  ['SQLite outside store/', { 'src/blob/a.cpp': system('sqlite3.h') }, /sqlite3.h> outside store/],
  ['httplib outside control/', { 'src/api/a.cpp': system('httplib.h') }, /httplib outside control\//],
  ['httplib in any test', { 'tests/integration/a.cpp': system('httplib.h') }, /httplib outside control\//],
  ['httplib in a header', { 'src/control/a.h': system('httplib.h') }, /httplib in a header/],
  ['httplib in a header of the tests', { 'tests/support/a.h': system('httplib.h') }, /httplib in a header/],
  ['nlohmann in a header', { 'src/crypto/a.h': system('nlohmann/json.hpp') }, /nlohmann\/json in a header/],
  [
    'CLI11 in two files',
    { 'src/cli/a.cpp': system('CLI/CLI.hpp'), 'src/cli/b.cpp': system('CLI/CLI.hpp') },
    /CLI11 in 2 files/,
  ],
  [
    'toml++ in two files',
    { 'src/config/a.cpp': system('toml++/toml.h'), 'src/config/b.cpp': system('toml++/toml.h') },
    /toml\+\+ in 2 files/,
  ],
  [
    'an upward link',
    { 'CMakeLists.txt': 'portal_library(net DEPS base http store)\n' },
    /net must not be linked with store/,
  ],
];

for (const [name, files, expected] of breaches) {
  test(`sees ${name}`, () => {
    const found = checkTree(files);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0], expected);
  });
}

const lawful = [
  ['a downward edge', { 'src/api/jobs.cpp': include('store/reader.h') }],
  ['its own folder', { 'src/http/head.cpp': include('http/head.h') }],
  ['what the build generates', { 'src/store/migrator.cpp': include('embedded/migrations.h') }],
  ['SQL in store/', { 'src/store/jobs.cpp': 'auto q = "SELECT id FROM jobs";\n' }],
  ['a comment about an edge', { 'src/base/clock.h': '// #include "http/head.h"\n/*\n#include "api/a.h"\n*/\n' }],
  ['English in a text', { 'src/cli/a.cpp': 'say("Select a tenant: UPDATED");\n' }],
  ['one parser of the command line', { 'src/cli/a.cpp': system('CLI/CLI.hpp') }],
  ['a comment-like text', { 'src/api/a.cpp': 'auto u = "http://x/*"; auto v = "*/";\n' }],
];
for (const [name, files] of lawful) {
  test(`lets ${name} pass`, () => assert.deepEqual(checkTree(files), []));
}

test('the project keeps the law', () => assert.deepEqual(checkHouse(project), []));

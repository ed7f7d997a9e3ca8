// The house's law, read off the `#include` lines: arrows point down only (docs/architecture.md), SQL lives
// in store/, cpp-httplib in control/ and two programs of the tests, and heavy headers stay behind few .cpp files.
// usage: node tests/house_check.mjs [PROJECT]   prints each breach as FILE:LINE: what; exit code 1 if any
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// From the ground up. A folder may include itself and what lies on a lower level.
const levels = [
  ['base'],
  ['config', 'model', 'crypto', 'resilience', 'metrics'],
  ['http', 'store', 'blob'],
  ['service', 'net'],
  ['api', 'control'],
  ['app'],
  ['cli'],
];
// Lower, yet none of their business.
const strangers = { net: ['store', 'blob'], api: ['net'] };

const heavyHeaders = [
  {
    name: 'httplib',
    include: /^httplib\.h$/,
    maxFiles: 3,
    homes: /^(src\/control\/|tests\/support\/http_client\.cpp$|tests\/conformance\/httplib_server\.cpp$)/,
  },
  { name: 'nlohmann/json', include: /^nlohmann\//, maxFiles: 3 },
  { name: 'CLI11', include: /^CLI\//, maxFiles: 1 },
  { name: 'toml++', include: /^toml\+\+\//, maxFiles: 1 },
];
// The binary prints the version of every library it is linked with, SQLite's too.
const knowsSqlite = (file) => file.startsWith('src/store/') || /^src\/cli\/version\w*\.cpp$/.test(file);
const sqliteHeader = /^(sqlite3\.h|SQLiteCpp\/)/;
const sqlText =
  /^\s*(SELECT|INSERT (OR|INTO)|REPLACE INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|PRAGMA|BEGIN|VACUUM|ATTACH|WITH)\s/;
const stringLiteral = /R"(\w*)\(([\s\S]*?)\)\1"|"((?:[^"\\\n]|\\.)*)"/g;

const level = new Map(levels.flatMap((folders, height) => folders.map((folder) => [folder, height])));
const mayUse = (from, to) => from === to || (level.get(to) < level.get(from) && !strangers[from]?.includes(to));

function sourceFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourceFiles(path);
      return /\.(h|cpp)$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

// Comments become spaces, so that offsets and line numbers stay; string literals stay as they are.
function withoutComments(text) {
  const blank = (match) => match.replace(/[^\n]/g, ' ');
  return text.replace(
    /R"(\w*)\([\s\S]*?\)\1"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (match) => (match.startsWith('/') ? blank(match) : match),
  );
}

function includesOf(text) {
  return text.split('\n').flatMap((line, index) => {
    const match = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(line);
    return match ? [{ line: index + 1, quoted: match[1] === '"', path: match[2] }] : [];
  });
}

function checkLayers(file, includes, report) {
  const [, folder, ...below] = file.split('/');
  const from = below.length ? folder : 'main';
  if (from !== 'main' && !level.has(from)) {
    report(1, `src/${from}/ has no level in the house`);
    return;
  }
  for (const { line, path } of includes.filter(({ quoted }) => quoted)) {
    const to = path.includes('/') ? path.split('/')[0] : undefined;
    if (to === 'embedded') continue; // generated from files of the source tree
    if (!level.has(to)) report(line, `"${path}" is not written from src/`);
    else if (from !== 'main' && !mayUse(from, to)) report(line, `${from}/ must not include ${to}/ ("${path}")`);
  }
}

function checkSql(file, text, includes, report) {
  if (knowsSqlite(file)) return;
  for (const { line, path } of includes) {
    if (sqliteHeader.test(path)) report(line, `<${path}> outside store/`);
  }
  for (const match of text.matchAll(stringLiteral)) {
    if (sqlText.test(match[2] ?? match[3])) {
      report(text.slice(0, match.index).split('\n').length, 'SQL outside store/');
    }
  }
}

function checkHeavyHeaders(file, includes, users, report) {
  for (const heavy of heavyHeaders) {
    const use = includes.find(({ path }) => heavy.include.test(path));
    if (!use) continue;
    if (file.endsWith('.h')) report(use.line, `${heavy.name} in a header: keep it behind a .cpp`);
    else if (heavy.homes && !heavy.homes.test(file))
      report(use.line, `${heavy.name} outside control/ and the HTTP client`);
    if (file.startsWith('src/')) users.get(heavy).push(file);
  }
}

// What CMake lets a folder see is held to the same law.
function checkLinks(project, report) {
  const path = join(project, 'CMakeLists.txt');
  if (!existsSync(path)) return;
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((text, index) => {
      const match = /^portal_library\((\w+)(?:\s+DEPS((?:\s+[a-z]+)+))?/.exec(text);
      for (const to of match?.[2]?.trim().split(/\s+/) ?? []) {
        if (!mayUse(match[1], to)) report(index + 1, `${match[1]} must not be linked with ${to}`);
      }
    });
}

/** Every breach of the law in `project`, as text. */
export function checkHouse(project) {
  const breaches = [];
  const reportTo = (file) => (line, what) => breaches.push(`${file}:${line}: ${what}`);
  const users = new Map(heavyHeaders.map((heavy) => [heavy, []]));
  for (const path of [...sourceFiles(join(project, 'src')), ...sourceFiles(join(project, 'tests'))]) {
    const file = relative(project, path);
    const text = withoutComments(readFileSync(path, 'utf8'));
    const includes = includesOf(text);
    const report = reportTo(file);
    if (file.startsWith('src/')) {
      checkLayers(file, includes, report);
      checkSql(file, text, includes, report);
    }
    checkHeavyHeaders(file, includes, users, report);
  }
  for (const [heavy, files] of users) {
    if (files.length > heavy.maxFiles) {
      breaches.push(
        `${files[0]}:1: ${heavy.name} in ${files.length} files, at most ${heavy.maxFiles}: ${files.join(' ')}`,
      );
    }
  }
  checkLinks(project, reportTo('CMakeLists.txt'));
  return breaches;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const breaches = checkHouse(resolve(process.argv[2] ?? '.'));
  for (const breach of breaches) console.error(breach);
  process.exitCode = breaches.length ? 1 : 0;
}

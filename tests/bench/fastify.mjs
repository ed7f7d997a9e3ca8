// The same read API on Fastify and better-sqlite3, with the same rows. It logs no requests by default.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { answering } from './answering.mjs';
import { contacts, filesPerJob, jobs } from './support.mjs';

const port = 9100;

/** A copy of the peer with its packages and its database, made once. */
function prepare(source, work) {
  const folder = join(work, 'peers/fastify');
  const database = join(work, 'peer.db');
  const run = (command, ...args) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  cpSync(join(source, 'fastify'), folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) {
    const npm = (...args) => run('npm', ...args, '--nodedir=/usr', '--no-audit', '--no-fund', '--silent');
    npm('install');
    npm('rebuild', 'better-sqlite3'); // newer npm runs no install scripts by itself
  }
  if (!existsSync(database)) {
    run('node', 'seed.mjs', `${database}.new`, String(contacts), String(jobs), String(filesPerJob));
    renameSync(`${database}.new`, database);
  }
  return { folder, database };
}

/** A running peer that knows the portal's token: `{base, pid, stop}`. */
export async function startFastify(source, work, token) {
  const { folder, database } = prepare(source, work);
  const hash = createHash('sha256').update(token).digest('hex');
  execFileSync('sqlite3', [database, `INSERT OR IGNORE INTO tokens VALUES (x'${hash}', 1, 'client_1')`]);
  const child = spawn('node', ['server.mjs', database, String(port)], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const base = `http://127.0.0.1:${port}`;
  await answering(`${base}/v1/health`, ended);
  return {
    base,
    pid: child.pid,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

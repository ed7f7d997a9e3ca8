// Requests a second beside what a user would pick instead, in the same run: the same read API on Fastify and
// better-sqlite3, and nginx answering from memory. Same rows, same page sizes, keep-alive, no access logs.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeStore, mustRun, project, startPortal, temporaryFolder } from '../e2e/support/portal.mjs';
import { sqlite } from '../e2e/support/store.mjs';
import { asUuid, contacts, filesPerJob, hexIds, jobs, median, person, time, writeCsv } from './support.mjs';

const fastifyPort = 9100;
const nginxPort = 9113; // its own, so that another copy of the peers may run beside this one
const nginxUrl = `http://127.0.0.1:${nginxPort}`;
const work = join(project, 'build/bench');
const jobId = (n) => `job_${String(n).padStart(6, '0')}`;
const log = (command, args, options) =>
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });

/** A copy of the peers with their packages, made once. */
function preparePeers(source) {
  const folder = join(work, 'peers');
  const fastify = join(folder, 'fastify');
  mkdirSync(work, { recursive: true });
  cpSync(source, folder, { recursive: true });
  const nginx = join(folder, 'nginx/health.conf.in');
  writeFileSync(nginx, readFileSync(nginx, 'utf8').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${nginxPort}`));
  if (!existsSync(join(fastify, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))) {
    const npm = (...args) =>
      log('npm', [...args, '--nodedir=/usr', '--no-audit', '--no-fund', '--silent'], { cwd: fastify });
    npm('install');
    npm('rebuild', 'better-sqlite3'); // newer npm runs no install scripts by itself
  }
  const database = join(work, 'peer.db');
  if (!existsSync(database)) {
    log('node', ['seed.mjs', `${database}.new`, String(contacts), String(jobs), String(filesPerJob)], { cwd: fastify });
    renameSync(`${database}.new`, database);
  }
  return { folder, fastify, database };
}

/** A store with the peer's rows. The files of all jobs but the first share its blobs. */
async function prepareStore() {
  const { dataDir, token } = await makeStore();
  const folder = temporaryFolder();
  const at = ['--tenant', 'acme', '--data-dir', dataDir, '--quiet'];
  const ids = hexIds(contacts);
  await writeCsv(join(folder, 'contacts.csv'), 'id,name,email,phone,company,created_at,updated_at', contacts, (n) =>
    [asUuid(ids[n]), person(n), time(n).toISOString(), time(n).toISOString()].join(','),
  );
  await mustRun(['import', 'contacts', join(folder, 'contacts.csv'), ...at]);
  await writeCsv(join(folder, 'jobs.csv'), 'id,title,status,created_at,updated_at', jobs, (n) =>
    [
      jobId(n + 1),
      `Roof replacement ${n + 1}`,
      ['scheduled', 'in_progress', 'completed'][(n + 1) % 3],
      time(n).toISOString(),
      time(n).toISOString(),
    ].join(','),
  );
  await mustRun(['import', 'jobs', join(folder, 'jobs.csv'), ...at]);
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let k = 0; k < filesPerJob; k += 1) writeFileSync(join(files, `document_${k}.pdf`), `%PDF-1.4 document ${k}\n`);
  await mustRun(['file', 'put', '--job', jobId(1), ...at, files]);
  sqlite(
    dataDir,
    `INSERT INTO files (tenant_id, job_id, id, name, kind, content_type, size_bytes, sha256, created_at)
       SELECT f.tenant_id, j.id, f.id || '_' || j.row_id, f.name, f.kind, f.content_type, f.size_bytes, f.sha256, f.created_at
       FROM jobs j, files f WHERE f.job_id = '${jobId(1)}' AND j.id <> '${jobId(1)}';
     UPDATE jobs SET file_count = ${filesPerJob};`,
  );
  return { dataDir, token };
}

/** `compare` of two URLs: the median of the pairwise ratios of requests a second, and both rates. */
function compare(peers, token, a, b, { rounds = 3, seconds = 4 } = {}) {
  const credentials = token ? ['-H', `Authorization: Bearer ${token}`] : [];
  const output = execFileSync(
    join(peers.folder, 'compare'),
    ['-c', '32', '-d', String(seconds), '-n', String(rounds), ...credentials, a, b],
    { encoding: 'utf8' },
  );
  const [, rateA] = /^A (\S+)/m.exec(output);
  const [, rateB] = /^B (\S+)/m.exec(output);
  const [, ratio] = /^A\/B (\S+)/m.exec(output);
  return { rateA: Math.round(rateA), rateB: Math.round(rateB), ratio: Number(ratio) };
}

async function answering(url) {
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await wait(20);
  }
  throw new Error(`nothing answers at ${url}`);
}

/** What the first request at a deep offset costs after the tenant's data changed, and the ones after it. */
async function deepOffset(portal, dataDir, token) {
  const target = '/v1/contacts?limit=50&offset=90000';
  const ask = async () => {
    const start = process.hrtime.bigint();
    const { status } = await portal.request(target, { token });
    if (status !== 200) throw new Error(`${target}: ${status}`);
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const cold = [];
  const warm = [];
  for (let round = 0; round < 5; round += 1) {
    const row = `id,name\n${asUuid('f'.repeat(32))},Round ${round}\n`;
    await mustRun(['import', 'contacts', '-', '--tenant', 'acme', '--data-dir', dataDir, '--quiet'], { input: row });
    cold.push(await ask());
    for (let i = 0; i < 20; i += 1) warm.push(await ask());
  }
  return { cold: median(cold), warm: median(warm) };
}

export async function measurePeers(source) {
  const peers = preparePeers(source);
  const { dataDir, token } = await prepareStore();
  const hash = createHash('sha256').update(token).digest('hex');
  execFileSync('sqlite3', [peers.database, `INSERT OR IGNORE INTO tokens VALUES (x'${hash}', 1, 'client_1')`]);

  const portal = await startPortal({ dataDir, args: ['--log-access', 'false'] });
  const fastify = spawn('node', ['server.mjs', peers.database, String(fastifyPort)], {
    cwd: peers.fastify,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const environment = { ...process.env, PEER_RUN: join(work, 'nginx') };
  let nginxRuns = false;
  try {
    rmSync(environment.PEER_RUN, { recursive: true, force: true });
    log(join(peers.folder, 'nginx/start'), [join(peers.folder, 'nginx')], { env: environment });
    nginxRuns = true;
    await answering(`http://127.0.0.1:${fastifyPort}/v1/health`);
    await answering(`${nginxUrl}/v1/health`);

    for (const target of ['/v1/contacts?limit=50', '/v1/jobs?limit=50', `/v1/jobs/${jobId(1)}/files?limit=20`]) {
      const { rateA, rateB, ratio } = compare(
        peers,
        token,
        portal.base + target,
        `http://127.0.0.1:${fastifyPort}${target}`,
      );
      console.log(`${target}: ${rateA} req/s, fastify ${rateB}, ratio ${ratio.toFixed(2)}`);
    }
    const deep = compare(
      peers,
      token,
      `${portal.base}/v1/contacts?limit=50`,
      `${portal.base}/v1/contacts?limit=50&offset=90000`,
    );
    console.log(
      `/v1/contacts?limit=50&offset=90000: ${deep.rateB} req/s, ${deep.ratio.toFixed(2)} times the first page's cost`,
    );
    const { cold, warm } = await deepOffset(portal, dataDir, token);
    console.log(`the same, first after a change: ${cold.toFixed(1)} ms, then ${warm.toFixed(2)} ms a request`);
    // Three busy processes share the cores here, so that single pairs vary widely: more of them, then.
    for (const [what, credentials] of [
      ['/v1/health', undefined],
      ['/v1/health with a bearer token', token],
    ]) {
      const options = { rounds: 7, seconds: 2 };
      const health = compare(peers, credentials, `${portal.base}/v1/health`, `${nginxUrl}/v1/health`, options);
      console.log(`${what}: ${health.rateA} req/s, nginx ${health.rateB}, ratio ${health.ratio.toFixed(2)}`);
    }
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${portal.pid}/status`, 'utf8'))[1];
    console.log(`after all of that: ${(resident / 1024).toFixed(1)} MiB resident`);
  } finally {
    fastify.kill();
    if (nginxRuns) log(join(peers.folder, 'nginx/stop'), [], { env: environment });
    await portal.stop();
  }
}

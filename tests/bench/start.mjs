// From the start of the process to its first 200, and the memory it then keeps.
import { spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { binary, mustRun, startPortal, temporaryFolder } from '../e2e/support/portal.mjs';
import { residentMebibytes } from '../e2e/support/process.mjs';
import { median } from './support.mjs';

const rounds = 9;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const healthy = (port) =>
  new Promise((done) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/v1/health', agent: false }, (response) => {
      response.resume().on('end', () => done(response.statusCode === 200));
    });
    request.on('error', () => done(false));
  });

async function startOnce(args, look) {
  const port = await freePort();
  const start = process.hrtime.bigint();
  const listen = ['--listen', `127.0.0.1:${port}`, '--control-listen', '127.0.0.1:0'];
  const child = spawn(binary, ['serve', ...listen, '--log-level', 'error', ...args], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', done));
  while (!(await healthy(port))) await wait(1);
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  look?.(child.pid);
  child.kill('SIGTERM');
  await ended;
  return milliseconds;
}

export async function measureStart() {
  const dataDir = join(temporaryFolder(), 'demo');
  await (await startPortal({ dataDir, seed: true })).stop();
  await mustRun(['tenant', 'list', '--data-dir', dataDir]);
  const cases = [
    ['with the demo data (a new store each time)', ['--seed']],
    ['with a ready data folder', ['--data-dir', dataDir]],
  ];
  for (const [name, args] of cases) {
    const times = [];
    const resident = [];
    const look = (pid) => resident.push(residentMebibytes(pid));
    for (let round = 0; round < rounds; round += 1) times.push(await startOnce(args, look));
    console.log(
      `start ${name}: ${median(times).toFixed(0)} ms to the first 200 (median of ${rounds}), then ${median(resident).toFixed(1)} MiB resident`,
    );
  }
}

// The real Prometheus with the files of packaging/monitoring: only addresses and intervals are other ones.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pack } from './monitoring.mjs';
import { temporaryFolder } from './portal.mjs';
import { freePort } from './proxy.mjs';

const patience = 20_000;

function configuration(targets, job) {
  let text = readFileSync(join(pack, 'prometheus.yml'), 'utf8');
  const replacements = [
    ["['127.0.0.1:3000']", JSON.stringify(targets)],
    ['127.0.0.1:9093', '127.0.0.1:1'], // nobody is to hear of a test's alerts
    ['interval: 15s', 'interval: 1s'],
    ['rules/*.yml', join(pack, 'rules/*.yml')],
    ['job_name: portal-api\n', `job_name: portal-api\n${job}`],
  ];
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`prometheus.yml has no "${from}"`);
    text = text.replaceAll(from, () => to);
  }
  return text;
}

function get(url) {
  return new Promise((done, failed) => {
    http
      .get(url, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => done({ status: response.statusCode, text }));
      })
      .on('error', failed);
  });
}

class Prometheus {
  constructor(child, base) {
    Object.assign(this, { child, base, log: '', over: false });
    child.stderr.setEncoding('utf8').on('data', (text) => (this.log += text));
    this.ended = new Promise((done) => {
      child.once('error', done);
      child.once('exit', done);
    });
    this.ended.then(() => (this.over = true));
  }

  /** The result of an instant query: `[{metric, value: [time, text]}, …]`. */
  async query(expression) {
    const { text } = await get(`${this.base}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const answer = JSON.parse(text);
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result;
  }

  /** Resolves with the result once it has rows, all of which pass. */
  async answers(expression, passes = () => true) {
    let rows = [];
    for (const end = Date.now() + patience; Date.now() < end && !this.over; await wait(100)) {
      rows = await this.query(expression);
      if (rows.length > 0 && rows.every(passes)) return rows;
    }
    const { data } = JSON.parse((await get(`${this.base}/api/v1/targets`)).text);
    const scrapes = data.activeTargets.map(({ scrapeUrl, health, lastError }) => `${scrapeUrl} ${health} ${lastError}`);
    throw new Error(`${expression}: ${JSON.stringify(rows)}; ${scrapes}\n${this.log.slice(-2000)}`);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

/** A Prometheus that scrapes these targets once a second; `job` is more YAML of the scrape job. */
export async function startPrometheus(targets, job = '') {
  const folder = temporaryFolder();
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, configuration(targets, job));
  const port = await freePort();
  const options = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...options, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`);
  for (const end = Date.now() + patience; Date.now() < end && !prometheus.over; await wait(50)) {
    const ready = await get(`${prometheus.base}/-/ready`).catch(() => ({}));
    if (ready.status === 200) return prometheus;
  }
  throw new Error(`prometheus does not start: ${prometheus.log}`);
}

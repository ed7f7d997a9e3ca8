// Starts the binary, stops it, runs its commands, and asks it over HTTP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ample } from './budgets.mjs';

export const project = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const binary = resolve(process.env.PORTAL_BINARY ?? join(project, 'build/release/portal-appliance'));

// The names of the demo data (contract, "The demo data").
export const demo = {
  token: 'prod_token',
  adminToken: 'admin_token',
  feedToken: 'feed_token',
  otherToken: 'different_tenant_token',
  contact: '550e8400-e29b-41d4-a716-446655440000',
  job: 'job_prod_test',
  file: 'file_prod001',
  fileName: 'production_document.pdf',
  fileSize: 2_457_600,
  contacts: 1247,
  jobs: 342,
};

const patience = 15_000;

// A test that fails half-way leaves neither processes nor folders. One that passes has stopped what it started: `stop`
// is where its end and its log are looked at.
const running = new Set();
const folders = [];
process.once('exit', () => {
  if (running.size > 0 && !process.exitCode) {
    process.exitCode = 1;
    for (const { pid, spawnargs } of running) console.error(`left running: ${pid}: ${spawnargs.join(' ')}`);
  }
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the process does. */
export function temporaryFolder(parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, 'portal-e2e-'));
  folders.push(folder);
  return folder;
}

// The machine's own PORTAL_ variables are configuration too; tests say what they want themselves. Portals that listen
// elsewhere than on a free port would all want the same one for their control plane. Most tests send more requests than a
// client may, so that budgets are far away for all but those that say `limited` in their environment (see budgets.mjs).
function cleanEnvironment(args, extra) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PORTAL_'));
  const serving = args[0] === 'serve' ? { PORTAL_CONTROL_LISTEN: '127.0.0.1:0', ...ample } : {};
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', ...serving, ...extra };
}

/**
 * Starts a command of the binary and does not wait. `prefix` runs it under another program, such as strace; `passed`
 * are the listening servers whose sockets it gets as its descriptors from 3 on.
 */
export function spawnPortal(args, { env, cwd, prefix = [], passed = [] } = {}) {
  const [command, ...rest] = [...prefix, binary, ...args];
  const stdio = ['pipe', 'pipe', 'pipe', ...passed.map((server) => server._handle.fd)];
  const child = spawn(command, rest, { env: cleanEnvironment(args, env), cwd, stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  child.stdin.on('error', () => {}); // a command may end before it has read all of its input
  const ended = new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal, ...output }));
  });
  return { child, output, ended };
}

/** Resolves with all that a process from `spawnPortal` has said on a stream, once it matches. */
function said({ child, output, ended }, pattern, stream) {
  return new Promise((done, failed) => {
    const settle = (finish, value) => {
      clearTimeout(timer);
      child[stream].off('data', check);
      finish(value);
    };
    const check = () => pattern.test(output[stream]) && settle(done, output[stream]);
    const fail = (how) => settle(failed, new Error(`${how} ${pattern}: ${output[stream]}`));
    const timer = setTimeout(() => fail('not in time:'), patience);
    child[stream].on('data', check);
    ended.then(({ code, signal }) => fail(`it ended (${code ?? signal}) without`), failed);
    check();
  });
}

/** Resolves with all that it has logged, once it matches. */
export const logged = (started, pattern) => said(started, pattern, 'stderr');

/** Runs a command of the binary to its end: `{code, signal, stdout, stderr}`. */
export function runPortal(args, { input = '', timeout = 60_000, ...options } = {}) {
  const { child, ended } = spawnPortal(args, options);
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
  return ended.finally(() => clearTimeout(timer));
}

/** As runPortal, and the command must succeed. */
export async function mustRun(args, options) {
  const result = await runPortal(args, options);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result;
}

/** Resolves with the file's text once it ends in a newline, or fails when `ended` settles first. */
export function fileText(file, ended) {
  return new Promise((done, failed) => {
    const check = () => {
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (!text.endsWith('\n')) return;
      close();
      done(text);
    };
    const watcher = watch(dirname(file), check);
    const timer = setTimeout(() => {
      close();
      failed(new Error(`${file} was not written in time`));
    }, patience);
    const close = () => {
      watcher.close();
      clearTimeout(timer);
    };
    ended.then(({ code, signal, stderr }) => {
      close();
      failed(new Error(`the portal ended (${code ?? signal}) before it answered: ${stderr}`));
    }, failed);
    check();
  });
}

/** A running portal. */
class Portal {
  constructor(port, controlPort, started) {
    this.port = port;
    this.base = `http://127.0.0.1:${port}`;
    this.controlPort = controlPort; // undefined without a control plane on a port
    this.controlBase = controlPort && `http://127.0.0.1:${controlPort}`;
    this.started = started;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  }

  get pid() {
    return this.started.child.pid;
  }
  /** What it has logged so far. */
  get log() {
    return this.started.output.stderr;
  }

  /** Resolves with all of its stdout, once it matches. */
  said(pattern) {
    return said(this.started, pattern, 'stdout');
  }
  /** Resolves with all of its log, once it matches. */
  logged(pattern) {
    return logged(this.started, pattern);
  }

  /** As `request`, of the control plane. A `body` that is no text and no bytes is sent as JSON. */
  control(target, { method = 'GET', token = demo.adminToken, headers = {}, body } = {}) {
    const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const raw = isRaw ? body : JSON.stringify(body);
    const all = isRaw ? headers : { 'Content-Type': 'application/json', ...headers };
    return this.request(target, { method, token, headers: all, body: raw, port: this.controlPort });
  }

  /** The answer to `target`, sent as it is: `{status, headers, rawHeaders, body, text, json}`. */
  request(target, { method = 'GET', token, headers = {}, body, port = this.port } = {}) {
    const url = target.startsWith('http') ? new URL(target) : undefined;
    const path = url ? target.slice(url.origin.length) : target;
    const all = token ? { Authorization: `Bearer ${token}`, ...headers } : { ...headers };
    if (body !== undefined) all['Content-Length'] ??= Buffer.byteLength(body);
    return new Promise((done, failed) => {
      const options = { host: '127.0.0.1', port, path, method, headers: all, agent: this.agent };
      const request = http.request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          done({
            status: response.statusCode,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body,
            text: body.toString(),
            get json() {
              return JSON.parse(this.text);
            },
          });
        });
      });
      request.setTimeout(patience, () => request.destroy(new Error(`no answer to ${method} ${target}`)));
      request.on('error', failed);
      request.end(body);
    });
  }

  /** The row of a job's file, with a fresh signed URL. */
  async fileRow({ job = demo.job, file = demo.file, token = demo.token, query = '' } = {}) {
    const answer = await this.request(`/v1/jobs/${job}/files/${file}${query}`, { token });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  kill(signal) {
    this.started.child.kill(signal);
    return this.started.ended;
  }

  /** Ends it as an operator would; what it logged must hold no secret. */
  async stop() {
    this.agent.destroy();
    const end = await this.kill('SIGTERM');
    assert.equal(end.code, 0, `exit code after SIGTERM: ${end.code ?? end.signal}\n${end.stderr.slice(-2000)}`);
    assert.doesNotMatch(end.stderr, /signature=|(prod|load|feed|admin|different_tenant)_token/);
    return end;
  }
}

/** Starts a portal with the demo data, or on `dataDir`, on a free port. */
export async function startPortal({ dataDir, seed = dataDir === undefined, args = [], portFile, ...options } = {}) {
  portFile ??= join(temporaryFolder(), 'port');
  const controlPortFile = `${portFile}.control`;
  const all = ['serve', '--listen', '127.0.0.1:0', '--port-file', portFile];
  all.push('--control-port-file', controlPortFile, ...args);
  if (seed) all.push('--seed');
  if (dataDir !== undefined) all.push('--data-dir', dataDir);
  const started = spawnPortal(all, options);
  try {
    const port = Number((await fileText(portFile, started.ended)).split('\n')[0]);
    // It was written before the other, and is not there without a control plane.
    const controlPort = existsSync(controlPortFile) ? Number(readFileSync(controlPortFile, 'utf8')) : undefined;
    return new Portal(port, controlPort, started);
  } catch (error) {
    started.child.kill('SIGKILL');
    throw error;
  }
}

/** An answer's headers but for those that tell any two answers apart: its time, its id, and what its budget has left. */
export function stableHeaders({ headers }) {
  const {
    date,
    'x-request-id': id,
    ratelimit,
    'x-ratelimit-remaining': left,
    'x-ratelimit-reset': reset,
    ...rest
  } = headers;
  return rest;
}

/** An empty store with one tenant, a client and its token, ready for imports. */
export async function makeStore({ tenant = 'acme', parent } = {}) {
  const dataDir = join(temporaryFolder(parent), 'data');
  await mustRun(['tenant', 'create', tenant, '--data-dir', dataDir]);
  await mustRun(['client', 'create', '--tenant', tenant, '--id', `${tenant}_client`, '--data-dir', dataDir]);
  const made = await mustRun(['token', 'create', '--client', `${tenant}_client`, '--data-dir', dataDir, '--json']);
  return { dataDir, token: JSON.parse(made.stdout).token, client: `${tenant}_client` };
}

// The real nginx and HAProxy, with the snippets of packaging/proxy: only places and ports are other ones.
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { project, temporaryFolder } from './portal.mjs';

const name = 'portal.example.com';
const patience = 15_000;

/** The snippet with each of the texts replaced, all of which it must have. */
function snippet(file, replacements) {
  let text = readFileSync(join(project, 'packaging/proxy', file), 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function makeCertificate(folder) {
  const [cert, key] = ['cert.pem', 'key.pem'].map((file) => join(folder, file));
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '1'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const options = ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert];
  execFileSync('openssl', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  return { cert, key };
}

/** A port of loopback that nobody has, and that nobody gets who asks the system for any: those are higher ones. */
export async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const server = net.createServer();
    const isFree = await new Promise((done) =>
      server
        .once('error', () => done(false))
        .once('close', () => done(true))
        .listen(port, '127.0.0.1', () => server.close()),
    );
    if (isFree) return port;
  }
}

/** Resolves once somebody listens there. */
async function listening(port, ended) {
  let over = false;
  ended.then(() => (over = true));
  for (const end = Date.now() + patience; Date.now() < end && !over; await wait(10)) {
    const connected = await new Promise((done) => {
      const socket = net.connect({ port, host: '127.0.0.1' });
      socket.on('error', () => done(false));
      socket.on('connect', () => {
        socket.destroy();
        done(true);
      });
    });
    if (connected) return;
  }
  throw new Error(`nobody listens on ${port}`);
}

/** A proxy that runs. Clients come to it from an address of their own. */
class Proxy {
  constructor({ child, ended, port, ca, log, folder }) {
    Object.assign(this, { child, ended, port, ca, log, folder, name });
  }

  /** `{status, headers, body}` of what the proxy answers to `target`. */
  request(target, { method = 'GET', headers = {}, from = '127.0.0.77', take = Infinity } = {}) {
    const path = target.startsWith('https://') ? target.slice(`https://${name}`.length) : target;
    const { port, ca } = this;
    const all = { Host: name, ...headers };
    const options = { host: '127.0.0.1', port, ca, servername: name, localAddress: from, path, method, headers: all };
    return new Promise((done, failed) => {
      const request = https.request({ ...options, agent: false }, (response) => {
        const chunks = [];
        const { statusCode: status, headers: fields } = response;
        const finish = () => done({ status, headers: fields, body: Buffer.concat(chunks) });
        response.on('data', (chunk) => {
          chunks.push(chunk);
          if (Buffer.concat(chunks).length < take) return;
          response.destroy();
          finish();
        });
        response.on('end', finish);
        response.on('error', failed);
      });
      request.setTimeout(patience, () => request.destroy(new Error(`no answer to ${method} ${path}`)));
      request.on('error', failed);
      request.end();
    });
  }

  /** Ends it and returns all that it has logged. */
  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
    return this.log();
  }
}

function run(command, args, port) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return listening(port, ended).then(
    () => ({ child, ended, port, output: () => output }),
    (error) => {
      throw new Error(`${command}: ${error.message}\n${output}`);
    },
  );
}

async function startNginx(portalPort) {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder);
  const port = await freePort();
  const logs = ['access.log', 'error.log', 'main.log'].map((file) => join(folder, file));
  for (const log of logs) appendFileSync(log, '');
  const site = snippet('nginx.conf', [
    ['127.0.0.1:3000', `127.0.0.1:${portalPort}`],
    ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
    ['/etc/ssl/portal.example.com.pem', cert],
    ['/etc/ssl/portal.example.com.key', key],
    ['/var/log/nginx/portal.log', logs[0]],
    ['/var/log/nginx/portal-error.log', logs[1]],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  const user = process.getuid() === 0 ? 'user root;' : '';
  const main = `${user} daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${logs[2]} info;
    events {} http { ${temporary.join(' ')} ${site} }`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, main);
  const started = await run('nginx', ['-c', file, '-e', logs[2]], port);
  const log = () => logs.map((each) => readFileSync(each, 'utf8')).join('') + started.output();
  return new Proxy({ ...started, ca: readFileSync(cert), log, folder });
}

async function startHaproxy(portalPort) {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder);
  const both = join(folder, 'both.pem');
  writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  const replacements = [
    ['127.0.0.1:3000', `127.0.0.1:${portalPort}`],
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['/etc/haproxy/portal.example.com.pem', both],
    ['/dev/log local0', 'stdout format raw local0'],
  ];
  writeFileSync(file, snippet('haproxy.cfg', replacements));
  const started = await run('haproxy', ['-db', '-f', file], port);
  return new Proxy({ ...started, ca: readFileSync(cert), log: started.output, folder });
}

export const proxies = { nginx: startNginx, haproxy: startHaproxy };

// nginx as the peer's configuration has it: two workers, a health answer from memory, a folder behind secure_link.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering } from './answering.mjs';

// Its own ports, so that another copy of the peers may run beside this one.
const port = 9113;
const tlsPort = 9114;

/** The peer's configuration with the access log where nginx has it by default, on in a file, unless `log` is false.
 * `certificate` adds a TLS listener: 1.2 and 1.3, which this nginx has to be told, and a session cache for nobody,
 * since tickets, its default, need none. */
function configuration(source, { run, folder, certificate, log }) {
  const replaced = (text, what, by) => {
    if (!text.includes(what)) throw new Error(`the peer's nginx configuration has no "${what}" any more`);
    return text.replaceAll(what, by);
  };
  let text = readFileSync(join(source, 'nginx/health.conf.in'), 'utf8');
  text = replaced(text, '@RUN@', run);
  text = replaced(text, '@FOLDER@', folder);
  if (log) text = replaced(text, 'access_log off;', `access_log ${join(run, 'access.log')};`);
  const tls = certificate
    ? `listen 127.0.0.1:${tlsPort} ssl backlog=1024;
       ssl_certificate ${certificate.cert};
       ssl_certificate_key ${certificate.key};
       ssl_protocols TLSv1.2 TLSv1.3;`
    : '';
  return replaced(text, 'listen 127.0.0.1:9103 backlog=1024;', `listen 127.0.0.1:${port} backlog=1024;\n${tls}`);
}

/** A running nginx: `{base, tlsBase, pid, signed(name), before, stop}`. */
export async function startNginx(source, run, { folder, certificate, log = true }) {
  rmSync(run, { recursive: true, force: true });
  mkdirSync(run, { recursive: true });
  const file = join(run, 'nginx.conf');
  writeFileSync(file, configuration(source, { run, folder, certificate, log }));
  const child = spawn('nginx', ['-c', file, '-e', join(run, 'error.log'), '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  const base = `http://127.0.0.1:${port}`;
  await answering(`${base}/v1/health`, ended);
  return {
    base,
    tlsBase: `https://127.0.0.1:${tlsPort}`,
    tlsPort,
    pid: child.pid,
    /** The target under which the folder's file can be fetched for an hour. */
    signed(name) {
      const expires = Math.floor(Date.now() / 1000) + 3600;
      const signature = createHash('md5').update(`${expires}/files/${name} peer-key`).digest('base64url');
      return `/files/${name}?signature=${signature}&expires=${expires}`;
    },
    /** Keeps the log from filling the disk; nginx appends. */
    before: () => log && truncateSync(join(run, 'access.log')),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

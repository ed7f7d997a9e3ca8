// The servers of the comparison, each with short deadlines, on addresses that nobody else has.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { binary, startPortal, temporaryFolder } from '../e2e/support/portal.mjs';

/** A peer: `{name, title, address, stop}`; `title` has its version. */
export async function startPortalPeer() {
  const portal = await startPortal({ args: ['--net-head-timeout', '1s'] });
  const address = { port: portal.port, host: '127.0.0.1' };
  return { name: 'portal', title: 'the portal', address, stop: () => portal.stop() };
}

export async function startHttplib() {
  const program = join(dirname(binary), 'tests/conformance_httplib');
  if (!existsSync(program)) throw new Error(`${program} is missing: build the tests first`);
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [version, port] = await firstLines(child, 2);
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  return { name: 'httplib', title: `cpp-httplib ${version}`, address: { port: Number(port), host: '127.0.0.1' }, stop };
}

async function firstLines(child, many) {
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (lines.push(line) === many) return lines;
  }
  throw new Error(`${child.spawnfile} ended before it said where it listens`);
}

const nginxConfiguration = (folder) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_header_timeout 1s;
  client_body_timeout 1s;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen unix:${folder}/socket;
    location / {
      add_header X-Request-Id $http_x_request_id always;
      return 200 "ok\\n";
    }
  }
}
`;

export async function startNginx() {
  const said = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  if (said.error) throw new Error('nginx is missing: install the package nginx-light', { cause: said.error });
  const version = /nginx\/(\S+)/.exec(said.stderr)[1];
  const folder = temporaryFolder();
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, nginxConfiguration(folder));
  const listening = appears(join(folder, 'pid')); // written once it listens
  const child = spawn('nginx', ['-c', configuration, '-e', join(folder, 'error.log')], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`nginx ended (${code}): ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
  });
  await Promise.race([listening, failed]);
  failed.catch(() => {}); // from here on it is meant to end
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { name: 'nginx', title: `nginx ${version}`, address: { path: join(folder, 'socket') }, stop };
}

function appears(file) {
  return new Promise((done) => {
    const check = () => {
      if (!existsSync(file)) return;
      watcher.close();
      done();
    };
    const watcher = watch(dirname(file), check);
    check();
  });
}

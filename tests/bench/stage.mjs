// What the measurements share: the filled store, the peers, and a portal as a user would run it.
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project, startPortal } from '../e2e/support/portal.mjs';
import { makeCertificate } from './certificate.mjs';
import { startFastify } from './fastify.mjs';
import { blobFolder, fillStore } from './filled_store.mjs';
import { startNginx } from './nginx.mjs';

const work = join(project, 'build/bench');

export class Stage {
  #store;
  #certificate;

  constructor({ peers, rounds, seconds, table, scale }) {
    Object.assign(this, { peers, rounds, seconds, table, scale, work });
    mkdirSync(work, { recursive: true });
  }

  /** How long and how often; parts add their own connections. */
  get load() {
    return { rounds: this.rounds, seconds: this.seconds };
  }

  async store() {
    return (this.#store ??= await fillStore(await blobFolder(work)));
  }

  /** One ECDSA P-256 certificate for both sides: `{cert, key}`. */
  certificate() {
    return (this.#certificate ??= makeCertificate(work));
  }

  /**
   * A portal with two loops and its access log, unless `log` is false, in a file on disk beside nginx's. Two that run at
   * once need a `store` and a `name` each. `program`: in place of the binary.
   */
  async startPortal({ store, name = 'portal', program, args = [], env = {}, tls = false, log = true } = {}) {
    const { dataDir, token } = store ?? (await this.store());
    const file = join(work, `${name}.log`);
    writeFileSync(file, '');
    const pair = tls ? ['--tls-cert', this.certificate().cert, '--tls-key', this.certificate().key] : [];
    const portal = await startPortal({
      dataDir,
      args: ['--net-loops', '2', '--log-access', String(log), ...pair, ...args],
      prefix: ['sh', '-c', 'exec "${BENCH_PROGRAM:-$0}" "$@" 2>>"$BENCH_LOG"'],
      env: { BENCH_LOG: file, ...(program && { BENCH_PROGRAM: program }), ...env },
    });
    if (tls) portal.base = portal.base.replace('http:', 'https:');
    portal.credentials = [`Authorization: Bearer ${token}`];
    portal.before = () => truncateSync(file);
    return portal;
  }

  async startNginx(options = {}) {
    return startNginx(this.peers, join(work, 'nginx'), { folder: await blobFolder(work), ...options });
  }

  async startFastify() {
    return startFastify(this.peers, work, (await this.store()).token);
  }
}

// Terminals, for what people run on one.
import { spawn } from 'node:child_process';

const patience = 20_000;

export class Terminal {
  #child;
  #answered = 0;
  #waiting = new Set();
  /** All it has shown so far. */
  shown = '';

  /** Runs lines of sh(1) on a terminal of its own, whose first process is their shell: it sees each key's signal. */
  constructor(lines, { env = process.env, cwd } = {}) {
    const options = { env: { ...env, SHELL: '/bin/sh' }, cwd, timeout: patience };
    this.#child = spawn('script', ['--quiet', '--return', '--command', lines, '/dev/null'], options);
    this.#child.stdin.on('error', () => {}); // what is typed when it has just ended
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.shown += text;
      for (const look of this.#waiting) look();
    });
    /** Resolves with the lines' exit code, when all is shown. */
    this.ended = new Promise((done, failed) => this.#child.on('error', failed).on('close', done));
  }

  /** Resolves once what it has shown since something was typed matches. */
  shows(pattern) {
    return new Promise((done, failed) => {
      const settle = (finish) => {
        this.#waiting.delete(look);
        finish();
      };
      const look = () => pattern.test(this.shown.slice(this.#answered)) && settle(done);
      this.ended.then(() => settle(() => failed(new Error(`it ended without ${pattern}: ${this.shown}`))), failed);
      this.#waiting.add(look);
      look();
    });
  }

  type(text) {
    this.#answered = this.shown.length;
    this.#child.stdin.write(text);
  }

  /** It goes away, as when its window is closed. */
  hangUp() {
    this.#child.kill('SIGKILL');
  }
}

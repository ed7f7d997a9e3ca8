// A real browser without a window, told what to do over a pipe (Chrome DevTools protocol).
import { spawn } from 'node:child_process';
import { temporaryFolder } from './portal.mjs';

const patience = 20_000;

// Every name leads here, so that pages can have any origin.
const options = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--host-resolver-rules=MAP * 127.0.0.1',
  '--no-proxy-server',
  '--no-first-run',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-features=HttpsUpgrades',
];

class Chromium {
  constructor(child) {
    this.child = child;
    this.ended = new Promise((done) => child.once('exit', done));
    this.calls = new Map();
    this.events = new Map();
    this.lastId = 0;
    let text = '';
    child.stdio[4].setEncoding('utf8').on('data', (chunk) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop();
      for (const message of messages) this.#take(JSON.parse(message));
    });
    child.stdio[3].on('error', () => {}); // it has ended, which the calls hear of
    this.ended.then(() => {
      for (const { failed } of this.calls.values()) failed(new Error('chromium has ended'));
    });
  }

  /** Opens a page, waits until it is loaded, and returns what the expression's promise resolves to there. */
  async evaluate(url, expression, { bypassPolicy = false } = {}) {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    const tell = (method, parameters) => this.#call(method, parameters, sessionId);
    await tell('Page.enable');
    if (bypassPolicy) await tell('Page.setBypassCSP', { enabled: true });
    const loaded = new Promise((done) => this.events.set(`${sessionId} Page.loadEventFired`, done));
    const { errorText } = await tell('Page.navigate', { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
    const { result, exceptionDetails } = await tell('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    await this.#call('Target.closeTarget', { targetId });
    if (exceptionDetails) throw new Error(`${url}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  async stop() {
    await this.#call('Browser.close');
    await this.ended;
  }

  #call(method, params = {}, sessionId = undefined) {
    const id = ++this.lastId;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`chromium does not answer ${method}`)), patience);
      const settled = (how) => (what) => {
        clearTimeout(timer);
        this.calls.delete(id);
        how(what);
      };
      this.calls.set(id, { done: settled(done), failed: settled(failed) });
      this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #take({ id, method, result, error, sessionId }) {
    if (id === undefined) {
      this.events.get(`${sessionId} ${method}`)?.();
      return;
    }
    const call = this.calls.get(id);
    if (error) call?.failed(new Error(error.message));
    else call?.done(result);
  }
}

export function startChromium() {
  const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : []; // root has none
  const child = spawn('chromium', [...options, ...sandbox, `--user-data-dir=${temporaryFolder()}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return new Chromium(child);
}

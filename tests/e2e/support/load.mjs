// Requests that come when they are due, whether or not those before them have been answered, and what came of them.
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const patience = 15_000;
const mostLateMs = 50;

/** The value that so many of a hundred do not exceed. */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** A client of the portal: its token, and connections that nobody else uses. */
export class LoadClient {
  agent = new http.Agent({ keepAlive: true });

  constructor(token) {
    this.token = token;
  }
}

export class Load {
  sent = []; // {endpoint, at, late}: when, in milliseconds of performance.now(), and how long after it was due
  answered = []; // {endpoint, at, took}: how long it took since it was due
  failures = []; // what was not as expected, in words

  constructor(portal) {
    this.portal = portal;
  }

  /** How many requests an endpoint was sent, or has answered, until then. */
  sentBy(endpoint, time = Infinity) {
    return this.sent.filter((one) => one.endpoint === endpoint && one.at <= time).length;
  }
  answeredBy(endpoint, time = Infinity) {
    return this.answered.filter((one) => one.endpoint === endpoint && one.at <= time).length;
  }
  get endpoints() {
    return [...new Set(this.sent.map(({ endpoint }) => endpoint))].sort();
  }
  /** By how many milliseconds a request was late at the most: this machine's fault, not the portal's. */
  get mostLate() {
    return this.sent.reduce((most, { late }) => Math.max(most, late), 0);
  }
  /** How long its answers took, in milliseconds; of those only that this machine did not send late itself. */
  durations(endpoint) {
    return this.answered.filter((one) => one.endpoint === endpoint && one.late < mostLateMs).map(({ took }) => took);
  }

  /**
   * Sends one: `target`, the label of its `endpoint`, the `status` that is expected, `bearer: false` where it goes without
   * the client's token, and `heard`, which is told of the answer and throws if that is not right.
   */
  async send(client, { endpoint, target, headers = {}, status = 200, bearer = true, heard }, due = performance.now()) {
    const credentials = bearer ? { Authorization: `Bearer ${client.token}` } : {};
    const now = performance.now();
    this.sent.push({ endpoint, at: now, late: now - due });
    try {
      const answer = await this.#answerTo(client.agent, target, { ...credentials, ...headers });
      const at = performance.now();
      this.answered.push({ endpoint, at, took: at - due, late: now - due });
      if (answer.status === status) heard?.(answer);
      else this.failures.push(`${target}: ${answer.status} ${answer.body.toString().slice(0, 500)}`);
    } catch (error) {
      this.failures.push(`${target}: ${error.message}`);
    }
  }

  #answerTo(agent, path, headers) {
    return new Promise((done, failed) => {
      const request = http.get({ host: '127.0.0.1', port: this.portal.port, path, headers, agent }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', failed);
        response.on('end', () => {
          done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
        });
      });
      request.setTimeout(patience, () => request.destroy(new Error('no answer')));
      request.on('error', failed);
    });
  }

  /**
   * Lets all streams run for so many seconds. Each is `{perSecond, clients, mix}`: its requests are due at even
   * intervals, go to its clients in turn, and are what the mix, a list of functions of a client, says in turn.
   */
  async run(streams, seconds) {
    const plan = streams.flatMap(({ perSecond, clients, mix }) =>
      Array.from({ length: Math.round(perSecond * seconds) }, (_, n) => ({
        due: (n * 1000) / perSecond,
        client: clients[n % clients.length],
        make: mix[n % mix.length],
      })),
    );
    plan.sort((a, b) => a.due - b.due);
    const start = performance.now();
    const underWay = [];
    for (const { due, client, make } of plan) {
      const early = start + due - performance.now();
      if (early > 0) await wait(early);
      underWay.push(this.send(client, make(client), start + due));
    }
    await Promise.all(underWay);
  }
}

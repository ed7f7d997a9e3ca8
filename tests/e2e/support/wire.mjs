// Requests byte by byte, for what a well-behaved client would not send.
import net from 'node:net';

const patience = 15_000;

/** A connection on which answers are read one by one. */
export class Wire {
  static open(port) {
    return new Promise((done, failed) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        done(new Wire(socket));
      });
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.buffer = Buffer.alloc(0);
    this.closed = false;
    this.wake = () => {};
    socket.on('data', (chunk) => {
      this.buffer = Buffer.concat([this.buffer, chunk]);
      this.wake();
    });
    for (const event of ['close', 'end', 'error']) {
      socket.on(event, () => {
        this.closed = true;
        this.wake();
      });
    }
  }

  send(bytes) {
    if (!this.closed) this.socket.write(bytes);
  }

  /** `{status, headers, body}`: header names in lower case, each value a list. HEAD has no body. */
  async answer({ method = 'GET' } = {}) {
    const headEnd = await this.#until(() => this.buffer.indexOf('\r\n\r\n'));
    const [statusLine, ...lines] = this.buffer.subarray(0, headEnd).toString('latin1').split('\r\n');
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      (headers[line.slice(0, colon).toLowerCase()] ??= []).push(line.slice(colon + 1).trim());
    }
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(statusLine)?.[1]);
    const bodyless = method === 'HEAD' || status === 204 || status === 304;
    const end = headEnd + 4 + (bodyless ? 0 : Number(headers['content-length']?.[0] ?? NaN));
    if (Number.isNaN(end)) throw new Error(`an answer without a length: ${statusLine}`);
    await this.#until(() => (this.buffer.length >= end ? end : -1));
    const body = this.buffer.subarray(headEnd + 4, end);
    this.buffer = this.buffer.subarray(end);
    return { status, headers, body };
  }

  /** Resolves once the other side has closed. */
  async end() {
    await this.#until(() => (this.closed ? 0 : -1));
  }

  close() {
    this.socket.destroy();
  }

  #until(position) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => settle(failed, new Error('the portal fell silent')), patience);
      const settle = (how, what) => {
        clearTimeout(timer);
        this.wake = () => {};
        how(what);
      };
      this.wake = () => {
        const at = position();
        if (at >= 0) settle(done, at);
        else if (this.closed) settle(failed, new Error('the portal closed the connection'));
      };
      this.wake();
    });
  }
}

/** One request on a connection of its own. */
export async function exchange(port, bytes, options) {
  const wire = await Wire.open(port);
  try {
    wire.send(bytes);
    return await wire.answer(options);
  } finally {
    wire.close();
  }
}

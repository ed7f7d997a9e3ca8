// Sends one case and its canary to any server, and says what came of both.
import net from 'node:net';
import { canary, cases, idMark, methodOf } from './cases.mjs';

// Servers say nothing of a request that they still wait for. Longer than their deadlines (1 s) where those are asked for.
const patience = { usual: 400, late: 3000 }; // milliseconds of silence

const number = new Map(cases.map((each, i) => [each, String(i).padStart(4, '0')]));

/** The statuses in `bytes` (latin1), in order, without interim ones; 'body' for what is no HTTP/1 answer. */
export function statusesIn(bytes, method) {
  const statuses = [];
  while (bytes.length > 0) {
    const headEnd = bytes.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(bytes)?.[1]);
    if (headEnd < 0 || Number.isNaN(status)) return [...statuses, 'body'];
    const head = bytes.slice(0, headEnd);
    bytes = bytes.slice(headEnd + 4);
    if (status < 200) continue;
    const bodyless = (method === 'HEAD' && statuses.length === 0) || status === 204 || status === 304;
    if (!bodyless) bytes = bytes.slice(Number(/\r\nContent-Length: *(\d+)/i.exec(head)?.[1] ?? bytes.length));
    statuses.push(status);
  }
  return statuses;
}

/**
 * What the server at `address` (as net.connect takes it) makes of a case: `{statuses, end}`. The end is 'next', the
 * canary was answered; 'later', it was lost, but another one sent after the answer was not; 'closed' or 'open'.
 */
export function probe(address, each) {
  const id = `case-${number.get(each)}-x`;
  const raw = Buffer.from(each.raw.replaceAll(idMark, id), 'latin1');
  const waiting = [`canary-${number.get(each)}-1`, `canary-${number.get(each)}-2`];
  const sent = [];
  return new Promise((done, failed) => {
    const socket = net.connect({ ...address, noDelay: true });
    let bytes = '';
    const nextCanary = () => {
      sent.push(waiting.shift());
      return Buffer.from(canary(sent.at(-1)));
    };
    const finish = (end) => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = statusesIn(bytes, methodOf(each));
      const answered = end === 'next' || end === 'later';
      done({ statuses: answered ? statuses.slice(0, -1) : statuses, end });
    };
    const onSilence = () => {
      if (each.late || waiting.length === 0) return finish('open');
      socket.write(nextCanary());
      timer.refresh();
    };
    const timer = setTimeout(onSilence, each.late ? patience.late : patience.usual);
    socket.on('connect', () => socket.write(each.late ? raw : Buffer.concat([raw, nextCanary()])));
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      const ran = sent.find((canaryId) => isAnswered(bytes, canaryId));
      if (ran) return finish(ran === sent[0] ? 'next' : 'later');
      if (sent.length === 0) socket.write(nextCanary()); // a late head has its answer
      timer.refresh();
    });
    socket.on('end', () => finish('closed'));
    socket.on('error', (error) => (['ECONNRESET', 'EPIPE'].includes(error.code) ? finish('closed') : failed(error)));
  });
}

/** Whether `bytes` hold the answer to that request, which has its id. */
function isAnswered(bytes, id) {
  const at = bytes.search(new RegExp(`^X-Request-Id: ${id}\\r\\n`, 'im'));
  return at >= 0 && bytes.includes('\r\n\r\n', at);
}

// A service manager as small as can be: it holds a listening socket that nobody accepts from but the portals it
// starts, one after the other. usage: node socket_holder.mjs COMMAND [ARGUMENT…]
// Says the port; then for each line it reads: `start` starts a portal and says its process id, `stop ID` sends
// SIGTERM. When there is nothing more to read it goes, and all of them with it. Never returns to the event loop,
// which would accept connections itself.
import { spawn } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import net from 'node:net';

const say = (line) => writeSync(1, `${line}\n`);

/** Lines of standard input, waited for. */
function* commands() {
  const byte = Buffer.alloc(1);
  for (let line = ''; readSync(0, byte) === 1;) {
    if (byte[0] !== 10) {
      line += byte.toString();
      continue;
    }
    yield line;
    line = '';
  }
}

const started = [];
const server = net.createServer();
server.listen(0, '127.0.0.1', () => {
  say(server.address().port);
  for (const command of commands()) {
    const [verb, id] = command.split(' ');
    if (verb === 'stop') {
      process.kill(Number(id), 'SIGTERM');
    } else {
      const portal = ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh', ...process.argv.slice(2)];
      started.push(spawn('sh', portal, { stdio: ['ignore', 'ignore', 'inherit', server._handle.fd] }).pid);
      say(started.at(-1));
    }
  }
  // Those that have ended are still ours, since nobody was told: their numbers belong to nobody else.
  for (const pid of started) process.kill(pid, 'SIGKILL');
  process.exit(0);
});

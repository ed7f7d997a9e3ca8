// Portals in test mode, as fixtures start them: with a ready file in place of a port file.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { demo, fileText, spawnPortal, temporaryFolder } from './portal.mjs';

/** Resolves with what the ready file says, once it is there; it is never there in part. */
export async function readyFile(file, ended) {
  return JSON.parse(await fileText(file, ended));
}

/** A portal with the demo data in test mode: `{ready, data, control, stop, started}`. */
export async function startInTestMode({ args = [], seed = true, env } = {}) {
  const file = join(temporaryFolder(), 'ready.json');
  const all = ['serve', '--test-mode', '--listen', '127.0.0.1:0', '--ready-file', file, ...args];
  if (seed) all.push('--seed');
  const started = spawnPortal(all, { env });
  const ready = await readyFile(file, started.ended);
  const ask = async (base, target, { token, body, ...options }) => {
    const headers = { ...options.headers };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(base + target, { ...options, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text, json: text && parsed(text) };
  };
  const portal = {
    file,
    ready,
    started,
    data: (target, options = {}) => ask(ready.url, target, { token: demo.token, ...options }),
    control: (target, options = {}) => ask(ready.control_url, target, { token: demo.adminToken, ...options }),
    /** Changes something below /test/, which must succeed. */
    async put(target, body) {
      const answer = await portal.control(target, { method: 'PUT', body });
      assert.ok(answer.status < 300, `${target}: ${answer.text}`);
      return answer;
    },
    async reset() {
      const answer = await portal.control('/test/reset', { method: 'POST' });
      assert.equal(answer.status, 204, answer.text);
    },
    async stop() {
      started.child.kill('SIGTERM');
      const end = await started.ended;
      assert.equal(end.code, 0, end.stderr);
      return end;
    },
  };
  return portal;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page, or bytes
  }
}

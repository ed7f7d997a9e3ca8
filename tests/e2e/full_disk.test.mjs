// A full disk and circuit breakers as they are configured by default: nobody who reads hears of it, whoever writes is
// refused at once, and once there is space writing goes on within the time for which breakers stay open.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../faults/clients.mjs';
import { fill, mountSmallDisk } from '../faults/small_disk.mjs';
import { unlimited } from './support/budgets.mjs';
import { demo, startPortal } from './support/portal.mjs';

const openForMs = 30_000;
const names = ['database_writes', 'blob_writes'];

/** A portal on a disk of its own, whose log of changes is empty: there is nothing in it to be written over. */
async function startOnSmallDisk(t) {
  const disk = mountSmallDisk(t, '160m');
  const dataDir = join(disk, 'data');
  const seeding = await startPortal({ dataDir, seed: true });
  await seeding.stop();
  const portal = await startPortal({ dataDir, env: unlimited, args: ['--log-access', 'false'] });
  t.after(() => portal.kill('SIGKILL'));
  return { portal, ballast: join(disk, 'ballast') };
}

test('a full disk is read all the time, and written to again when there is space', async (t) => {
  const { portal, ballast } = await startOnSmallDisk(t);
  const { token } = demo;
  const { signed_url: url } = await portal.fileRow();
  const targets = ['/v1/contacts?limit=50', `/v1/jobs/${demo.job}`, '/v1/contacts?q=a', '/v1/health'];
  let reads = 0;
  const readAll = async () => {
    for (const ask of [
      ...targets.map((target) => () => portal.request(target, { token })),
      () => portal.request(url),
    ]) {
      const answer = await ask();
      assert.equal(answer.status, 200, answer.text);
      reads += 1;
    }
  };

  let number = 0;
  const feed = (method, path, type, body) =>
    portal.control(`/api/tenants/acme${path}`, {
      method,
      token: demo.feedToken,
      headers: { 'Content-Type': type },
      body,
    });
  const content = `/jobs/${demo.job}/files/file_more/content?name=more.bin`;
  const writes = {
    database_writes: () => feed('PUT', `/contacts/${demo.contact}`, 'application/json', `{"name":"${(number += 1)}"}`),
    blob_writes: () => feed('PUT', content, 'application/octet-stream', Buffer.alloc(65_536, `${(number += 1)} `)),
  };
  for (const name of names) assert.ok((await writes[name]()).status < 300, name);

  const breakers = async () => (await portal.request('/v1/health')).json.circuitBreakers;
  const opened = {};
  for (const name of names) {
    let refused = 0;
    for (; (await breakers())[name] === undefined; refused += 1) {
      fill(ballast); // what is given back when a write is refused
      const answer = await writes[name]();
      assert.equal(answer.status, 507, answer.text);
      await readAll();
      assert.ok(refused < 50, `${name} stays closed`);
    }
    opened[name] = performance.now();
    t.diagnostic(`${name} open after ${refused} refusals`);
  }
  for (const name of names) {
    const { status, json, headers } = await writes[name]();
    assert.deepEqual([status, json.code], [503, 'CIRCUIT_OPEN']);
    assert.ok(Number(headers['retry-after']) <= openForMs / 1000, headers['retry-after']);
  }
  const { status, circuitBreakers } = (await portal.request('/v1/health')).json;
  assert.equal(status, 'degraded');
  assert.deepEqual(Object.keys(circuitBreakers), names, 'what is read is well');

  rmSync(ballast);
  for (const name of names) {
    const writtenAgain = async () => {
      await readAll();
      return (await writes[name]()).status < 300;
    };
    await eventually(writtenAgain, `${name}: writing goes on`, openForMs + 5_000);
    t.diagnostic(`${name}: written ${Math.round(performance.now() - opened[name])} ms after it opened`);
  }
  const allClosed = async () => Object.keys(await breakers()).length === 0;
  await eventually(allClosed, 'closed while nobody writes', 10_000);
  t.diagnostic(`${reads} reads, all good`);
  await portal.stop();
});

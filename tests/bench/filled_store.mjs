// A store with the peer's rows, and two blobs to download.
import { createWriteStream, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFillSync } from 'node:crypto';
import { makeStore, mustRun, temporaryFolder } from '../e2e/support/portal.mjs';
import { sqlite } from '../e2e/support/store.mjs';
import { asUuid, contacts, filesPerJob, hexIds, jobs, person, time, writeCsv } from './support.mjs';

export const jobId = (n) => `job_${String(n).padStart(6, '0')}`;
export const blobs = [
  { name: '1MiB.bin', bytes: 2 ** 20 },
  { name: '100MiB.bin', bytes: 100 * 2 ** 20 },
];
export const blobJob = jobId(2);

/** The blobs as files, made once: nginx serves them from here. */
export async function blobFolder(work) {
  const folder = join(work, 'files');
  mkdirSync(folder, { recursive: true });
  const chunk = Buffer.alloc(2 ** 20);
  for (const { name, bytes } of blobs) {
    const file = join(folder, name);
    if (existsSync(file) && statSync(file).size === bytes) continue;
    const out = createWriteStream(file);
    for (let written = 0; written < bytes; written += chunk.length) {
      if (!out.write(Buffer.from(randomFillSync(chunk)))) await new Promise((done) => out.once('drain', done));
    }
    await new Promise((done) => out.end(done));
  }
  return folder;
}

/** The files of all jobs but the first share its blobs. Resolves with `{dataDir, token}`. */
export async function fillStore(blobSource) {
  const { dataDir, token } = await makeStore();
  const folder = temporaryFolder();
  const at = ['--tenant', 'acme', '--data-dir', dataDir, '--quiet'];
  const ids = hexIds(contacts);
  await writeCsv(join(folder, 'contacts.csv'), 'id,name,email,phone,company,created_at,updated_at', contacts, (n) =>
    [asUuid(ids[n]), person(n), time(n).toISOString(), time(n).toISOString()].join(','),
  );
  await mustRun(['import', 'contacts', join(folder, 'contacts.csv'), ...at]);
  await writeCsv(join(folder, 'jobs.csv'), 'id,title,status,created_at,updated_at', jobs, (n) =>
    [
      jobId(n + 1),
      `Roof replacement ${n + 1}`,
      ['scheduled', 'in_progress', 'completed'][(n + 1) % 3],
      time(n).toISOString(),
      time(n).toISOString(),
    ].join(','),
  );
  await mustRun(['import', 'jobs', join(folder, 'jobs.csv'), ...at]);
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let k = 0; k < filesPerJob; k += 1) writeFileSync(join(files, `document_${k}.pdf`), `%PDF-1.4 document ${k}\n`);
  await mustRun(['file', 'put', '--job', jobId(1), ...at, files]);
  sqlite(
    dataDir,
    `INSERT INTO files (tenant_id, job_id, id, name, kind, content_type, size_bytes, sha256, created_at)
       SELECT f.tenant_id, j.id, f.id || '_' || j.row_id, f.name, f.kind, f.content_type, f.size_bytes, f.sha256, f.created_at
       FROM jobs j, files f WHERE f.job_id = '${jobId(1)}' AND j.id <> '${jobId(1)}';
     UPDATE jobs SET file_count = ${filesPerJob};`,
  );
  await mustRun(['file', 'put', '--job', blobJob, ...at, blobSource]);
  return { dataDir, token };
}

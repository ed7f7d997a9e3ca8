// Signed blobs beside nginx's secure_link with sendfile, sixteen downloads at a time; then the same over TLS 1.3.
import https from 'node:https';
import { blobJob, blobs } from './filled_store.mjs';
import { mebibytesInTurn } from './in_turn.mjs';
import { clientOf, mustAgree } from './tls_client.mjs';

const connections = 16;

const wholeSeconds = (bytes) => (bytes > 2 ** 24 ? 2 : 1);

/** The path and query of a fresh signed URL for each blob, by name. Asked for over plain HTTP or TLS. */
async function signedTargets(portal) {
  const url = `${portal.base}/v1/jobs/${blobJob}/files?limit=200`;
  const [name, value] = portal.credentials[0].split(': ');
  const text = url.startsWith('https:')
    ? await new Promise((done, failed) => {
        const options = { headers: { [name]: value }, rejectUnauthorized: false, agent: false };
        https
          .get(url, options, async (response) => {
            let body = '';
            for await (const chunk of response.setEncoding('utf8')) body += chunk;
            done(body);
          })
          .on('error', failed);
      })
    : await (await fetch(url, { headers: { [name]: value } })).text();
  return new Map(
    JSON.parse(text).data.map((row) => {
      const { pathname, search } = new URL(row.signed_url);
      return [row.name, pathname + search];
    }),
  );
}

export async function measureBlobs(stage, { tls = false } = {}) {
  const portal = await stage.startPortal({ tls });
  const nginx = await stage.startNginx({ certificate: tls ? stage.certificate() : undefined });
  const env = tls ? clientOf(stage.work) : {};
  try {
    if (tls) console.log(mustAgree([portal.port, nginx.tlsPort], env));
    for (const { name, bytes } of blobs) {
      const targets = await signedTargets(portal); // fresh ones: they live for fifteen minutes
      const theirs = tls ? nginx.tlsBase : nginx.base;
      const measured = await mebibytesInTurn(
        { url: portal.base + targets.get(name), pid: portal.pid, before: portal.before, env },
        { url: theirs + nginx.signed(name), pid: nginx.pid, before: nginx.before, env },
        { ...stage.load, seconds: stage.seconds * wholeSeconds(bytes), connections },
      );
      stage.table.add({
        name: `signed blob of ${name.replace('.bin', '')}${tls ? ' over TLS 1.3' : ''}`,
        beside: tls ? 'nginx TLS' : 'nginx secure_link + sendfile',
        unit: 'MiB/s',
        wanted: tls ? 0.9 : 0.95,
        ...measured,
      });
    }
  } finally {
    await nginx.stop();
    await portal.stop();
  }
}

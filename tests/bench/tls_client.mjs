// What the load speaks: TLS 1.3 with one cipher, the one every implementation must have (RFC 8446 §9.1), so that
// both servers encrypt alike whatever they would prefer.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const cipher = 'TLS_AES_128_GCM_SHA256';

/** The environment that makes a program with OpenSSL, such as wrk, such a client. */
export function clientOf(folder) {
  const file = join(folder, 'client.cnf');
  writeFileSync(
    file,
    `openssl_conf = library
[library]
ssl_conf = tls
[tls]
system_default = client
[client]
MinProtocol = TLSv1.3
Ciphersuites = ${cipher}
`,
  );
  return { OPENSSL_CONF: file };
}

/** Fails unless the servers on these ports agree with the client on the same things; returns them for print. */
export function mustAgree(ports, env) {
  const agreed = ports.map((port) => {
    const { stderr, status } = spawnSync('openssl', ['s_client', '-brief', '-connect', `127.0.0.1:${port}`], {
      input: '',
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    if (status !== 0) throw new Error(`no TLS with port ${port}: ${stderr}`);
    return stderr.match(/^(Protocol version|Ciphersuite|Peer certificate|Signature type|.*Temp Key):.*$/gm).join(', ');
  });
  if (new Set(agreed).size !== 1) throw new Error(`the two sides speak different TLS:\n${agreed.join('\n')}`);
  if (!agreed[0].includes(cipher)) throw new Error(`the client did not get its cipher: ${agreed[0]}`);
  return agreed[0];
}

// The certificate of the TLS measurements, by the openssl command.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A self-signed ECDSA P-256 certificate for 127.0.0.1 in `folder`: `{cert, key}`, both PEM files. */
export function makeCertificate(folder) {
  const cert = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '30'].concat([
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return { cert, key };
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signEndEntity } from '../../src/certificates/end-entity.ts';
import { subjectKeyIdentifierOf } from '../../src/certificates/extensions.ts';
import { exportKey, newKey } from '../../src/certificates/keys.ts';
import { createLocalCa } from '../../src/certificates/local-ca.ts';
import { validityOf } from '../../src/certificates/validity.ts';
import { subjectOf } from '../../src/certificates/x509.ts';

/** A CA that signs for tests, and only for them. */
export interface TestCa {
  readonly certificatePem: string;
  sign(domains: readonly string[], key: KeyObject, notBefore?: Date): string;
}

export function testCa(commonName = 'test CA'): TestCa {
  const names = { commonName, permittedDomains: [], permittedAddresses: [] };
  const now = new Date();
  const { keyPem, certificatePem } = createLocalCa(
    { ...names, caValidDays: 3650, validDays: 90 },
    now,
  );
  const own = new X509Certificate(certificatePem);
  const signer = {
    name: subjectOf(own),
    key: createPrivateKey(keyPem),
    keyIdentifier: subjectKeyIdentifierOf(own),
  };
  return {
    certificatePem,
    sign: (domains, key, from = now) =>
      signEndEntity({ domains, key, validity: validityOf(from, 90) }, signer),
  };
}

export interface ServerFiles {
  readonly certificate: string;
  readonly key: string;
  /** PEM file of the root that the certificate is trusted by. */
  readonly root: string;
}

/** What a TLS server on this machine's loopback needs, in files. */
export async function serverFiles(directory: string): Promise<ServerFiles> {
  const ca = testCa();
  const key = await newKey('ec256');
  const files = {
    certificate: join(directory, 'server.pem'),
    key: join(directory, 'server.key'),
    root: join(directory, 'root.pem'),
  };
  writeFileSync(files.certificate, ca.sign(['localhost', '127.0.0.1'], key));
  writeFileSync(files.key, exportKey(key), { mode: 0o600 });
  writeFileSync(files.root, ca.certificatePem);
  return files;
}

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as extension from '../../src/certificates/extensions.ts';
import { exportKey, newKey } from '../../src/certificates/keys.ts';
import { createLocalCa } from '../../src/certificates/local-ca.ts';
import { subjectName } from '../../src/certificates/names.ts';
import { validityOf } from '../../src/certificates/validity.ts';
import * as x509 from '../../src/certificates/x509.ts';

/** A CA that signs for tests whatever it is told to. */
export interface TestCa {
  readonly certificatePem: string;
  /** @param key the public one, or one that has it */
  sign(domains: readonly string[], key: KeyObject, from?: Date): string;
}

/** Of 90 days, as all that it signs. */
export function testCa(commonName = 'test CA'): TestCa {
  const names = { commonName, permittedDomains: [], permittedAddresses: [] };
  const now = new Date();
  const made = createLocalCa({ ...names, caValidDays: 3650, validDays: 90 }, now);
  const own = new X509Certificate(made.certificatePem);
  const key = createPrivateKey(made.keyPem);
  return {
    certificatePem: made.certificatePem,
    sign: (domains, subjectKey, from = now) =>
      x509.signCertificate(
        {
          issuer: x509.subjectOf(own),
          subject: x509.distinguishedName({}),
          ...validityOf(from, 90),
          publicKey: subjectKey.type === 'public' ? subjectKey : createPublicKey(subjectKey),
          extensions: [
            extension.basicConstraints(false),
            extension.keyUsage(extension.keyUsageBit.digitalSignature),
            extension.extendedKeyUsage(),
            extension.authorityKeyIdentifier(extension.subjectKeyIdentifierOf(own)),
            extension.subjectAltName(domains.map(subjectName), true),
          ],
        },
        key,
      ),
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

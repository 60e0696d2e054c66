// A process that orders certificates: node orderer.js ROOT URL TRUSTED_ROOTS ITEMS SETTINGS NAME…
// Says for each one, on a line of its own, its serial number or why there is none.
import { X509Certificate } from 'node:crypto';
import { acmeIssuer } from '../../src/certificates/acme/issuer-acme.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { placesOf } from '../../src/host/places.ts';
import type { AcmeUrl } from '../../src/manifest/issuers.ts';
import { certificateOf, recordingLog } from '../certificates/support.ts';
import { manifestAt } from './ordering.ts';

const [root = '', url = '', trustedRoots = '', items = '', settings = '', ...names] =
  process.argv.slice(2);
const ca = { url: url as AcmeUrl, trustedRoots };
const manifest = manifestAt(root, ca, JSON.parse(items), JSON.parse(settings));
const { log } = recordingLog();
const now = () => new Date();
const issuer = acmeIssuer({ places: placesOf(root), log, now }, manifest, ca.url);
await Promise.all(names.map(order));

async function order(name: string): Promise<void> {
  const certificate = certificateOf(manifest, name);
  const key = () => newKey(certificate.keyType);
  const request = { certificate, newKey: key, force: false, now: now() };
  try {
    const { chainPem } = await issuer.issue(request);
    process.stdout.write(`${name} ${new X509Certificate(chainPem[0] ?? '').serialNumber}\n`);
  } catch (error) {
    process.stdout.write(`${name} failed: ${(error as Error).message}\n`);
  }
}

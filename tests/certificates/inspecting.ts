import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { inspectCertificate } from '../../src/certificates/inspect.ts';
import type { CertificateState } from '../../src/certificates/state.ts';
import { certificateOf, type Host, host, manifestOf } from './support.ts';

export const name = 'a.example';
export const start = new Date();

/** A host with one certificate of the local CA. */
export async function issued(t: Parameters<typeof host>[0]): Promise<Host> {
  const at = host(t, { [name]: {} });
  await ensureCertificate(at.context, at.certificate(name));
  return at;
}

/** With other options than it was installed with. */
export function inspect(
  at: Host,
  item: Record<string, unknown> = {},
  now = start,
): CertificateState {
  const certificate = certificateOf(manifestOf({ [name]: item }), name);
  return inspectCertificate(at.places, certificate, now);
}

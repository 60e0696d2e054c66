import { BindstoError } from '../errors.ts';
import { describeProblem } from '../manifest/load.ts';
import type { Certificate, Manifest } from '../manifest/types.ts';

/**
 * The certificate that a worker is named after.
 *
 * @throws BindstoError `data` for one that cannot be used, `usage` where there is none
 */
export function findCertificate({ certificates, bad }: Manifest, instance: string): Certificate {
  const found = certificates.find((certificate) => certificate.instance === instance);
  if (found !== undefined) return found;
  const unusable = bad.find((item) => item.kind === 'certificate' && item.instance === instance);
  if (unusable !== undefined) {
    throw new BindstoError('data', unusable.problems.map(describeProblem).join('; '), {
      hint: 'mend it in the configuration and rebuild',
    });
  }
  const similar = similarTo(
    instance,
    certificates.map((certificate) => certificate.instance),
  );
  throw new BindstoError('usage', `there is no certificate ${JSON.stringify(instance)}`, {
    hint: similar.length === 0 ? 'see bindsto list' : `did you mean ${similar.join(', ')}?`,
  });
}

const mostSimilar = 3;

/** Those that begin or end alike: what is mistyped is mostly a part of it. */
function similarTo(name: string, others: readonly string[]): string[] {
  const half = Math.max(3, Math.ceil(name.length / 2));
  const head = name.slice(0, half);
  const tail = name.slice(-half);
  return others
    .filter((other) => other.startsWith(head) || other.endsWith(tail) || other.includes(name))
    .slice(0, mostSimilar);
}

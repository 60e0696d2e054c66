import type { Needs } from '../manifest/needs.ts';

/**
 * The servers that answer the challenges of a batch, and so have to run before it: those that
 * are bound to files which may be a placeholder's. One that waits for a certificate of the
 * same batch is left out, since each of the two would wait for the other: PID 1 ends such a
 * circle by leaving out somebody's start.
 */
export function serversBefore(
  needs: readonly Needs[],
  dependenciesOf: (unit: string) => readonly string[],
  certificatesOfBatch: () => readonly { readonly instance: string }[],
): string[] {
  const named = needs.flatMap(({ servers }) => servers.flatMap(serviceNamed));
  if (named.length === 0) return [];
  const targets = new Set(certificatesOfBatch().map(({ instance }) => `cert@${instance}.target`));
  return [...new Set(named)].sort().filter((unit) => {
    const needed = dependenciesOf(unit);
    const isBound = needed.some((word) => word.startsWith('cert-files@'));
    return isBound && !needed.some((word) => targets.has(word));
  });
}

/** As systemctl(1) completes it; no templates, and nothing that cannot be a unit's name. */
function serviceNamed(name: string): string[] {
  const full = /\.(?:service|socket|target)$/.test(name) ? name : `${name}.service`;
  return /^[\w:.\\-]+(?:@[\w:.\\@-]+)?\.[a-z]+$/.test(full) && full.length < 256 ? [full] : [];
}

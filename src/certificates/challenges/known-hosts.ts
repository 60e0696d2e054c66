import { challengeHosts } from '../../manifest/challenge-hosts.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';

/** Milliseconds: strangers ask for names that we do not know as often as they like. */
const pause = 5_000;

/**
 * The CAs that may ask for a host, by a manifest that is read again when somebody asks for a
 * host that is not in it. Where it cannot be read, what was read before holds.
 */
export function knownHosts(
  readManifest: () => string,
  onFailure: (error: unknown) => void,
): (host: string) => Iterable<AcmeUrl> {
  let hosts: ReadonlyMap<string, ReadonlySet<AcmeUrl>> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  const readAgain = () => {
    if (performance.now() - readAt < pause) return;
    try {
      hosts = challengeHosts(readManifest());
    } catch (error) {
      onFailure(error);
    }
    readAt = performance.now();
  };
  return (host) => {
    if (!hosts.has(host)) readAgain();
    return hosts.get(host) ?? [];
  };
}

import { fileStamp } from '../../host/file-stamp.ts';
import { challengeHosts } from '../../manifest/challenge-hosts.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';

/**
 * The CAs that may ask for a host, by a manifest that is read again when it has changed: strangers
 * ask as often as they like, so no more than that is done for each. Where it cannot be read,
 * what was read before holds.
 */
export function knownHosts(
  path: string,
  readManifest: () => string,
  onFailure: (error: unknown) => void,
): (host: string) => Iterable<AcmeUrl> {
  let hosts: ReadonlyMap<string, ReadonlySet<AcmeUrl>> = new Map();
  let stamp: string | undefined;
  return (host) => {
    try {
      const now = fileStamp(path);
      if (now !== stamp) {
        stamp = now;
        hosts = challengeHosts(readManifest());
      }
    } catch (error) {
      onFailure(error);
    }
    return hosts.get(host) ?? [];
  };
}

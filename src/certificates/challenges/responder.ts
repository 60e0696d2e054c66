import { hostOf } from '../../manifest/challenge-hosts.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import { parseChallenge } from '../../storage/documents.ts';
import { challengeKey } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';

const wellKnown = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,256})$/;

/** RFC 8555 section 8.1: the token, and a digest of the account's key. */
const keyAuthorizationPattern = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Answers HTTP-01 out of storage, as certmagic does: looked up by the name that is asked for,
 * among the CAs that may ask for it, and told only to who knows the token. What storage says
 * is as little believed as who asks; `onFailure` hears of storage that fails, the asker not.
 */
export function responder(
  issuersOf: (host: string) => Iterable<AcmeUrl>,
  storage: Pick<Storage, 'load'>,
  onFailure: (error: unknown) => void,
): (question: { host: string; path: string }) => Promise<string | undefined> {
  return async (question) => {
    const token = wellKnown.exec(question.path)?.[1];
    if (token === undefined) return undefined;
    const host = hostOf(question.host);
    for (const issuer of issuersOf(host)) {
      try {
        const found = await storage.load(challengeKey(issuer, host));
        const challenge = found === undefined ? undefined : parseChallenge(found);
        if (challenge?.token !== token) continue;
        const { keyAuthorization } = challenge;
        if (!keyAuthorizationPattern.test(keyAuthorization)) continue;
        if (keyAuthorization.startsWith(`${token}.`)) return keyAuthorization;
      } catch (error) {
        onFailure(error);
      }
    }
    return undefined;
  };
}

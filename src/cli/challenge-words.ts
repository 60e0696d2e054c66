import type { Challenge } from '../manifest/types.ts';

/** Where HTTP-01 (RFC 8555 section 8.3) is answered, for people. */
export function challengeWords(challenge: Challenge | undefined): string | undefined {
  switch (challenge?.kind) {
    case undefined:
      return undefined;
    case 'webroot':
      return `HTTP-01, a file below ${challenge.directory}/.well-known/acme-challenge`;
    case 'listen':
      return `HTTP-01, by bindsto itself on ${challenge.address} while it orders`;
    case 'storage':
      return 'HTTP-01, by acme-challenge.socket, to which a web server passes requests on';
  }
}

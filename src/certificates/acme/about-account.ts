import { shortType } from './problem-document.ts';
import type { ProblemDocument, Where } from './session.ts';

/** RFC 8555 section 6.7: about the account, its key, or the CA as a whole. */
const ofAccount = new Set([
  'accountDoesNotExist',
  'badNonce',
  'badPublicKey',
  'badSignatureAlgorithm',
  'externalAccountRequired',
  'invalidContact',
  'serverInternal',
  'unsupportedContact',
  'userActionRequired',
]);

/**
 * Whether the CA would say the same of any certificate of the account. A limit may be one of
 * some names or one of the account or address; which, only the texts tell (section 6.6).
 */
export function isAboutAccount(
  where: Where,
  problem: ProblemDocument,
  domains: readonly string[] = [],
): boolean {
  const type = shortType(problem.type);
  const { status = 0 } = problem;
  if (status >= 500 || ofAccount.has(type)) return true;
  if (type === 'rateLimited' || status === 429) return !isAboutNames(problem, domains);
  // 'unauthorized' there: the account is deactivated, or not allowed to order
  return isOfNoCertificate(where) || (where === 'newOrder' && type === 'unauthorized');
}

function isOfNoCertificate(where: Where): boolean {
  return where === 'directory' || where === 'newNonce' || where === 'newAccount';
}

/** As Boulder words it: `for this exact set of domains`, `for "example.com"`. */
function isAboutNames({ detail, subproblems }: ProblemDocument, domains: readonly string[]) {
  if (subproblems.some(({ identifier }) => identifier !== undefined)) return true;
  const text = detail.toLowerCase().replace(/https?:\S+/g, '');
  if (/\bexact set\b/.test(text)) return true;
  const words = new Set(text.split(/[^a-z0-9._*:-]+/).map((word) => word.replace(/[.:]+$/, '')));
  return domains.flatMap(withParents).some((name) => words.has(name));
}

/** A limit may be counted by a registered domain above the name. */
function withParents(domain: string): string[] {
  const labels = domain.toLowerCase().replace(/^\*\./, '').split('.');
  const names = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  return [domain.toLowerCase(), ...names];
}

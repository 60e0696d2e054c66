import type { AttemptProblem } from '../host/attempt-record.ts';

const prefix = 'urn:ietf:params:acme:error:';

/** What to do about a CA's problem: RFC 8555 section 6.7. */
const advices: Readonly<Record<string, string>> = {
  accountDoesNotExist: 'the CA has forgotten the account: a new one is made at the next try',
  badCSR: 'the CA wants other keys or names: look at keyType and extraDomainNames',
  badNonce: 'the CA did not take a nonce twice: the next try may do',
  caa: 'let the CAA record of the name permit this CA, or remove the record',
  connection: 'let port 80 of the name be reached from the internet: bindsto doctor NAME',
  dns: 'look at the A, AAAA and CAA records of the name: bindsto doctor NAME',
  externalAccountRequired: 'this CA takes only accounts that it knows already',
  incorrectResponse: 'something else answers for the name: bindsto doctor NAME',
  invalidContact: 'give an e-mail address that the CA accepts (email)',
  rateLimited: 'wait for the next try, and look at the limits in the documentation of the CA',
  rejectedIdentifier: 'the CA does not issue for this name: take it out, or ask another CA',
  serverInternal: 'the CA has a problem of its own: the next try may do',
  tls: 'look at the TLS server that answers for the name',
  unauthorized: 'let the challenge be answered by this host: bindsto doctor NAME',
  unsupportedContact: 'give an e-mail address that the CA accepts (email)',
  unsupportedIdentifier: 'the CA does not issue for names of this kind: ask another CA',
  userActionRequired: 'the CA has new terms of service: see its documentation',
};

/** Of the first part of a problem that says more than the whole. */
export function adviceFor(problem: AttemptProblem | undefined): string | undefined {
  if (problem === undefined) return undefined;
  const types = [...(problem.subproblems ?? []), problem].map(({ type }) => type);
  for (const type of types) {
    const word = type.startsWith(prefix) ? type.slice(prefix.length) : '';
    if (Object.hasOwn(advices, word)) return advices[word];
  }
  return undefined;
}

import type { AcmeSession, Where } from './session.ts';

/** What every request goes through. */
export type Ask = <T>(where: Where, work: () => Promise<T>) => Promise<T>;

/** The same session, where nothing is asked past `ask`. */
export function guarded(session: AcmeSession, ask: Ask): AcmeSession {
  return {
    directory: session.directory,
    newAccount: (contact) => ask('newAccount', () => session.newAccount(contact)),
    useAccount: (url) => session.useAccount(url),
    newOrder: (identifiers) => ask('newOrder', () => session.newOrder(identifiers)),
    order: (url) => ask('order', () => session.order(url)),
    authorization: (url) => ask('authorization', () => session.authorization(url)),
    respond: (url) => ask('challenge', () => session.respond(url)),
    finalize: (order, csr) => ask('finalize', () => session.finalize(order, csr)),
    certificate: (order) => ask('certificate', () => session.certificate(order)),
    keyAuthorization: (token) => session.keyAuthorization(token),
    close: () => session.close(),
  };
}

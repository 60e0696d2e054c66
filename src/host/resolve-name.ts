import { Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { errnoOf } from '../errors.ts';

/** What the name service says of a host name: its addresses, or why it does not answer. */
export type Resolved = { readonly addresses: readonly string[] } | { readonly unanswered: string };

export interface ResolveOptions {
  /** Milliseconds for one question to one server. */
  readonly timeoutMs?: number;
  /** Instead of those of resolv.conf(5); `ADDRESS:PORT`. */
  readonly servers?: readonly string[];
}

const usualTimeout = 3000;

/** The answers that say that there is no such record. */
const empty = ['ENODATA', 'ENOTFOUND'];

/**
 * A and AAAA records, of the servers that this host asks: not of /etc/hosts, which no CA
 * knows. Takes at most a few seconds, and never throws.
 */
export async function resolveName(
  name: string,
  { timeoutMs = usualTimeout, servers }: ResolveOptions = {},
): Promise<Resolved> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const cancel = setTimeout(() => resolver.cancel(), 3 * timeoutMs);
  const lookups = [resolver.resolve4(name), resolver.resolve6(name)];
  try {
    const found = await Promise.all(lookups.map(orNone));
    return { addresses: [...new Set(found.flat())] };
  } catch (error) {
    return { unanswered: errnoOf(error) ?? String(error) };
  } finally {
    clearTimeout(cancel);
  }
}

async function orNone(lookup: Promise<string[]>): Promise<string[]> {
  try {
    return await lookup;
  } catch (error) {
    if (empty.includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}

/** The addresses of this host that others might reach: of interfaces that are up and connected. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ internal }) => !internal).map(({ address }) => address);
}

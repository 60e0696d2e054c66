import type { Identifier } from '../challenges/solver.ts';
import { subjectName } from '../names.ts';

/**
 * The names of a certificate as an order has them: RFC 8555 section 7.1.3, addresses as in RFC
 * 8738 section 3.
 * @throws BindstoError `configuration` for what is no name
 */
export function identifiersOf(domains: readonly string[]): Identifier[] {
  return domains.map((domain) => {
    const { kind, text } = subjectName(domain);
    return kind === 'dns' ? { type: 'dns', value: text } : { type: 'ip', value: addressText(text) };
  });
}

/** IPv6 as RFC 5952 section 4 writes it, which is how URLs do. */
function addressText(text: string): string {
  if (!text.includes(':')) return text;
  return new URL(`https://[${text}]/`).hostname.slice(1, -1);
}

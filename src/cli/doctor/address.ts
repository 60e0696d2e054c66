import { addressBytes, isInRange, rangeBytes } from '../../certificates/addresses.ts';

export function isIp(text: string): boolean {
  return addressBytes(text) !== undefined;
}

export function kindOfAddress(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** Not of the blocks for private use, for links and for hosts themselves. */
export function isGlobal(address: string): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && !local.some((range) => isInRange(bytes, range));
}

/** RFC 1918, 6598, 3927 and 1122; RFC 4193, 4291. */
const local = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
  ...['169.254.0.0/16', '127.0.0.0/8', 'fc00::/7', 'fe80::/10', '::/8'],
].flatMap((range) => rangeBytes(range) ?? []);

/** The 4 or 16 bytes of an IP address in text, undefined for anything else. */
export function addressBytes(text: string): Buffer | undefined {
  return text.includes(':') ? ipv6(text) : ipv4(text);
}

/**
 * A range in CIDR notation (RFC 4632; RFC 4291 section 2.3) as address followed by mask, the
 * form of a name constraint (RFC 5280 section 4.2.1.10). A lone address is a range of one.
 */
export function rangeBytes(text: string): Buffer | undefined {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = addressBytes(address);
  if (bytes === undefined) return undefined;
  const length = prefix === undefined ? bytes.length * 8 : Number(prefix);
  if (length > bytes.length * 8) return undefined;
  const mask = bytes.map((_, index) => maskByte(length - index * 8));
  return Buffer.concat([bytes.map((byte, index) => byte & (mask[index] ?? 0)), mask]);
}

/** Whether an address lies in a range of {@link rangeBytes}; never across the two families. */
export function isInRange(address: Buffer, range: Buffer): boolean {
  if (range.length !== address.length * 2) return false;
  const mask = range.subarray(address.length);
  return address.every((byte, index) => (byte & (mask[index] ?? 0)) === range[index]);
}

function maskByte(bits: number): number {
  if (bits >= 8) return 0xff;
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

function ipv4(text: string): Buffer | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? Buffer.from(bytes) : undefined;
}

function ipv6(text: string): Buffer | undefined {
  const halves = text.split('::').map(groups);
  const [head, tail] = halves;
  if (head === undefined || halves.length > 2) return undefined;
  if (tail === undefined) return head.length === 16 ? head : undefined;
  const zeros = 16 - head.length - tail.length;
  return zeros < 2 ? undefined : Buffer.concat([head, Buffer.alloc(zeros), tail]);
}

/** `2001:db8` or `0:192.0.2.1` as bytes. What is no group becomes 17 bytes: too many for any address. */
function groups(text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  const parts = text.split(':').map((group, index, all) => {
    if (/^[0-9a-f]{1,4}$/i.test(group)) return Buffer.from(group.padStart(4, '0'), 'hex');
    return (index === all.length - 1 ? ipv4(group) : undefined) ?? Buffer.alloc(17);
  });
  return Buffer.concat(parts);
}

import asn1 from 'node-forge/lib/asn1.js';

/**
 * DER (X.690) in the terms of RFC 5280: one function a type, each gives a value to put into
 * another or to {@link encode}.
 */
export type Der = asn1.Asn1;

const { Class, Type } = asn1;

export function sequence(...items: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...items]);
}

export function set(...items: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SET, true, [...items]);
}

export function boolean(value: boolean): Der {
  return primitive(Type.BOOLEAN, Buffer.from([value ? 0xff : 0]));
}

/** A number that is not negative, from its bytes, the highest first. */
export function integer(magnitude: Uint8Array): Der {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const shortest = Buffer.from(magnitude.subarray(start));
  const negative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return primitive(Type.INTEGER, negative ? Buffer.concat([Buffer.of(0), shortest]) : shortest);
}

export function oid(dotted: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

export function nothing(): Der {
  return primitive(Type.NULL, Buffer.alloc(0));
}

export function utf8(text: string): Der {
  return primitive(Type.UTF8, Buffer.from(text, 'utf8'));
}

export function octets(bytes: Uint8Array): Der {
  return primitive(Type.OCTETSTRING, bytes);
}

export function bits(bytes: Uint8Array): Der {
  return primitive(Type.BITSTRING, Buffer.concat([Buffer.of(0), bytes]));
}

/** Bits by their number, as in `KeyUsage`; trailing zero bits go, as DER wants for a named bit list. */
export function namedBits(...numbers: readonly number[]): Der {
  const highest = Math.max(...numbers);
  const bytes = Buffer.alloc(1 + Math.floor(highest / 8) + 1);
  bytes[0] = 7 - (highest % 8);
  for (const number of numbers) {
    const index = 1 + Math.floor(number / 8);
    bytes[index] = (bytes[index] ?? 0) | (0x80 >> (number % 8));
  }
  return primitive(Type.BITSTRING, bytes);
}

/** Whole seconds; `UTCTime` until 2049, `GeneralizedTime` from 2050 (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Der {
  const digits = date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  if (digits.length !== 14) throw new RangeError(`no date for a certificate: ${digits}`);
  return date.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, Buffer.from(`${digits.slice(2)}Z`))
    : primitive(Type.GENERALIZEDTIME, Buffer.from(`${digits}Z`));
}

/** `[tag]` around whole values. */
export function tagged(tag: number, ...items: readonly Der[]): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...items]);
}

/** `[tag] IMPLICIT` in place of a primitive value's own tag. */
export function taggedBytes(tag: number, bytes: Uint8Array): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, false, Buffer.from(bytes).toString('latin1'));
}

export function encode(value: Der): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/** @throws Error where the bytes are not exactly one DER value */
export function decode(bytes: Uint8Array): Der {
  return asn1.fromDer(Buffer.from(bytes).toString('latin1'), readerOptions);
}

/** The values inside of a constructed one; none in a primitive one. */
export function items(value: Der): readonly Der[] {
  return typeof value.value === 'string' ? [] : value.value;
}

/** The content of a primitive value; empty for a constructed one. */
export function content(value: Der): Buffer {
  return Buffer.from(typeof value.value === 'string' ? value.value : '', 'latin1');
}

export function isTagged(value: Der, tag: number): boolean {
  return value.tagClass === Class.CONTEXT_SPECIFIC && (value.type as number) === tag;
}

export function isOid(value: Der, dotted: string): boolean {
  return (
    value.tagClass === Class.UNIVERSAL &&
    value.type === Type.OID &&
    content(value).equals(content(oid(dotted)))
  );
}

/** Bit strings stay bytes: what is inside of them is nobody's structure but the reader's. */
const readerOptions = { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: 32 };

function primitive(type: asn1.Type, bytes: Uint8Array): Der {
  return asn1.create(Class.UNIVERSAL, type, false, Buffer.from(bytes).toString('latin1'));
}

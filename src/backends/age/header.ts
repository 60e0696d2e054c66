import { timingSafeEqual } from 'node:crypto';
import type { Stanza } from 'age-encryption';
import { BindstoError } from '../../errors.ts';
import { base64, hkdf, hmac } from './primitives.ts';

/**
 * The header of an age file (C2SP/age.md, "Header"), read strictly: what another reader
 * refuses is refused here.
 */
export interface Header {
  readonly stanzas: Stanza[];
  /** The bytes under the MAC: from the version up to and with `---`. */
  readonly authenticated: Buffer;
  readonly mac: Buffer;
  /** What follows: nonce and chunks. */
  readonly payload: Buffer;
}

const version = 'age-encryption.org/v1';
const bodyLine = 64;
const noSalt = Buffer.alloc(0);

export function parseHeader(file: Buffer): Header {
  const lines = new Lines(file);
  if (lines.next() !== version) throw malformed(`it does not begin with "${version}"`);
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.offset;
    const line = lines.next();
    if (line.startsWith('-> ')) {
      stanzas.push(parseStanza(line, lines));
      continue;
    }
    if (!line.startsWith('--- ')) throw malformed('a line is neither a stanza nor the MAC');
    const mac = base64(line.slice('--- '.length));
    checkStanzas(stanzas);
    return {
      stanzas,
      authenticated: file.subarray(0, start + '---'.length),
      mac,
      payload: file.subarray(lines.offset),
    };
  }
}

/** Whether it was this file key that the header was written with. */
export function authentic(header: Header, fileKey: Uint8Array): boolean {
  const mac = hmac(hkdf(fileKey, noSalt, 'header'), header.authenticated);
  return mac.length === header.mac.length && timingSafeEqual(mac, header.mac);
}

function parseStanza(line: string, lines: Lines): Stanza {
  const args = line.slice('-> '.length).split(' ');
  if (args.includes('')) throw malformed('a stanza has an empty argument');
  const body: Buffer[] = [];
  for (;;) {
    const text = lines.next();
    if (text.length > bodyLine) throw malformed('a line of a stanza is too long');
    body.push(base64(text));
    // A body ends with a line that is not full, if need be with an empty one.
    if (text.length < bodyLine) return { args, body: Buffer.concat(body) };
  }
}

function checkStanzas(stanzas: readonly Stanza[]): void {
  if (stanzas.length === 0) throw malformed('it names no recipient');
  // A passphrase among recipients would let everybody who knows it write such a file.
  if (stanzas.length > 1 && stanzas.some((stanza) => stanza.args[0] === 'scrypt')) {
    throw malformed('a passphrase stands beside other recipients');
  }
}

class Lines {
  offset = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): string {
    const end = this.#bytes.indexOf(0x0a, this.offset);
    if (end < 0) throw malformed('it ends too early');
    const line = this.#bytes.toString('latin1', this.offset, end);
    if (!/^[ -~]*$/.test(line)) throw malformed('it holds a character that is not printable');
    this.offset = end + 1;
    return line;
  }
}

function malformed(found: string): BindstoError {
  return new BindstoError('data', `the header of the age file is malformed: ${found}`);
}

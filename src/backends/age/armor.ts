import { BindstoError } from '../../errors.ts';

const begin = '-----BEGIN AGE ENCRYPTED FILE-----';
const end = '-----END AGE ENCRYPTED FILE-----';
const fullLine = 64;

export function isArmored(file: Buffer): boolean {
  return file.toString('latin1', 0, 1024).trimStart().startsWith(begin);
}

/**
 * The ASCII armor of C2SP/age.md: strict PEM (RFC 7468 section 3) with full lines of 64
 * columns. White space may stand around it, nothing else.
 */
export function removeArmor(file: Buffer): Buffer {
  const lines = file.toString('latin1').trim().split(/\r?\n/);
  if (lines.shift() !== begin) throw malformed('its first line');
  if (lines.pop() !== end) throw malformed('its last line');
  const last = lines.pop();
  if (last === undefined || last.length === 0 || last.length > fullLine) {
    throw malformed('the length of its last line');
  }
  if (lines.some((line) => line.length !== fullLine)) throw malformed('the length of a line');
  const text = lines.join('') + last;
  const bytes = Buffer.from(text, 'base64');
  // Decoding forgives much; only the canonical text encodes to itself.
  if (bytes.toString('base64') !== text) throw malformed('its base64');
  return bytes;
}

function malformed(what: string): BindstoError {
  return new BindstoError('data', `the armor of the age file is malformed: ${what}`);
}

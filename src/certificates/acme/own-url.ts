import { BindstoError } from '../../errors.ts';
import { sanitize } from '../../host/sanitize.ts';

const longest = 2000;

/**
 * A URL that the CA has given, where it is one on the directory's own host and port: requests
 * go nowhere else.
 * @throws BindstoError `unavailable` where it is not
 */
export function ownUrl(value: unknown, directory: string, what: string): string {
  const { origin } = new URL(directory);
  if (typeof value === 'string' && isAt(origin, value)) return value;
  const found = value === undefined ? 'nothing' : sanitize(JSON.stringify(value), 200);
  throw new BindstoError('unavailable', `${what}: expected a URL at ${origin}, found ${found}`);
}

function isAt(origin: string, text: string): boolean {
  if (text.length > longest || !/^https:[\x21-\x3f\x41-\x7e]+$/.test(text)) return false;
  return text.startsWith(`${origin}/`) || (URL.canParse(text) && new URL(text).origin === origin);
}

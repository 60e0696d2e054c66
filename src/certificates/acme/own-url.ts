import { BindstoError } from '../../errors.ts';
import { sanitize } from '../../host/sanitize.ts';

const longest = 2000;

/**
 * A URL that the CA has given, where it is one on the directory's own host and port: requests
 * go nowhere else.
 * @throws BindstoError `unavailable` where it is not
 */
export function ownUrl(value: unknown, directory: string, what: string): string {
  if (typeof value === 'string' && value.length <= longest && URL.canParse(value)) {
    if (new URL(value).origin === new URL(directory).origin && !/[\s@]/.test(value)) return value;
  }
  const found = value === undefined ? 'nothing' : sanitize(JSON.stringify(value), 200);
  const { origin } = new URL(directory);
  throw new BindstoError('unavailable', `${what}: expected a URL at ${origin}, found ${found}`);
}

import { BindstoError } from '../../errors.ts';

/**
 * A token becomes the name of a file, so it is looked at: RFC 8555 section 8.3 has it in the
 * alphabet of base64url.
 * @throws BindstoError `unavailable` for anything else, which is no CA's answer
 */
export function checkToken(token: string): void {
  if (/^[A-Za-z0-9_-]{1,256}$/.test(token)) return;
  throw new BindstoError('unavailable', 'the CA gave a challenge whose token is no base64url');
}

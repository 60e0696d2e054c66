import type { Response } from 'acme-client/src/http.js';
import { sanitize } from '../../host/sanitize.ts';
import { fieldsOf } from './json-fields.ts';
import { ownUrl } from './own-url.ts';
import { expectObject, expectStatus } from './response.ts';
import type { DirectoryMeta } from './session.ts';

/** RFC 8555 section 7.1.1, as far as it is used here. */
const resources = ['newNonce', 'newAccount', 'newOrder'];

/** @throws AcmeProblem, BindstoError `unavailable` where it is no directory, or leads elsewhere */
export function checkDirectory(response: Response, url: string, now: Date): Response {
  const found = fieldsOf(
    expectObject('directory', expectStatus('directory', [200], response, now)),
  );
  for (const name of resources) ownUrl(found[name], url, `directory: ${name}`);
  return response;
}

export function directoryMeta(directory: unknown): DirectoryMeta {
  const meta = fieldsOf(fieldsOf(directory).meta);
  const { termsOfService, externalAccountRequired } = meta;
  return {
    termsOfService: typeof termsOfService === 'string' ? sanitize(termsOfService) : undefined,
    externalAccountRequired: externalAccountRequired === true,
  };
}

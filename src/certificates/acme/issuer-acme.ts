import { BindstoError } from '../../errors.ts';
import type { Log } from '../../host/log.ts';
import type { Places } from '../../host/places.ts';
import type { AcmeUrl } from '../../manifest/issuers.ts';
import type { Manifest } from '../../manifest/types.ts';
import type { Issuer } from '../issuer.ts';

export interface AcmeSurroundings {
  readonly places: Places;
  readonly log: Log;
  readonly now: () => Date;
}

/** An ACME CA (RFC 8555), by the URL of its directory. */
export function acmeIssuer(_: AcmeSurroundings, manifest: Manifest, url: AcmeUrl): Issuer {
  return {
    name: url,
    async issue() {
      throw new BindstoError('configuration', `${url}: ${manifest.certificates.length}`);
    },
  };
}

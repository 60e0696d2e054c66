import { join } from 'node:path';
import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import { sharedSync } from '../host/unsynced.ts';
import type { IssuerName } from '../manifest/schema.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Flush } from './generations.ts';
import type { Issuer } from './issuer.ts';
import { type LocalCaFiles, localIssuer } from './issuer-local.ts';
import { selfSignedIssuer } from './issuer-selfsigned.ts';
import { localCaPlaces } from './local-ca-files.ts';

/** What it takes to make certificates. */
export interface CertificateContext {
  readonly places: Places;
  readonly issuers: Readonly<Record<IssuerName, Issuer>>;
  readonly log: Log;
  readonly now: () => Date;
  /** Waits until what was written is on disk; many certificates share it. */
  readonly flush: Flush;
}

type Surroundings = Pick<CertificateContext, 'places' | 'log' | 'now'>;

/** `credentials` is systemd's `$CREDENTIALS_DIRECTORY`; without it the CA is read where root keeps it. */
export function certificateContext(
  surroundings: Surroundings,
  { localIssuer: options }: Manifest,
  credentials: string | undefined,
): CertificateContext {
  const files = localCaFiles(surroundings.places, credentials);
  const { places, log, now } = surroundings;
  return {
    places,
    log,
    now,
    flush: sharedSync(places.acme),
    issuers: { local: localIssuer(files, options), selfsigned: selfSignedIssuer },
  };
}

function localCaFiles(places: Places, credentials: string | undefined): LocalCaFiles {
  if (credentials === undefined) return localCaPlaces(places);
  return {
    key: join(credentials, 'local-ca-key'),
    certificate: join(credentials, 'local-ca-cert'),
  };
}

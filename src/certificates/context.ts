import { join } from 'node:path';
import type { Log } from '../host/log.ts';
import type { Places } from '../host/places.ts';
import { sharedSync } from '../host/unsynced.ts';
import type { AcmeUrl, IssuerName } from '../manifest/issuers.ts';
import type { Manifest } from '../manifest/types.ts';
import type { Flush } from './generations.ts';
import type { Issuer } from './issuer.ts';
import { type LocalCaFiles, localIssuer } from './issuer-local.ts';
import { selfSignedIssuer } from './issuer-selfsigned.ts';
import { localCaPlaces } from './local-ca-files.ts';

/** What it takes to make certificates. */
export interface CertificateContext {
  readonly places: Places;
  /** The same one each time. */
  readonly issuerOf: (name: IssuerName) => Issuer;
  readonly log: Log;
  readonly now: () => Date;
  /** Waits until what was written is on disk; many certificates share it. */
  readonly flush: Flush;
  /** Aborted: leave what is not begun, and end what is. */
  readonly signal?: AbortSignal | undefined;
}

type Surroundings = Pick<CertificateContext, 'places' | 'log' | 'now' | 'signal'>;

/** `credentials` is systemd's `$CREDENTIALS_DIRECTORY`; without it the CA is read where root keeps it. */
export function certificateContext(
  surroundings: Surroundings,
  manifest: Manifest,
  credentials: string | undefined,
): CertificateContext {
  const { places, log, now, signal } = surroundings;
  const local = localIssuer(localCaFiles(places, credentials), manifest.localIssuer);
  const acme = new Map<AcmeUrl, Issuer>();
  const acmeOf = (url: AcmeUrl) => {
    const issuer = acme.get(url) ?? acmeIssuer(surroundings, manifest, url);
    acme.set(url, issuer);
    return issuer;
  };
  return {
    places,
    log,
    now,
    signal,
    flush: sharedSync(places.acme),
    issuerOf: (name) => {
      if (name === 'local') return local;
      return name === 'selfsigned' ? selfSignedIssuer : acmeOf(name);
    },
  };
}

/** The client of ACME CAs is loaded by who needs it. */
function acmeIssuer(surroundings: Surroundings, manifest: Manifest, url: AcmeUrl): Issuer {
  let loading: Promise<Issuer> | undefined;
  return {
    name: url,
    async issue(request) {
      loading ??= import('./acme/issuer-acme.ts').then((module) =>
        module.acmeIssuer(surroundings, manifest, url),
      );
      return await (await loading).issue(request);
    },
  };
}

function localCaFiles(places: Places, credentials: string | undefined): LocalCaFiles {
  if (credentials === undefined) return localCaPlaces(places);
  return {
    key: join(credentials, 'local-ca-key'),
    certificate: join(credentials, 'local-ca-cert'),
  };
}

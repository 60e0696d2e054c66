import type { AcmeUrl, IssuerName } from './issuers.ts';
import type {
  AcmeIssuerOptions,
  BackendName,
  KeyType,
  LocalIssuerOptions,
  Settings,
} from './schema.ts';
import type { Credentials } from './sets.ts';

/** A certificate with its defaults filled in. */
export interface Certificate {
  readonly name: string;
  /** The name as it stands in units and state paths. */
  readonly instance: string;
  /** The main name first, no duplicates. */
  readonly domains: readonly string[];
  readonly group: string;
  readonly keyType: KeyType;
  readonly issuers: readonly IssuerName[];
  readonly validMinDays: number | null;
  readonly reloadServices: readonly string[];
  /** Shell text for root, run after a change; empty: none. */
  readonly postRun: string;
  /** Seconds until the first try after a failure; null: the usual minute. */
  readonly renewIntervalFailed: number | null;
  /** Of the ACME account. */
  readonly email: string | null;
  /** How HTTP-01 is answered. Undefined only where no issuer is an ACME CA. */
  readonly challenge: Challenge | undefined;
  readonly credentials: Credentials;
  /** The set of credentials whose batch renews it: `cert-renew@SET.service`. */
  readonly set: string;
}

export type Challenge =
  /** The answer is a file below a directory that a web server serves. */
  | { readonly kind: 'webroot'; readonly directory: string }
  /** A socket of our own, open only while it is needed: `[INTERFACE]:PORT`. */
  | { readonly kind: 'listen'; readonly address: string }
  /** A web server passes the request on to `acme-challenge.socket`. */
  | { readonly kind: 'storage' };

export interface ArtifactFile {
  readonly name: string;
  readonly owner: string;
  readonly group: string;
  /** Permission bits. */
  readonly mode: number;
  /** Set only where it is not the usual place in the artifacts' file system. */
  readonly link: string | undefined;
  readonly source: string | undefined;
  readonly neededForUsers: boolean;
}

export interface Artifact {
  readonly name: string;
  readonly instance: string;
  readonly description: string | undefined;
  readonly backend: BackendName;
  readonly files: readonly ArtifactFile[];
  readonly prompts: readonly string[];
  readonly generator: string | undefined;
  readonly reloadServices: readonly string[];
  readonly restartServices: readonly string[];
  /** Hash of all that makes the content stale when it changes; not of owner, mode and path. */
  readonly definition: string;
}

/** One thing that is wrong in a manifest. */
export interface Problem {
  /** As in `certificates.items."a.example".keyType`. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

/** An item that is declared and cannot be used: it becomes a unit that fails and says why. */
export interface BadItem {
  readonly kind: ItemKind;
  readonly name: string;
  /** Undefined where the name itself cannot stand in a unit name. */
  readonly instance: string | undefined;
  readonly problems: readonly Problem[];
}

export type ItemKind = 'certificate' | 'artifact';

export interface Manifest {
  readonly settings: Settings;
  readonly localIssuer: LocalIssuerOptions;
  /** Where a CA needs more than its URL. */
  readonly acmeIssuers: Readonly<Record<AcmeUrl, AcmeIssuerOptions | undefined>>;
  /** Identity files of the agenix backend. */
  readonly identities: readonly string[];
  readonly certificates: readonly Certificate[];
  readonly artifacts: readonly Artifact[];
  readonly bad: readonly BadItem[];
}

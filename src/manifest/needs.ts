import { isAcme } from './acme-url.ts';
import { isRecord } from './json.ts';
import { type Listener, listenerOf } from './listen.ts';
import { type Credentials, credentialPath, credentialPattern, setOf } from './sets.ts';

/** What the worker of a certificate needs of the system around it. */
export interface Needs {
  /** The set of credentials whose batch renews it. */
  readonly set: string;
  readonly credentials: Credentials;
  /** The private CA of this host is among its issuers. */
  readonly local: boolean;
  /** How it answers HTTP-01; none of it where no issuer is an ACME CA. */
  readonly webroot: string | undefined;
  readonly listener: Listener | undefined;
  readonly storage: boolean;
  /** Services that are told when it changes: one of them answers HTTP-01, where somebody else does. */
  readonly servers: readonly string[];
}

type Options = Readonly<Record<string, unknown>>;

/**
 * From what an item says itself to what it needs. Thousands of items need one of a few
 * things, so each of these is worked out once.
 */
export function outlineNeeds(defaults: Options): (own: Options) => Needs {
  const known = new Map<string, Needs>();
  const defaultNeeds = needsOf(defaults);
  return (own) => {
    if (!relevant.some((key) => own[key] !== undefined)) return defaultNeeds;
    const options = relevant.map((key) => (own[key] === undefined ? defaults[key] : own[key]));
    const id = JSON.stringify(options);
    const needs =
      known.get(id) ?? needsOf(Object.fromEntries(relevant.map((key, at) => [key, options[at]])));
    known.set(id, needs);
    return needs;
  };
}

const relevant = [
  'issuers',
  'environmentFile',
  'credentialFiles',
  'webroot',
  'listenHTTP',
  'challenge',
  'reloadServices',
];

/** What is of another kind counts as left out: the item is a bad one, and asks for nothing. */
function needsOf(options: Options): Needs {
  const { issuers = ['local'], environmentFile, webroot, listenHTTP, challenge } = options;
  const names = stringsOf(issuers);
  const credentials = {
    environmentFile: isFile(environmentFile) ? environmentFile : null,
    credentialFiles: filesOf(options.credentialFiles),
  };
  const acme = names.some(isAcme);
  const storage = acme && challenge === 'http-storage';
  const ownWebroot = acme && isPath(webroot) ? webroot : undefined;
  const isServed = storage || ownWebroot !== undefined;
  return {
    set: setOf(names, credentials),
    credentials,
    local: names.includes('local'),
    webroot: ownWebroot,
    listener: acme && typeof listenHTTP === 'string' ? listenerOf(listenHTTP) : undefined,
    storage,
    servers: isServed ? stringsOf(options.reloadServices) : [],
  };
}

function stringsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

function filesOf(files: unknown): Record<string, string> {
  const good: Record<string, string> = {};
  for (const [name, path] of Object.entries(isRecord(files) ? files : {})) {
    if (credentialPattern.test(name) && isFile(path)) good[name] = path;
  }
  return good;
}

function isFile(value: unknown): value is string {
  return typeof value === 'string' && credentialPath.test(value);
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith('/');
}

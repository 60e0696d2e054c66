import * as v from 'valibot';
import {
  defaultIdentities,
  defaultOrdersAtOnce,
  defaultOrdersPerMinute,
  defaultWait,
} from './defaults.ts';
import { isRecord } from './json.ts';
import {
  account,
  acmeUrl,
  credentialFile,
  credentialName,
  domain,
  email,
  issuer,
  listenAddress,
  mode,
  natural,
  path,
  positive,
  serviceName,
  text,
  texts,
} from './values.ts';
import { manifestVersion } from './version.ts';

/**
 * What a configuration says: `/etc/bindsto/manifest.json`. The types below and the
 * published JSON Schema (docs/manifest.schema.json) both come from here. Key names are
 * those of the NixOS options. Defaults stand once, in `defaults`; an item holds only what
 * differs. Paths are absolute; durations say their unit in their name, or here.
 */

/** An object of these options and no others; valibot's own stops at the first one that is unknown. */
function strictObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  const schema: unknown = { ...v.objectWithRest(entries, v.never()), type: 'strict_object' };
  return schema as v.StrictObjectSchema<Entries, undefined>;
}

/** Checked one by one; not `v.record`, which leaves out names such as `constructor`. */
const anyItems = v.custom<Record<string, unknown>>(isRecord, 'an object');

export const keyTypes = ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096'] as const;
const keyType = v.picklist(keyTypes);

const certificateOptions = {
  group: account,
  keyType,
  /** In the order in which they are tried. */
  issuers: v.pipe(v.array(issuer), v.minLength(1)),
  /** Renew when fewer days remain; null: a third of the life, half of it below 10 days. */
  validMinDays: v.nullable(natural),
  reloadServices: v.array(serviceName),
  /** Shell text for root, run after a change. */
  postRun: text,
  /** Seconds until an item that has failed is tried again for the first time; null: a minute. */
  renewIntervalFailed: v.nullable(positive),
  /** Contact of the ACME account; null: an account without one. */
  email: v.nullable(email),
  /** How HTTP-01 (RFC 8555 section 8.3) is answered: exactly one of these three, for an ACME CA. */
  webroot: v.nullable(path),
  listenHTTP: v.nullable(listenAddress),
  challenge: v.nullable(v.picklist(['http-storage'])),
  /** Files that hold credentials; workers that share them are one set. */
  environmentFile: v.nullable(credentialFile),
  credentialFiles: v.record(credentialName, credentialFile),
};

export const certificateItem = strictObject({
  domain: v.optional(domain),
  extraDomainNames: v.optional(v.array(domain)),
  ...v.partial(strictObject(certificateOptions)).entries,
});

const fileOptions = { owner: account, group: account, mode };

const artifactFile = strictObject({
  /** Where services look for it; default: /run/artifacts/<artifact>/<file>. Elsewhere: a symbolic link. */
  path: v.optional(path),
  /** The encrypted file, for backends that decrypt on the target. */
  source: v.optional(path),
  neededForUsers: v.optional(v.boolean()),
  ...v.partial(strictObject(fileOptions)).entries,
});

export const backendNames = ['agenix', 'dummy'] as const;

export const artifactItem = strictObject({
  description: v.optional(v.nullable(text)),
  backend: v.optional(v.picklist(backendNames)),
  shared: v.optional(v.boolean()),
  files: v.pipe(v.record(text, artifactFile), v.minEntries(1)),
  prompts: v.optional(v.record(text, strictObject({ description: v.optional(text) }))),
  generator: v.optional(v.nullable(path)),
  /** Any value; when it changes, the artifact is stale. */
  validation: v.optional(v.unknown()),
  reloadServices: v.optional(v.array(serviceName)),
  restartServices: v.optional(v.array(serviceName)),
});

const settings = strictObject({
  /** Seconds that a boot or a switch waits for missing certificates; 0: not at all. */
  waitForMissing: v.optional(natural, defaultWait),
  /** Orders in flight at ACME CAs, on the whole host; 0: any number. */
  maxConcurrentRenewals: v.optional(natural, defaultOrdersAtOnce),
  /** New orders in any minute, for each account at an ACME CA; 0: any number. */
  maxOrdersPerMinute: v.optional(natural, defaultOrdersPerMinute),
});

const acmeIssuer = strictObject({
  /** PEM file of the roots that the CA's own server is trusted by, instead of the system's. */
  trustedRoots: v.optional(path),
});

const localIssuer = strictObject({
  commonName: v.optional(text, 'bindsto local CA'),
  /** Days that the CA's own certificate lives. */
  caValidDays: v.optional(positive, 3650),
  /** Days that the certificates live which it issues. */
  validDays: v.optional(positive, 90),
  /** Name constraints (RFC 5280 section 4.2.1.10); none: every name. */
  permittedDomains: v.optional(texts, []),
  permittedAddresses: v.optional(texts, []),
});

export const certificateDefaults = strictObject({
  group: v.optional(certificateOptions.group, 'acme'),
  keyType: v.optional(certificateOptions.keyType, 'ec256'),
  issuers: v.optional(certificateOptions.issuers, ['local']),
  validMinDays: v.optional(certificateOptions.validMinDays, null),
  reloadServices: v.optional(certificateOptions.reloadServices, []),
  postRun: v.optional(certificateOptions.postRun, ''),
  renewIntervalFailed: v.optional(certificateOptions.renewIntervalFailed, null),
  email: v.optional(certificateOptions.email, null),
  webroot: v.optional(certificateOptions.webroot, null),
  listenHTTP: v.optional(certificateOptions.listenHTTP, null),
  challenge: v.optional(certificateOptions.challenge, null),
  environmentFile: v.optional(certificateOptions.environmentFile, null),
  credentialFiles: v.optional(certificateOptions.credentialFiles, {}),
});

export const artifactDefaults = strictObject({
  backend: v.optional(v.picklist(backendNames)),
  owner: v.optional(fileOptions.owner, 'root'),
  group: v.optional(fileOptions.group, 'root'),
  mode: v.optional(fileOptions.mode, '0400'),
});

const backends = strictObject({
  agenix: v.optional(
    strictObject({
      /** Files of age or OpenSSH private keys, tried in this order. */
      identities: v.optional(v.array(path), [...defaultIdentities]),
    }),
    {},
  ),
  dummy: v.optional(strictObject({}), {}),
});

/** Everything but the items, which are checked one by one: a bad one never takes down the others. */
export const manifestHead = strictObject({
  $schema: v.optional(text),
  version: v.literal(manifestVersion),
  settings: v.optional(settings, {}),
  issuers: v.optional(
    strictObject({
      local: v.optional(localIssuer, {}),
      /** By the URL of their directory. */
      acme: v.optional(v.record(acmeUrl, acmeIssuer), {}),
    }),
    {},
  ),
  certificates: v.optional(
    strictObject({
      defaults: v.optional(certificateDefaults, {}),
      items: v.optional(anyItems, {}),
    }),
    {},
  ),
  artifacts: v.optional(
    strictObject({
      defaults: v.optional(artifactDefaults, {}),
      backends: v.optional(backends, {}),
      items: v.optional(anyItems, {}),
    }),
    {},
  ),
});

/** The whole, for the published JSON Schema. */
export const manifestSchema = strictObject({
  ...manifestHead.entries,
  certificates: v.optional(
    strictObject({
      defaults: v.optional(certificateDefaults, {}),
      items: v.optional(v.record(text, certificateItem), {}),
    }),
    {},
  ),
  artifacts: v.optional(
    strictObject({
      defaults: v.optional(artifactDefaults, {}),
      backends: v.optional(backends, {}),
      items: v.optional(v.record(text, artifactItem), {}),
    }),
    {},
  ),
});

export type KeyType = (typeof keyTypes)[number];
export type BackendName = (typeof backendNames)[number];
export type Settings = v.InferOutput<typeof settings>;
export type AcmeIssuerOptions = v.InferOutput<typeof acmeIssuer>;
export type LocalIssuerOptions = v.InferOutput<typeof localIssuer>;

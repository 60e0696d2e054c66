import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type BatchResult, renewSet } from '../../src/certificates/batch.ts';
import { certificateContext } from '../../src/certificates/context.ts';
import { type EnsureOptions, ensureCertificate } from '../../src/certificates/ensure.ts';
import { inspectCertificate } from '../../src/certificates/inspect.ts';
import { ensureLocalCa } from '../../src/certificates/local-ca-files.ts';
import type { CertificateState } from '../../src/certificates/state.ts';
import { type Attempt, attemptsOf } from '../../src/host/attempts.ts';
import { type Places, placesOf } from '../../src/host/places.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { Manifest } from '../../src/manifest/types.ts';
import { after, certificateOf, recordingLog, temporaryDirectory } from '../certificates/support.ts';
import type { RunningCa } from './driving.ts';

type Items = Readonly<Record<string, Record<string, unknown>>>;

/** A host with batches, and some CAs. */
export interface BatchHost {
  readonly places: Places;
  readonly manifest: Manifest;
  readonly manifestText: string;
  /** As an admin changes the configuration; nothing has to be made for it. */
  declare(items: Items): void;
  readonly logged: string[];
  /** Sets the clock. */
  at(now: Date): void;
  now(): Date;
  /** As a process of its own: it knows what others have written, and nothing else. */
  batch(set?: string, signal?: AbortSignal): Promise<BatchResult>;
  /** As `cert@NAME.service`. */
  alone(name: string, options?: EnsureOptions): ReturnType<typeof ensureCertificate>;
  inspect(name: string): CertificateState;
  /** The private key and all certificates, as servers load them. */
  full(name: string): string;
  attempts(kind: 'certificate' | 'account'): ReadonlyMap<string, Attempt>;
}

export function batchHost(
  t: TestContext,
  cas: readonly RunningCa[],
  items: Items,
  settings: Readonly<Record<string, number>> = {},
): BatchHost {
  const root = temporaryDirectory(t);
  const places = placesOf(root);
  const textOf = (items: Items) =>
    JSON.stringify({
      version: 1,
      settings: { maxConcurrentRenewals: 0, maxOrdersPerMinute: 0, ...settings },
      issuers: {
        acme: Object.fromEntries(cas.map(({ url, trustedRoots }) => [url, { trustedRoots }])),
      },
      certificates: {
        defaults: { issuers: [cas[0]?.url], webroot: join(root, 'webroot') },
        items,
      },
    });
  const manifestText = textOf(items);
  let manifest = loadManifest(manifestText);
  for (const { name, problems } of manifest.bad) throw new Error(`${name}: ${problems[0]?.where}`);
  for (const path of [places.sentinel, places.acmeLocks, places.acmeSpool, join(root, 'webroot')]) {
    mkdirSync(path, { recursive: true });
  }
  for (const { instance } of manifest.certificates) {
    mkdirSync(join(places.acme, instance));
    chmodSync(join(places.acme, instance), 0o2750);
  }
  let clock = new Date();
  ensureLocalCa(places, manifest.localIssuer, after(clock, -500));
  const { log, logged } = recordingLog();
  const now = () => clock;
  const context = (signal?: AbortSignal) =>
    certificateContext({ places, log, now, signal }, manifest, undefined);
  return {
    ...{ places, manifest, manifestText, logged, now },
    declare: (changed) => {
      manifest = loadManifest(textOf(changed));
    },
    at: (date) => {
      clock = date;
    },
    batch: (set = 'default', signal) => renewSet(context(signal), manifest, set),
    alone: (name, options = {}) =>
      ensureCertificate(context(), certificateOf(manifest, name), { alone: true, ...options }),
    inspect: (name) => inspectCertificate(places, certificateOf(manifest, name), clock),
    full: (name) => readFileSync(join(places.acme, name, 'full.pem'), 'utf8'),
    attempts: (kind) => attemptsOf(places, kind),
  };
}

/** Installed, failed, waiting. */
export function counts({ installed, failed, waiting }: BatchResult): number[] {
  return [installed, failed, waiting];
}

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CertificateContext, certificateContext } from '../../src/certificates/context.ts';
import { ensureLocalCa } from '../../src/certificates/local-ca-files.ts';
import type { Log } from '../../src/host/log.ts';
import { type Places, placesOf } from '../../src/host/places.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { Certificate, Manifest } from '../../src/manifest/types.ts';
import { realProgram } from '../harness/counts.ts';

/** A directory that goes when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Whether the test can run; it is skipped otherwise, or fails under CI. */
export function needs(t: TestContext, there: boolean, reason: string): boolean {
  if (there) return true;
  if (process.env.CI) throw new Error(reason);
  t.skip(reason);
  return false;
}

export function needsOpenssl(t: TestContext): boolean {
  return needs(t, realProgram('openssl') !== undefined, 'openssl is not installed');
}

/** What openssl says, on both outputs, and whether it agrees. */
export function openssl(...args: readonly string[]): { ok: boolean; text: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { ok: status === 0, text: stdout + stderr };
}

/** Gives text a path, for programs that read files. */
export function written(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

export interface Host {
  readonly places: Places;
  readonly manifest: Manifest;
  readonly context: CertificateContext;
  /** `error: …`, in the order in which they were logged. */
  readonly logged: string[];
  /** Sets the clock. */
  at(now: Date): void;
  certificate(name: string): Certificate;
  /** A file of a certificate. */
  file(name: string, ...rest: string[]): string;
}

type Items = Readonly<Record<string, Record<string, unknown>>>;

/** A host below a temporary directory on which reconcile has made what it makes. */
export function host(t: TestContext, items: Items, issuers: Record<string, unknown> = {}): Host {
  const places = placesOf(temporaryDirectory(t));
  const manifest = manifestOf(items, issuers);
  mkdirSync(places.sentinel, { recursive: true });
  mkdirSync(places.acmeSpool, { recursive: true });
  mkdirSync(places.acmeLocks, { recursive: true });
  for (const { instance } of manifest.certificates) {
    mkdirSync(join(places.acme, instance));
    chmodSync(join(places.acme, instance), 0o2750);
  }
  let now = new Date();
  ensureLocalCa(places, manifest.localIssuer, after(now, -500));
  const { log, logged } = recordingLog();
  const clock = () => now;
  return {
    places,
    manifest,
    context: certificateContext({ places, log, now: clock }, manifest, undefined),
    logged,
    at: (date) => {
      now = date;
    },
    certificate: (name) => certificateOf(manifest, name),
    file: (name, ...rest) => join(places.acme, name, ...rest),
  };
}

export function manifestOf(items: Items, issuers: Record<string, unknown> = {}): Manifest {
  return loadManifest(JSON.stringify({ version: 1, issuers, certificates: { items } }));
}

export function certificateOf(manifest: Manifest, name: string): Certificate {
  const found = manifest.certificates.find((certificate) => certificate.name === name);
  if (found === undefined) throw new Error(`no certificate ${name}: ${JSON.stringify(manifest)}`);
  return found;
}

export function recordingLog(): { log: Log; logged: string[] } {
  const logged: string[] = [];
  const to = (level: string) => (message: string) => logged.push(`${level}: ${message}`);
  const log = {
    error: to('error'),
    warning: to('warning'),
    notice: to('notice'),
    info: to('info'),
    debug: to('debug'),
  };
  return { log, logged };
}

export function after(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 24 * 60 * 60 * 1000);
}

/** Does something as another user, who is in no group but his own; only root can. */
export async function asUser<T>(uid: number, work: () => Promise<T>): Promise<T> {
  const { setegid, seteuid } = process as Required<Pick<NodeJS.Process, 'setegid' | 'seteuid'>>;
  setegid(uid);
  seteuid(uid);
  try {
    return await work();
  } finally {
    seteuid(0);
    setegid(0);
  }
}

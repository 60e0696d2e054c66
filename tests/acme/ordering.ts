import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { acmeIssuer } from '../../src/certificates/acme/issuer-acme.ts';
import type { Issued, IssueRequest, Issuer } from '../../src/certificates/issuer.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { type Places, placesOf } from '../../src/host/places.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { Manifest } from '../../src/manifest/types.ts';
import { challengeKey } from '../../src/storage/keys.ts';
import { certificateOf, recordingLog, temporaryDirectory } from '../certificates/support.ts';
import type { RunningCa } from './driving.ts';

type Items = Readonly<Record<string, Record<string, unknown>>>;

/** A host that orders from one CA. */
export interface OrderingHost {
  readonly places: Places;
  readonly manifest: Manifest;
  readonly logged: string[];
  /** What the manifest was made of. */
  readonly items: Items;
  readonly settings: Readonly<Record<string, number>>;
  /** As a process has it: another one knows what the first has written, and nothing else. */
  process(signal?: AbortSignal): Issuer;
  /** Sets the clock, or lets it run. */
  at(now: Date | undefined): void;
  /** Has a process obtain a certificate, or a new one. */
  issue(name: string, request?: Partial<IssueRequest>, by?: Issuer): Promise<Issued>;
}

/** Below a temporary directory; nothing is limited unless `settings` say so. */
export function orderingHost(
  t: TestContext,
  { url, trustedRoots }: RunningCa,
  items: Items,
  settings: Readonly<Record<string, number>> = {},
): OrderingHost {
  const root = temporaryDirectory(t);
  const places = placesOf(root);
  const manifest = manifestAt(root, { url, trustedRoots }, items, settings);
  for (const path of [places.sentinel, places.acmeLocks, places.acmeSpool, webrootOf(root)]) {
    mkdirSync(path, { recursive: true });
  }
  for (const { instance } of manifest.certificates) {
    mkdirSync(join(places.acme, instance));
    chmodSync(join(places.acme, instance), 0o2750);
  }
  const { log, logged } = recordingLog();
  let clock = () => new Date();
  const process = (signal?: AbortSignal) =>
    acmeIssuer({ places, log, now: () => clock(), signal }, manifest, url);
  const only = process();
  return {
    places,
    manifest,
    logged,
    items,
    settings,
    process,
    at: (now) => {
      clock = () => now ?? new Date();
    },
    issue: (name, request = {}, by = only) => {
      const certificate = certificateOf(manifest, name);
      const key = () => newKey(certificate.keyType);
      const now = clock();
      return by.issue({ certificate, newKey: key, force: false, now, ...request });
    },
  };
}

export function manifestAt(
  root: string,
  { url, trustedRoots }: RunningCa,
  items: Items,
  settings: Readonly<Record<string, number>> = {},
): Manifest {
  return loadManifest(
    JSON.stringify({
      version: 1,
      settings: { maxConcurrentRenewals: 0, maxOrdersPerMinute: 0, ...settings },
      issuers: { acme: { [url]: { trustedRoots } } },
      certificates: { defaults: { issuers: [url], webroot: webrootOf(root) }, items },
    }),
  );
}

function webrootOf(root: string): string {
  return join(root, 'webroot');
}

/** A web server on a port of this machine that serves the webroot to CAs, until the test ends. */
export async function serveWebroot(t: TestContext, { places }: OrderingHost, port: number) {
  await serve(t, port, ({ url = '' }) => readFileSync(join(webrootOf(places.root), url), 'utf8'));
}

/** One that finds the answer in storage by the name that it is asked for, as certmagic does. */
export async function serveStorage(
  t: TestContext,
  { places }: OrderingHost,
  ca: RunningCa & { readonly httpPort: number },
) {
  await serve(t, ca.httpPort, ({ url = '', headers }) => {
    const name = headers.host?.replace(/:\d+$/, '') ?? '';
    const path = join(places.storage, challengeKey(ca.url, name));
    const { token, keyAuthorization } = JSON.parse(readFileSync(path, 'utf8'));
    if (!url.endsWith(`/${token}`)) throw new Error(`${name} is not asked for ${token}`);
    return keyAuthorization;
  });
}

async function serve(t: TestContext, port: number, answer: (request: IncomingMessage) => string) {
  const server = createServer((request, response) => {
    try {
      response.end(answer(request));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
}

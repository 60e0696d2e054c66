import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { openArtifacts } from '../../src/artifacts/context.ts';
import { ensureArtifacts } from '../../src/artifacts/ensure.ts';
import { certificateContext } from '../../src/certificates/context.ts';
import { ensureCertificate } from '../../src/certificates/ensure.ts';
import { ensureLocalCa } from '../../src/certificates/local-ca-files.ts';
import { ensurePlaceholder } from '../../src/certificates/placeholders.ts';
import type { Log } from '../../src/host/log.ts';
import { lookAtHost } from '../../src/host/look.ts';
import { type Places, placesOf } from '../../src/host/places.ts';
import { writeUnitFiles } from '../../src/host/unit-files.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import { outlineManifest } from '../../src/manifest/outline.ts';
import { planSystem } from '../../src/units/plan.ts';

/** When everything in the sample was made; what has failed then is tried again a minute later. */
export const madeAt = new Date('2026-11-21T20:05:00Z');
/** When the tests look at it. */
export const lookedAt = new Date('2026-11-21T20:05:20Z');

/** A host below a directory: certificates and artifacts in each state, and services bound to them. */
export interface Sample {
  readonly root: string;
  readonly places: Places;
  write(path: string, text: string): void;
  remove(): void;
}

export const manifest = {
  version: 1,
  issuers: { local: { permittedDomains: ['example.com'] } },
  certificates: {
    items: {
      'mail.example.com': { extraDomainNames: ['smtp.example.com'] },
      'shop.example.org': {},
      'www.example.com': {},
    },
  },
  artifacts: {
    backends: { agenix: { identities: ['/etc/key.txt'] } },
    items: {
      'api-token': {
        backend: 'agenix',
        files: { token: { source: '/etc/secrets/api-token.age' } },
      },
      'session-key': { backend: 'dummy', generator: '/usr/bin/make-key', files: { key: {} } },
      'smtp-password': {
        backend: 'agenix',
        description: 'password at the relay',
        files: {
          password: { source: '/etc/secrets/smtp.age', path: '/etc/postfix/relay', mode: '0440' },
        },
      },
    },
  },
};

const services = {
  'postfix.service': 'cert@mail.example.com.target artifact@smtp-password.target',
  'nginx.service': 'cert-files@www.example.com.target cert@mail.example.com.target',
  'shop.service': 'cert@shop.example.org.target artifact@api-token.target',
  'stats.service': 'cert@stats.example.com.target',
};

/** Made by what makes it on a real host, but for the units, which nobody runs. */
export async function makeSample(): Promise<Sample> {
  const root = mkdtempSync(join(tmpdir(), 'bindsto-cli-'));
  const places = placesOf(root);
  const write = (path: string, text: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  const identity = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  write('/etc/key.txt', identity);
  write('/etc/secrets/smtp.age', await encrypter.encrypt('secret'));
  write('/usr/bin/make-key', '#!/bin/sh\necho key >"$out/key"\n', 0o755);
  write('/etc/bindsto/manifest.json', JSON.stringify(manifest, undefined, 2));
  mkdirSync(join(root, 'etc/postfix'));
  for (const [name, targets] of Object.entries(services)) {
    write(`/etc/systemd/system/${name}`, `[Unit]\nBindsTo=${targets}\nAfter=${targets}\n`);
  }
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    await makeContent(places);
    generate(places);
  } catch (error) {
    remove();
    throw error;
  }
  return { root, places, write, remove };
}

async function makeContent(places: Places): Promise<void> {
  const now = () => madeAt;
  const loaded = loadManifest(JSON.stringify(manifest));
  const { certificates, artifacts, localIssuer } = loaded;
  for (const path of [places.attempts, places.acmeSpool, places.acmeLocks]) {
    mkdirSync(path, { recursive: true });
  }
  for (const { instance } of certificates) mkdirSync(join(places.acme, instance));
  ensureLocalCa(places, localIssuer, madeAt);
  const context = certificateContext({ places, log: silence, now }, loaded, undefined);
  for (const certificate of certificates) await ensurePlaceholder(context, certificate);
  for (const certificate of certificates.filter(({ name }) => name !== 'www.example.com')) {
    await ensureCertificate(context, certificate).catch(() => {}); // the failure is what is wanted
  }
  const world = { env: process.env, uid: process.getuid?.() ?? 0, now };
  await ensureArtifacts(openArtifacts(world, places, loaded, silence), artifacts);
}

/** As systemd has the generator do it. */
function generate(places: Places): void {
  const outline = outlineManifest(JSON.stringify(manifest));
  const source = { manifest: '/etc/bindsto/manifest.json', localCa: '/var/lib/bindsto/local-ca' };
  const seen = { ...lookAtHost(places, outline.certificates), noswap: false };
  const files = planSystem(outline, seen, source);
  writeUnitFiles(join(places.root, 'run/systemd/generator'), files);
}

const say = () => {};
const silence: Log = { error: say, warning: say, notice: say, info: say, debug: say };

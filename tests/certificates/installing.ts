import { readdirSync, readFileSync } from 'node:fs';
import { type Installation, installCertificate } from '../../src/certificates/install.ts';
import { newKey } from '../../src/certificates/keys.ts';
import { verify } from '../../src/certificates/verify.ts';
import type { Host } from './support.ts';

export const name = 'a.example';
export const files = ['cert.pem', 'chain.pem', 'fullchain.pem', 'full.pem', 'key.pem'];
export const start = new Date();

export interface Options {
  readonly issuer?: 'local' | 'placeholder';
  readonly flush?: () => Promise<void>;
  readonly now?: Date;
}

export async function install(at: Host, options: Options = {}): Promise<string> {
  return installCertificate(await issue(at, options));
}

/** All but the installation. */
export async function issue(
  { places, certificate, context }: Host,
  { issuer = 'local', flush = async () => {}, now = start }: Options = {},
): Promise<Installation> {
  const wanted = certificate(name);
  const key = await newKey('ec256');
  const { chainPem } = await context.issuerOf('local').issue({
    ...{ certificate: wanted, now },
    newKey: async () => key,
    force: false,
  });
  const verified = verify(wanted, { key, chainPem }, now);
  return { places, certificate: wanted, issuer, verified, flush, now };
}

/** Of the five files, as programs see them. */
export function contents(at: Host): string[] {
  return files.map((file) => readFileSync(at.file(name, file), 'utf8'));
}

/** Their ids. */
export function generations(at: Host): string[] {
  const prefix = '.generation-';
  const entries = readdirSync(at.file(name)).filter((entry) => entry.startsWith(prefix));
  return entries.map((entry) => entry.slice(prefix.length));
}

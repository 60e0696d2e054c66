import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Rerooted } from './rerooted.ts';

/**
 * What has to be true of a certificate at any moment: what its five names show is one pair,
 * complete, and the marker stands only beside an issued one.
 *
 * @returns the names that it is for; undefined where there is none yet.
 */
export function installedNames(host: Rerooted, instance: string): string | undefined {
  const directory = host.path(`/var/lib/acme/${instance}`);
  const read = (file: string) => readFileSync(join(directory, file), 'utf8');
  if (!existsSync(join(directory, 'fullchain.pem'))) {
    assert.ok(!existsSync(join(directory, 'acme-success')), 'a marker without files');
    return undefined;
  }
  const certificate = new X509Certificate(read('fullchain.pem'));
  if (existsSync(join(directory, 'key.pem'))) {
    assert.ok(certificate.checkPrivateKey(createPrivateKey(read('key.pem'))), 'the key fits');
  }
  if (existsSync(join(directory, 'current'))) {
    const at = (file: string) => read(join('current', file));
    const current = new X509Certificate(at('cert.pem'));
    assert.ok(current.checkPrivateKey(createPrivateKey(at('key.pem'))), 'the key fits in current');
    assert.equal(at('full.pem'), at('key.pem') + at('fullchain.pem'));
    assert.ok(at('fullchain.pem').startsWith(at('cert.pem')));
  }
  if (existsSync(join(directory, 'acme-success'))) {
    assert.notEqual(certificate.issuer, certificate.subject, 'a marker beside a placeholder');
  }
  return certificate.subjectAltName;
}

/** An artifact's files at one moment, which all have to be of one generation. */
export function installedFiles(
  host: Rerooted,
  instance: string,
): Record<string, string> | undefined {
  const link = host.path(`/run/artifacts/${instance}`);
  const marked = existsSync(host.path(`/run/bindsto/present/${instance}`));
  if (!existsSync(link)) {
    assert.ok(!marked, 'a marker without content');
    return undefined;
  }
  const directory = join(link, '..', readlinkSync(link));
  const files = readdirSync(directory).map((file) => [
    file,
    readFileSync(join(directory, file), 'utf8'),
  ]);
  return Object.fromEntries(files) as Record<string, string>;
}

/** Nothing half-written is left where only one process works at a time. */
export function assertTidy(host: Rerooted, ...directories: readonly string[]): void {
  for (const directory of directories) {
    const names = existsSync(host.path(directory)) ? readdirSync(host.path(directory)) : [];
    const leftovers = names.filter((name) => name.startsWith('.~') || name.startsWith('.tmp-'));
    assert.deepEqual(leftovers, [], directory);
  }
}

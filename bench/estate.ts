import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { output } from '../tests/harness/command.ts';
import type { Bench } from './bench.ts';
import { type Items, manifestOf } from './items.ts';
import { cleanEnvironment } from './measure.ts';

export function configure(root: string, items: Items): void {
  const path = join(root, 'etc/bindsto/manifest.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, manifestOf(items));
  chmodSync(path, 0o644);
}

/** Certificates of the local issuer below a root, issued and installed by the workers themselves. */
export async function issueCertificates(
  { programs, say }: Bench,
  root: string,
  certificates: readonly string[],
): Promise<void> {
  say(`issuing ${certificates.length} certificates`);
  configure(root, { certificates, artifacts: [] });
  const node = programs.node(24);
  const options = { env: cleanEnvironment, timeout: 600_000 };
  await output([node, ...programs.rerooted('bindsto-reconcile', root)], options);
  await output([node, ...programs.rerooted('cert-renew', root, '--set', 'local')], options);
}

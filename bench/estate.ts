import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { placesOf } from '../src/host/places.ts';
import { output } from '../tests/harness/command.ts';
import { type Items, manifestOf } from './items.ts';
import { encryptArtifacts } from './keys.ts';
import { cleanEnvironment } from './measure.ts';
import type { Programs } from './programs.ts';

/**
 * What hosts are made of, made once for a run: certificates that the workers themselves have
 * issued and installed below a root, and artifacts, encrypted for X25519 by age.
 */
export class Estate {
  readonly root: string;
  readonly #programs: Programs;
  readonly #say: (text: string) => void;
  #certificates = 0;
  #artifacts = 0;

  constructor(root: string, programs: Programs, say: (text: string) => void) {
    this.root = root;
    this.#programs = programs;
    this.#say = say;
  }

  /** Sees to it that there are so many. */
  async holds(declared: Items): Promise<void> {
    const { certificates, artifacts } = declared;
    if (certificates.length > this.#certificates) await this.#issue(certificates);
    if (artifacts.length > this.#artifacts) await this.#encrypt(artifacts);
  }

  async #issue(certificates: readonly string[]): Promise<void> {
    this.#say(`issuing ${certificates.length} certificates`);
    configure(this.root, { certificates, artifacts: [] });
    const node = this.#programs.node(24);
    const options = { env: cleanEnvironment, timeout: 600_000 };
    const run = (worker: string, ...more: string[]) =>
      output([node, ...this.#programs.rerooted(worker, this.root, ...more)], options);
    await run('bindsto-reconcile');
    await run('cert-renew', '--set', 'local');
    this.#certificates = certificates.length;
  }

  async #encrypt(artifacts: readonly string[]): Promise<void> {
    this.#say(`encrypting ${artifacts.length} artifacts`);
    await encryptArtifacts(this.root, artifacts, 'X25519');
    this.#artifacts = artifacts.length;
  }
}

/** Writes the manifest of a root. */
export function configure(root: string, declared: Items): void {
  const { manifest } = placesOf(root);
  mkdirSync(dirname(manifest), { recursive: true });
  writeFileSync(manifest, manifestOf(declared));
  chmodSync(manifest, 0o644);
}

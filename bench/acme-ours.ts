import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placesOf } from '../src/host/places.ts';
import { defaultSet } from '../src/manifest/sets.ts';
import { output } from '../tests/harness/command.ts';
import { type Batch, email, oneEach } from './acme-client.ts';
import { cleanEnvironment, peakMemoryOf, usageOf } from './measure.ts';
import type { Ca } from './pebble.ts';
import type { Programs, Release } from './programs.ts';

/** A host below a root, which orders from a CA. */
export class OrderingHost {
  readonly #programs: Programs;
  readonly #ca: Ca;
  readonly #root: string;
  /** Orders that an account may begin in a minute; 0: any number. */
  readonly #pace: number;

  constructor(programs: Programs, ca: Ca, root: string, pace: number) {
    this.#programs = programs;
    this.#ca = ca;
    this.#root = root;
    this.#pace = pace;
  }

  /** All in one process. */
  async batch(release: Release, names: readonly string[]): Promise<Batch> {
    await this.#begin(names);
    const usage = await usageOf([this.#programs.node(release), ...this.#renewal], this.#enter);
    return { ...usage, count: this.#issued(names) };
  }

  /** MB: the most that such a process has resident. */
  async memoryOfBatch(release: Release, names: readonly string[]): Promise<number> {
    await this.#begin(names);
    const node = this.#programs.node(release);
    return await peakMemoryOf(node, this.#renewal, this.#enter);
  }

  /** A process for each certificate, five at a time. */
  async oneEach(release: Release, names: readonly string[]): Promise<Batch> {
    await this.#begin(names);
    const argv = [this.#programs.node(release), ...this.#single('{}')];
    const usage = await usageOf(oneEach(this.#root, names, argv), this.#enter);
    return { ...usage, count: this.#issued(names) };
  }

  /** MB: the most that one of these has resident, the first. */
  async memoryOfOne(release: Release, names: readonly string[]): Promise<number> {
    await this.#begin(names);
    const single = this.#single(names[0] ?? '');
    return await peakMemoryOf(this.#programs.node(release), single, this.#enter);
  }

  get #enter(): readonly string[] {
    return this.#ca.network.enter;
  }

  get #renewal(): string[] {
    return this.#programs.rerooted('cert-renew', this.#root, '--set', defaultSet);
  }

  #single(name: string): string[] {
    return this.#programs.rerooted('cert', this.#root, '--name', name);
  }

  /** Nothing has been ordered yet, and root has made the directories. */
  async #begin(names: readonly string[]): Promise<void> {
    rmSync(this.#root, { recursive: true, force: true });
    const { manifest } = placesOf(this.#root);
    mkdirSync(dirname(manifest), { recursive: true });
    writeFileSync(manifest, manifestFor(this.#ca, names, this.#pace));
    chmodSync(manifest, 0o644);
    const reconcile = this.#programs.rerooted('bindsto-reconcile', this.#root);
    await output([this.#programs.node(24), ...reconcile], { env: cleanEnvironment });
  }

  #issued(names: readonly string[]): number {
    return names.filter((name) => {
      const path = join(placesOf(this.#root).acme, name, 'cert.pem');
      return existsSync(path) && /Pebble/.test(new X509Certificate(readFileSync(path)).issuer);
    }).length;
  }
}

function manifestFor({ directory, root, webroot }: Ca, names: readonly string[], pace: number) {
  return JSON.stringify({
    version: 1,
    settings: { maxOrdersPerMinute: pace },
    issuers: { acme: { [directory]: { trustedRoots: root } } },
    certificates: {
      defaults: { issuers: [directory], webroot, email },
      items: Object.fromEntries(names.map((name) => [name, {}])),
    },
  });
}

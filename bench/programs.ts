import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../tests/harness/repository.ts';
import { nodeBinary } from '../tests/harness/suites.ts';

export const releases = [20, 24] as const;
export type Release = (typeof releases)[number];

/** What is measured on this machine: a copy, so that nobody exchanges it meanwhile by a build. */
export class Programs {
  readonly lib: string;

  constructor(scratch: string) {
    this.lib = join(scratch, 'lib');
    cpSync(inRepository('dist/lib'), this.lib, { recursive: true });
  }

  worker(name: string): string {
    return `${this.lib}/workers/${name}.js`;
  }

  /** The arguments of a worker, re-rooted. */
  rerooted(worker: string, root: string, ...more: string[]): string[] {
    const manifest = `${root}/etc/bindsto/manifest.json`;
    return [this.worker(worker), '--manifest', manifest, '--root', root, ...more];
  }

  node(release: Release): string {
    return nodeBinary(release);
  }
}

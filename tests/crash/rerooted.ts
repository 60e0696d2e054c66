import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { command, output, type Result } from '../harness/command.ts';
import { inRepository } from '../harness/repository.ts';

export const manifestPath = '/etc/bindsto/manifest.json';
export const keyPath = '/etc/keys/host.txt';

/** A host in a directory: everything below it, nothing of it outside, no units. */
export class Rerooted implements Disposable {
  readonly root: string;

  constructor(root = mkdtempSync(join(tmpdir(), 'bindsto-crash-'))) {
    this.root = root;
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text, { mode });
  }

  configure(manifest: object): void {
    this.write(manifestPath, JSON.stringify({ version: 1, ...manifest }));
  }

  /** Runs a worker as its unit would, in front of it what traces it. */
  async run(
    worker: string,
    args: readonly string[] = [],
    tracer: readonly string[] = [],
  ): Promise<Result> {
    return await command([...tracer, ...this.argv(worker, args)], {
      env: { PATH: process.env.PATH ?? '' },
    });
  }

  argv(worker: string, args: readonly string[] = []): string[] {
    const program = inRepository(`dist/lib/workers/${worker}.js`);
    return [
      process.execPath,
      program,
      '--manifest',
      this.path(manifestPath),
      '--root',
      this.root,
      ...args,
    ];
  }

  /** The same host once more, as it is now. */
  async copy(): Promise<Rerooted> {
    const copy = new Rerooted();
    await output(['cp', '-a', `${this.root}/.`, copy.root]);
    return copy;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

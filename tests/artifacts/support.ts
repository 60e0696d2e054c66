import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { type ArtifactContext, openArtifacts } from '../../src/artifacts/context.ts';
import { type Ensured, ensureArtifact } from '../../src/artifacts/ensure.ts';
import type { Log } from '../../src/host/log.ts';
import { type Places, placesOf } from '../../src/host/places.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import type { Artifact, Manifest } from '../../src/manifest/types.ts';
import { temporaryDirectory } from '../backends/tools.ts';

/** Where the host's key is in all of these tests, below the root. */
export const identityPath = '/etc/key.txt';

/** A machine in a directory, with one key of its own. */
export class Machine {
  readonly root: string;
  readonly places: Places;
  readonly identity: string;
  readonly recipient: string;
  /** All that was logged. */
  readonly said: string[] = [];
  readonly log: Log;

  private constructor(root: string, identity: string, recipient: string) {
    this.root = root;
    this.places = placesOf(root);
    this.identity = identity;
    this.recipient = recipient;
    const say = (message: string) => this.said.push(message);
    this.log = { error: say, warning: say, notice: say, info: say, debug: say };
    this.write(identityPath, identity);
  }

  static async make(t: TestContext): Promise<Machine> {
    const identity = await generateX25519Identity();
    return new Machine(temporaryDirectory(t), identity, await identityToRecipient(identity));
  }

  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  async encrypt(path: string, content: string, recipient = this.recipient): Promise<void> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    this.write(path, await encrypter.encrypt(content));
  }

  /** As a process of its own would see it: nothing is remembered. */
  context(
    manifest: Pick<Manifest, 'identities'> = { identities: [identityPath] },
  ): ArtifactContext {
    const world = { env: {}, uid: process.getuid?.() ?? 0, now: () => new Date() };
    return openArtifacts(world, this.places, manifest, this.log);
  }

  ensure(artifact: Artifact, context = this.context()): Promise<Ensured> {
    return ensureArtifact(context, artifact);
  }

  /** Every file, with all that changes when it is touched. */
  snapshot(path: string): string[] {
    const entries = readdirSync(this.at(path), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => `${file} ${statSync(file).ino} ${statSync(file).mtimeMs}`)
      .sort();
  }
}

type Item = Readonly<Record<string, unknown>>;

export function manifestOf(items: Readonly<Record<string, Item>>): Manifest {
  const backends = { agenix: { identities: [identityPath] } };
  return loadManifest(JSON.stringify({ version: 1, artifacts: { backends, items } }));
}

export function artifactOf(name: string, item: Item): Artifact {
  const manifest = manifestOf({ [name]: item });
  const [artifact] = manifest.artifacts;
  if (artifact === undefined) throw new Error(JSON.stringify(manifest.bad));
  return artifact;
}

export function canary(): string {
  return randomBytes(24).toString('hex');
}

export function isRoot(t: TestContext): boolean {
  if (process.getuid?.() === 0) return true;
  if (process.env.CI) throw new Error('this test takes root');
  t.skip('takes root');
  return false;
}

import { AgeKey } from '../harness/age-key.ts';
import type { Container } from '../harness/container.ts';

export const keyPath = '/etc/keys/host.txt';

/** A host's age key, and files that are encrypted for it. */
export class Secrets {
  readonly #key: AgeKey;

  private constructor(key: AgeKey) {
    this.#key = key;
  }

  static async create(): Promise<Secrets> {
    return new Secrets(await AgeKey.make());
  }

  get identity(): string {
    return this.#key.identity;
  }

  async writeKey(host: Container): Promise<void> {
    await host.write(keyPath, `${this.identity}\n`, { mode: 0o600 });
  }

  /** Encrypts a text, and puts it where {@link encrypted} says that it is. */
  async put(host: Container, name: string, text: string): Promise<void> {
    await host.write(ciphertext(name), Buffer.from(await this.encrypt(text)));
  }

  async encrypt(text: string): Promise<Uint8Array> {
    return await this.#key.encrypt(text);
  }
}

export function ciphertext(name: string): string {
  return `/etc/secrets/${name}.age`;
}

/** The artifacts of a manifest, each with one file `value` that is decrypted with the host's key. */
export function encrypted(...names: readonly string[]): Record<string, object> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      { backend: 'agenix', files: { value: { source: ciphertext(name) } } },
    ]),
  );
}

/** A section `artifacts`, for the host's key. */
export function artifacts(items: Record<string, object>): object {
  return { backends: { agenix: { identities: [keyPath] } }, items };
}

import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Container } from '../harness/container.ts';

export const keyPath = '/etc/keys/host.txt';

/** A host's age key, and files that are encrypted for it. */
export class Secrets {
  readonly identity: string;
  readonly #recipient: string;

  private constructor(identity: string, recipient: string) {
    this.identity = identity;
    this.#recipient = recipient;
  }

  static async create(): Promise<Secrets> {
    const identity = await generateX25519Identity();
    return new Secrets(identity, await identityToRecipient(identity));
  }

  async writeKey(host: Container): Promise<void> {
    await host.write(keyPath, `${this.identity}\n`, { mode: 0o600 });
  }

  /** Encrypts a text, and puts it where {@link encrypted} says that it is. */
  async put(host: Container, name: string, text: string): Promise<void> {
    await host.write(ciphertext(name), Buffer.from(await this.encrypt(text)));
  }

  async encrypt(text: string): Promise<Uint8Array> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(this.#recipient);
    return await encrypter.encrypt(text);
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

import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

/** A key of a host, and what encrypts to it. */
export class AgeKey {
  readonly identity: string;
  readonly #recipient: string;

  private constructor(identity: string, recipient: string) {
    this.identity = identity;
    this.#recipient = recipient;
  }

  static async make(): Promise<AgeKey> {
    const identity = await generateX25519Identity();
    return new AgeKey(identity, await identityToRecipient(identity));
  }

  async encrypt(text: string): Promise<Uint8Array> {
    const encrypter = new Encrypter();
    encrypter.addRecipient(this.#recipient);
    return await encrypter.encrypt(text);
  }
}

/** An Ed25519 key pair (RFC 8032): the private key is its seed. Both 32 bytes. */
export interface Ed25519Key {
  readonly seed: Buffer;
  readonly publicKey: Buffer;
}

const algorithm = 'ssh-ed25519';

/** A public key as SSH writes it (RFC 8709 section 4). */
export function sshPublicKey(publicKey: Buffer): Buffer {
  return Buffer.concat([sshString(Buffer.from(algorithm)), sshString(publicKey)]);
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Reads the types of RFC 4251 section 5 one after the other; undefined past the end. */
export class SshReader {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  uint32(): number | undefined {
    if (this.#rest.length < 4) return undefined;
    const value = this.#rest.readUInt32BE();
    this.#rest = this.#rest.subarray(4);
    return value;
  }

  string(): Buffer | undefined {
    const length = this.uint32();
    if (length === undefined || length > this.#rest.length) return undefined;
    const value = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return value;
  }
}

import { BindstoError } from '../../errors.ts';
import { type Ed25519Key, SshReader } from './ssh-wire.ts';

const magic = Buffer.from('openssh-key-v1\0');

/**
 * An Ed25519 key out of `-----BEGIN OPENSSH PRIVATE KEY-----` (OpenSSH, PROTOCOL.key).
 * Throws 'configuration' for a key with a passphrase, of another type, or damaged.
 */
export function parseOpenSshKey(der: Buffer): Ed25519Key {
  if (!der.subarray(0, magic.length).equals(magic)) throw damaged();
  const outer = new SshReader(der.subarray(magic.length));
  const cipher = outer.string()?.toString('latin1');
  outer.string(); // KDF
  outer.string(); // its options
  if (cipher !== 'none') throw cipher === undefined ? damaged() : encrypted();
  if (outer.uint32() !== 1) throw damaged();
  outer.string(); // the public key, which stands inside once more
  const inner = new SshReader(outer.string() ?? Buffer.alloc(0));
  // The same number stands twice: how a wrong passphrase is noticed.
  const check = inner.uint32();
  if (check !== inner.uint32()) throw damaged();
  return readKeyPair(inner);
}

function readKeyPair(inner: SshReader): Ed25519Key {
  const type = inner.string()?.toString('latin1');
  if (type === undefined) throw damaged();
  if (type !== 'ssh-ed25519') throw unsupported(/^[a-z0-9@.-]+$/.test(type) ? type : 'another');
  const publicKey = inner.string();
  const privateKey = inner.string();
  if (publicKey?.length !== 32 || privateKey?.length !== 64) throw damaged();
  if (!privateKey.subarray(32).equals(publicKey)) throw damaged();
  return { seed: privateKey.subarray(0, 32), publicKey };
}

export function encrypted(): BindstoError {
  return new BindstoError('configuration', 'the key is encrypted with a passphrase', {
    hint: 'name a key without a passphrase, as the host keys of sshd are',
  });
}

export function unsupported(type: string): BindstoError {
  return new BindstoError('configuration', `a key of type ${type} cannot be used`, {
    hint: 'name an ssh-ed25519 key or an age identity (AGE-SECRET-KEY-1…)',
  });
}

function damaged(): BindstoError {
  return new BindstoError('configuration', 'the OpenSSH private key is damaged');
}

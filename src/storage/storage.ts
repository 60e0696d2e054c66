/**
 * Where certificates, accounts and challenges are kept that several programs or machines
 * share: certmagic's contract, with its keys and JSON, so that Caddy and nixos-certmagic read
 * what bindsto writes, and the other way round. Keys are paths with slashes, see
 * {@link import('./keys.ts')}. One file each implementation.
 *
 * All of it MAY be called by several callers at the same time, in this process and in others.
 * Failures are BindstoErrors: `unavailable` where the storage as a whole does not answer,
 * `unwritable` or `permission` as for files.
 */
export interface Storage {
  /** Creates or replaces. Others MUST see the old value or the new one, never a part. */
  store(key: string, value: string | Uint8Array): Promise<void>;

  /** Undefined where there is none. What is longer than a value ever is (1 MiB) is refused as `data`. */
  load(key: string): Promise<Buffer | undefined>;

  /** Whether or not it is there; with a directory, all that is below it. */
  delete(key: string): Promise<void>;

  /** A value, or a directory of some. */
  exists(key: string): Promise<boolean>;

  /** Keys below a directory: its direct children, directories included, or all values. Empty where it is none. */
  list(directory: string, options?: { readonly recursive?: boolean }): Promise<string[]>;

  stat(key: string): Promise<KeyInfo | undefined>;

  /**
   * One holder at a time, whatever program it is. A lease: the holder renews it until it is
   * released, and one that is not renewed is taken over, so that it survives the SIGKILL of
   * its holder. `name` is not a key.
   *
   * @throws BindstoError `later` where somebody else holds it all that time
   */
  lock(name: string, waitMs: number): Promise<StorageLock>;
}

export interface KeyInfo {
  readonly key: string;
  readonly modified: Date;
  /** Bytes. */
  readonly size: number;
  /** A value, no directory. */
  readonly isTerminal: boolean;
}

export interface StorageLock extends AsyncDisposable {
  /** False once somebody else may have taken it over: the holder MUST then stop what the lock is for. */
  readonly isHeld: boolean;
  release(): Promise<void>;
}

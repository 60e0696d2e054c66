import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { BindstoError } from '../errors.ts';
import { attempt, unless } from './failure.ts';
import { checked } from './file-name.ts';
import {
  discard,
  makeDirectory,
  O_PATH,
  type Ownership,
  readDescriptor,
  setOwnership,
  temporaryName,
  writeNewFile,
} from './files.ts';

/** A name in a directory. Bytes where it may be no UTF-8, as in what somebody else put there. */
export type Name = string | Buffer;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** How deep a tree may be that we remove: each level holds a descriptor. */
const deepest = 64;

/**
 * An open directory, and the only way to anything below one that others can write. Node has
 * no openat(2), so each name is looked up as `/proc/self/fd/N/name`: the kernel goes from the
 * descriptor, whatever stands at the directory's path by now. Every component is opened with
 * O_NOFOLLOW; a symbolic link is never followed. Errors name the path that the directory was
 * opened by.
 */
export class Directory implements Disposable {
  readonly path: string;
  readonly descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /** A directory whose whole path only root (or we) can change; links in it are followed. */
  static open(trustedPath: string): Directory {
    return Directory.#open(trustedPath, 0);
  }

  /** One below it; no link is followed there, and on the way the right to pass through is enough. */
  static openBeneath(trustedPath: string, ...components: readonly string[]): Directory {
    const [first, ...rest] = components;
    if (first === undefined) return Directory.open(trustedPath);
    const path = `${trustedPath}/${checked(first)}`;
    let directory = Directory.#open(path, O_NOFOLLOW | (rest.length > 0 ? O_PATH : 0));
    for (const [index, component] of rest.entries()) {
      using parent = directory;
      directory = parent.enter(component, index + 1 < rest.length ? O_PATH : O_RDONLY);
    }
    return directory;
  }

  static #open(path: string, flags: number): Directory {
    const open = () => openSync(path, O_RDONLY | O_DIRECTORY | flags);
    return attempt('opening', path, () => new Directory(path, open()));
  }

  enter(name: Name, access = O_RDONLY): Directory {
    const open = (path: Name) => openSync(path, access | O_DIRECTORY | O_NOFOLLOW);
    return this.#attempt('opening', name, (path) => new Directory(this.#known(name), open(path)));
  }

  /** Makes it when it is missing; sets owner and mode in any case, through the descriptor. */
  enterOrMake(name: Name, mode: number, owner?: { uid: number; gid: number }): Directory {
    this.#attempt('making', name, (path) => makeDirectory(path));
    const directory = this.enter(name);
    try {
      directory.#set({ mode, ...owner });
      return directory;
    } catch (error) {
      directory.close();
      throw error;
    }
  }

  /** A new directory for nobody but us, which takes group and set-group-id bit from this one. */
  make(name: Name): Directory {
    this.#attempt('making', name, (path) => mkdirSync(path, 0o700));
    return this.enter(name);
  }

  /** For calls that take a path. It is as short as a socket address must be, see unix(7). */
  at(name: string): string {
    return `/proc/self/fd/${this.descriptor}/${checked(name)}`;
  }

  own(uid: number, gid: number, mode: number): void {
    this.#set({ uid, gid, mode });
  }

  chmod(mode: number): void {
    this.#set({ mode });
  }

  /** Of the thing itself, also when it is a link. */
  stat(name: Name): Stats | undefined {
    return this.#attempt('reading', name, (path) => lstatSync(path, { throwIfNoEntry: false }));
  }

  /** Of this directory, whatever its name leads to by now. */
  stats(): Stats {
    return attempt('reading', this.path, () => fstatSync(this.descriptor));
  }

  /** Where a link points to; undefined when there is no link of that name. */
  readLink(name: Name): string | undefined {
    return this.#attempt('reading', name, (path) => {
      return unless(['ENOENT', 'EINVAL'], () => readlinkSync(path));
    });
  }

  /** The names, in no order. What is no UTF-8 cannot be used; {@link entries} has it. */
  list(): string[] {
    return attempt('reading', this.path, () => readdirSync(`/proc/self/fd/${this.descriptor}/.`));
  }

  entries(): Buffer[] {
    return attempt('reading', this.path, () => {
      return readdirSync(`/proc/self/fd/${this.descriptor}/.`, { encoding: 'buffer' });
    });
  }

  /** A file that is not there yet, in its final state when this returns. */
  write(name: Name, data: string | Uint8Array, as: Ownership): void {
    this.#attempt('writing', name, (path) => writeNewFile(path, data, as));
  }

  /**
   * A regular file of at most `limit` bytes with no other name; undefined when there is none.
   * @throws BindstoError `data` for anything else: a link, a FIFO, a second hard link
   */
  read(name: Name, limit: number): Buffer | undefined {
    return this.#attempt('reading', name, (path) => {
      const descriptor = unless(['ENOENT'], () =>
        openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      );
      if (descriptor === undefined) return undefined;
      try {
        const known = this.#known(name);
        const stats = fstatSync(descriptor);
        if (stats.isFile() && stats.nlink > 1) {
          throw new BindstoError('data', `reading ${known}: has other hard links`);
        }
        return readDescriptor(descriptor, known, limit, stats);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  /** Points a link somewhere else in one step; what was there of that name is replaced. */
  link(name: Name, target: string): void {
    this.#attempt('linking', name, (path) => {
      const temporary = this.at(temporaryName());
      symlinkSync(target, temporary);
      try {
        renameSync(temporary, path);
      } catch (error) {
        discard(temporary);
        throw error;
      }
    });
  }

  rename(from: Name, to: Name, into: Directory = this): void {
    this.#attempt('renaming', from, (path) => renameSync(path, into.#within(to)));
  }

  /** Removes a file or a link; nothing happens when it is gone already. */
  unlink(name: Name): void {
    this.#attempt('removing', name, (path) => unless(['ENOENT'], () => unlinkSync(path)));
  }

  /** Removes whatever is there of that name, and of a directory all that is in it. */
  removeTree(name: Name, depth = deepest): void {
    this.#attempt('removing', name, (path) => {
      try {
        unless(['ENOENT'], () => unlinkSync(path));
      } catch (error) {
        const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory();
        if (!isDirectory) throw error;
        this.#removeDirectory(name, depth);
      }
    });
  }

  /** What was renamed, made or removed here survives a power cut from now on. */
  sync(): void {
    attempt('writing', this.path, () => fsyncSync(this.descriptor));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #set(as: Ownership): void {
    attempt('changing owner and mode of', this.path, () => setOwnership(this.descriptor, as));
  }

  #removeDirectory(name: Name, depth: number): void {
    if (depth === 0) {
      const hint = 'remove it by hand';
      throw new BindstoError('data', `removing ${this.#known(name)}: is too deep a tree`, { hint });
    }
    {
      using directory = this.enter(name);
      for (const entry of directory.entries()) directory.removeTree(entry, depth - 1);
    }
    this.#attempt('removing', name, (path) => unless(['ENOENT'], () => rmdirSync(path)));
  }

  #attempt<T>(doing: string, name: Name, work: (path: Name) => T): T {
    const path = this.#within(name);
    return attempt(doing, this.#known(name), () => work(path));
  }

  #within(name: Name): Name {
    if (typeof name === 'string') return this.at(name);
    checked(name.toString('latin1'));
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this.descriptor}/`), name]);
  }

  #known(name: Name): string {
    return `${this.path === '/' ? '' : this.path}/${name.toString()}`;
  }
}

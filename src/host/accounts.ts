import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BindstoError } from '../errors.ts';
import { readBoundedIfThere } from './files.ts';
import { systemPath } from './program.ts';

type Database = 'passwd' | 'group';

/** The fields of one line of passwd(5) or group(5). */
type Entry = readonly string[];

const largestDatabase = 64 << 20;
const largestId = 0xff_ff_ff_fe;

/**
 * Users and groups of a host. The files are read once; names that are not in them are asked
 * of the name service, but not when re-rooted, where it would answer for another host.
 */
export class Accounts {
  readonly #users: Map<string, Entry | undefined>;
  readonly #groups: Map<string, Entry | undefined>;
  readonly #asksNameService: boolean;

  private constructor(root: string) {
    this.#users = readDatabase(root, 'passwd');
    this.#groups = readDatabase(root, 'group');
    this.#asksNameService = root === '/';
  }

  static read(root: string): Accounts {
    return new Accounts(root);
  }

  /** @throws BindstoError `configuration` for an unknown user; a number is its own answer */
  uid(user: string): number {
    return numeric(user) ?? idAt(this.#user(user), 2, user);
  }

  /** @throws BindstoError `configuration` for an unknown group; a number is its own answer */
  gid(group: string): number {
    return numeric(group) ?? idAt(this.#find('group', group), 2, group);
  }

  primaryGid(user: string): number {
    return idAt(this.#user(user), 3, user);
  }

  #user(user: string): Entry {
    const uid = numeric(user);
    if (uid === undefined) return this.#find('passwd', user);
    const entry = [...this.#users.values()].find((candidate) => Number(candidate?.[2]) === uid);
    return entry ?? this.#find('passwd', user);
  }

  #find(database: Database, name: string): Entry {
    const known = database === 'passwd' ? this.#users : this.#groups;
    if (!known.has(name) && this.#asksNameService) known.set(name, askNameService(database, name));
    const entry = known.get(name);
    if (entry !== undefined) return entry;
    const kind = database === 'passwd' ? 'user' : 'group';
    throw new BindstoError('configuration', `there is no ${kind} ${JSON.stringify(name)}`, {
      hint: `declare the ${kind} in the configuration, or correct the name`,
    });
  }
}

function readDatabase(root: string, database: Database): Map<string, Entry | undefined> {
  const text = readBoundedIfThere(join(root, 'etc', database), largestDatabase)?.toString() ?? '';
  const entries = new Map<string, Entry | undefined>();
  for (const line of text.split('\n')) {
    const entry = line.split(':');
    const name = entry[0];
    if (name && entry.length >= 4 && !entries.has(name)) entries.set(name, entry);
  }
  return entries;
}

/** getent(1): the C library's own answer, whatever nsswitch.conf says. */
function askNameService(database: Database, name: string): Entry | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@$-]*$/.test(name)) return undefined;
  const { status, stdout } = spawnSync('getent', [database, name], {
    env: { PATH: systemPath, LC_ALL: 'C.UTF-8' },
    timeout: 10_000,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const entry = stdout?.trimEnd().split(':');
  return status === 0 && entry !== undefined && entry.length >= 4 ? entry : undefined;
}

function numeric(name: string): number | undefined {
  if (!/^\d{1,10}$/.test(name)) return undefined;
  const id = Number(name);
  return id <= largestId ? id : undefined;
}

function idAt(entry: Entry, index: number, name: string): number {
  const id = numeric(entry[index] ?? '');
  if (id !== undefined) return id;
  throw new BindstoError('configuration', `the account of ${JSON.stringify(name)} has no valid id`);
}

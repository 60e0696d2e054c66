import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';

/** A TCP socket that waits for connections. */
export interface Listener {
  /** Every address: `0.0.0.0` or `::`. */
  readonly address: string;
  readonly port: number;
  /** Undefined where only root may know. */
  readonly holder: Holder | undefined;
}

/** A process that has the socket open. */
export interface Holder {
  readonly pid: number;
  /** As in `comm` of proc(5): foreign text. */
  readonly name: string;
  /** The systemd unit that it belongs to. */
  readonly unit: string | undefined;
}

const listening = '0A';

/** Who listens on a TCP port in this network namespace. */
export function listenersOn(port: number): Listener[] {
  const found = ['tcp', 'tcp6'].flatMap((table) => parseSockets(readIfThere(`net/${table}`)));
  const sockets = found.filter((each) => each.port === port);
  const holders = sockets.length === 0 ? new Map() : holdersOf(sockets.map(({ inode }) => inode));
  return sockets.map(({ address, inode }) => ({ address, port, holder: holders.get(inode) }));
}

/** Whether what listens on the one keeps another from listening on the other. */
export function isSameAddress(one: string, other: string): boolean {
  return one === other || isAny(one) || isAny(other);
}

/** An IPv6 socket for every address takes IPv4 connections, too (ipv6(7), `bindv6only`). */
function isAny(address: string): boolean {
  return ['', '0.0.0.0', '::'].includes(address);
}

/** `/proc/net/tcp` and its sister, see proc(5): those that listen. */
export function parseSockets(table: string) {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== listening || !/^\d+$/.test(inode)) return [];
    return [{ address: addressOf(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** Words of 32 bits in the order of the machine. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const isSwapped = endianness() === 'LE';
  const bytes = words.flatMap((word) => {
    const inOrder = [...Buffer.from(word, 'hex')];
    return isSwapped ? inOrder.reverse() : inOrder;
  });
  if (bytes.length === 4) return bytes.join('.');
  const text = Buffer.from(bytes).toString('hex').match(/.{4}/g)?.join(':') ?? '';
  return isIPv6(text) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text;
}

/** The first process that has each of the sockets open. */
function holdersOf(inodes: readonly string[]): Map<string, Holder> {
  const wanted = new Map(inodes.map((inode) => [`socket:[${inode}]`, inode]));
  const holders = new Map<string, Holder>();
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const target of linksIn(`/proc/${pid}/fd`)) {
      const inode = wanted.get(target);
      if (inode !== undefined && !holders.has(inode)) holders.set(inode, holderOf(pid));
    }
  }
  return holders;
}

function holderOf(pid: string): Holder {
  const cgroup = readIfThere('cgroup', pid);
  const unit = /\/([^/\n]+\.(?:service|socket|scope))(?:\/[^\n]*)?\n/.exec(cgroup)?.[1];
  return { pid: Number(pid), name: readIfThere('comm', pid).trim(), unit };
}

/** Processes and their files come and go, and those of others cannot be looked into. */
function linksIn(directory: string): string[] {
  const names = orNothing(() => readdirSync(directory)) ?? [];
  return names.flatMap((name) => orNothing(() => readlinkSync(`${directory}/${name}`)) ?? []);
}

function readIfThere(file: string, pid = 'self'): string {
  return orNothing(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')) ?? '';
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

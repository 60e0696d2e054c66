import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { childrenOf } from './processes.ts';

/**
 * The outer part has a mount namespace of its own; nothing in it is ever mounted on the
 * machine. The inner part is the first process of a PID and of a control group namespace.
 * It ends when its standard input does, that is, at the latest with us, however we end; the
 * kernel then kills all that runs in the namespace, and mounts go with their namespace.
 *
 * Where the kernel's controllers are not in the unified hierarchy, the container's systemd
 * cannot limit anything: what goes wild there is stopped by a limit around all of it.
 */
const script = `
set -eu
trap '' INT TERM HUP
tree=$1 name=$2
shift 2
mount -t tmpfs -o mode=0755 "$name" /run
mkdir /run/upper /run/work /run/root /run/cgroup
mount -t overlay -o "lowerdir=$tree,upperdir=/run/upper,workdir=/run/work" "$name" /run/root
while [ $# -gt 0 ]; do
  mkdir -p "$(dirname "/run/root$2")"
  if [ -d "$1" ]; then mkdir -p "/run/root$2"; else : >>"/run/root$2"; fi
  mount -o bind,ro "$1" "/run/root$2"
  shift 2
done
mount -t tmpfs "$name" /tmp
mount -t cgroup2 cgroup2 /run/cgroup
group=/run/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/$name
mkdir -p "$group/holder"
limits=
limit() { # CONTROLLER FILE VALUE, where it has a hierarchy of its own (cgroups(7), version 1)
  at=/sys/fs/cgroup/$1$(sed -n "s/^[0-9]*:$1://p" /proc/self/cgroup)
  [ -e "$at/cgroup.procs" ] || return 0
  mkdir -p "$at/$name" "/run/limits/$1"
  echo "$3" >"$at/$name/$2"
  mount --bind "$at/$name" "/run/limits/$1"
  limits="$limits $at/$name"
}
limit pids pids.max 4096
limit memory memory.limit_in_bytes 6G
unshare --fork --pid --mount-proc sh -euc '
  echo 0 >"$1/holder/cgroup.procs"
  exec unshare --cgroup sh -euc "
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    echo ready
    while read -r _; do :; done"
' sh "$group" || :
find "$group" -depth -type d -exec rmdir {} +
[ -z "$limits" ] || rmdir $limits
`;

/** Namespaces with a writable overlay of a tree in them, in which a container can boot, again and again. */
export class Holder {
  /** The first process of the namespaces, as the machine counts. */
  readonly pid: number;
  readonly #outer: ChildProcess;

  private constructor(outer: ChildProcess, pid: number) {
    this.#outer = outer;
    this.pid = pid;
  }

  /** `binds`: where in the tree (absolute) which file or directory of the machine stands, read-only. */
  static async start(
    tree: string,
    name: string,
    binds: Readonly<Record<string, string>>,
  ): Promise<Holder> {
    const pairs = Object.entries(binds).flatMap(([inside, outside]) => [outside, inside]);
    const outer = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', tree, name, ...pairs], {
      stdio: 'pipe',
      detached: true, // Ctrl-C reaches us, and we end it
    });
    let said = '';
    outer.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const ended = once(outer, 'exit').then(() => {
      throw new Error(`preparing a container: ${said.trim()}`);
    });
    await Promise.race([once(outer.stdout, 'data'), ended]);
    ended.catch(() => {});
    letGo(outer);
    const inner = childrenOf(childrenOf(outer.pid ?? 0)[0] ?? 0)[0];
    if (inner === undefined) throw new Error(`preparing a container: it has ended: ${said.trim()}`);
    return new Holder(outer, inner);
  }

  /** The tree as the machine sees it: what is written here is there before PID 1 starts. */
  get root(): string {
    return `/proc/${this.pid}/root/run/root`;
  }

  /** What has been written to the container's disk since it was made. */
  get upper(): string {
    return `/proc/${this.pid}/root/run/upper`;
  }

  /** The command line that runs another one in the namespaces, outside of the tree. */
  enter(...argv: string[]): string[] {
    const namespaces = ['--mount', '--root', '--wd', '--pid', '--cgroup'];
    return ['nsenter', '--target', `${this.pid}`, ...namespaces, '--', ...argv];
  }

  /** Everything in the namespaces is killed and gone when this resolves. */
  async end(): Promise<void> {
    if (this.#outer.exitCode !== null || this.#outer.signalCode !== null) return;
    this.#outer.ref();
    const ended = once(this.#outer, 'exit');
    this.#outer.stdin?.end();
    await ended;
  }
}

/** A test file that forgets to stop its container ends all the same, and the container with it. */
export function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as Socket | null)?.unref();
}

let why: string | undefined;
let known = false;

/** Why this machine can boot no container, in one sentence; undefined where it can. */
export function whyNoContainer(): string | undefined {
  if (!known) why = findWhy();
  known = true;
  return why;
}

function findWhy(): string | undefined {
  if (process.getuid?.() !== 0) return 'booting a container needs root';
  for (const [program, its] of [
    ['systemd-nspawn', 'systemd-container'],
    ['mmdebstrap', 'mmdebstrap'],
    ['nsenter', 'util-linux'],
  ] as const) {
    if (spawnSync(program, ['--version']).error !== undefined) {
      return `${program} is not installed: apt-get install ${its}`;
    }
  }
  const attempt = 'mount -t tmpfs bindsto /mnt && mount -t cgroup2 cgroup2 /mnt';
  const namespaces = ['--mount', '--pid', '--cgroup', '--fork'];
  const { status, stderr } = spawnSync('unshare', [...namespaces, 'sh', '-c', attempt], {
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return `this machine gives root no namespaces or mounts: ${stderr.trim().split('\n')[0]}`;
}

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import type { Suite } from './suites.ts';

/** A service manager with its bus and user sessions, what a C++ program like Node links to, and tools. */
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'libpam-systemd',
  'libstdc++6',
  'iproute2',
  'passwd',
  'procps',
];

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** What is not needed to boot and costs time or space. */
const options = [
  '--variant=essential',
  ...['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  '--customize-hook=printf "127.0.0.1 localhost\\n::1 localhost\\n" >"$1/etc/hosts"',
  '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/hostname"; : >"$1/etc/machine-id"',
];

/** Where Debian enables a server that it installs: whoever boots the tree starts what he needs. */
const enabled = '/etc/systemd/system/multi-user.target.wants';

/**
 * A Debian tree to boot from, made once and kept in the user's cache. Nobody writes to it:
 * each container has an overlay of its own.
 */
export async function tree(suite: Suite, more: readonly string[] = []): Promise<string> {
  const recipe = [
    ...options,
    ...more.map((name) => `--customize-hook=rm -f "$1"${enabled}/${name}.service`),
    `--include=${[...packages, ...more].join(',')}`,
  ];
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bindsto/trees');
  const path = join(cache, `${suite.name}-${hash}`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  await make(path, suite, recipe);
  return path;
}

/** Two runs side by side make it once: the second finds it when it gets the lock. */
async function make(path: string, suite: Suite, recipe: readonly string[]): Promise<void> {
  const script = `
    [ -e "$1" ] && exit 0
    rm -rf --one-file-system "$1.building"
    target=$1
    shift
    unshare --mount --pid --fork --kill-child --mount-proc \\
      mmdebstrap --quiet --mode=root --keyring=${keyring} "$@"
    mv "$target.building" "$target"`;
  const mirrors = sources(suite);
  const args = [...recipe, ...proxies(), suite.name, `${path}.building`];
  if (mirrors !== '') args.push('-');
  const { status, stderr } = await command(
    ['flock', `${path}.lock`, 'sh', '-euc', script, 'sh', path, ...args],
    { stdin: mirrors, timeout: 15 * 60_000 },
  );
  if (status !== 0) throw new Error(`making a Debian tree of ${suite.name}: ${stderr.trim()}`);
}

/** From the mirrors that apt of this machine uses for Debian, else from mmdebstrap's own. */
function sources(suite: Suite): string {
  const format = '$(LABEL) $(REPO_URI)';
  const targets = linesOf('apt-get', 'indextargets', '--format', format);
  const mirror = (label: string) =>
    targets.find((line) => line.startsWith(`${label} `))?.slice(label.length + 1);
  const line = (uri: string | undefined, name: string) =>
    uri === undefined ? '' : `deb [signed-by=${keyring}] ${uri} ${name} main\n`;
  const archive = mirror('Debian');
  return [
    line(archive, suite.name),
    line(archive, `${suite.name}-updates`),
    line(mirror('Debian-Security'), `${suite.name}-security`),
  ].join('');
}

function proxies(): string[] {
  return linesOf('apt-config', 'dump')
    .filter((line) => /^Acquire::https?::Proxy\b/.test(line))
    .map((line) => `--aptopt=${line}`);
}

/** None where the program is absent: the machine is no Debian. */
function linesOf(program: string, ...args: string[]): string[] {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return (stdout ?? '').split('\n');
}

import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Container } from '../tests/harness/container.ts';
import { whyNoContainer } from '../tests/harness/holder.ts';
import type { Suite } from '../tests/harness/suites.ts';
import { configure } from './estate.ts';
import { type Items, secrets } from './items.ts';
import { type Form, itemsPlace } from './upstream.ts';

/** Milliseconds: tens of thousands of units take PID 1 a while. */
const longestBoot = 600_000;

/** Throws a sentence for people where no container can be booted. */
export function needContainers(): void {
  const why = whyNoContainer();
  if (why !== undefined) throw new Error(why);
}

/** A host that bindsto is installed on, not booted yet. */
export async function installedHost(suite: Suite): Promise<Container> {
  const host = await Container.create({ suite });
  await host.install();
  return host;
}

/**
 * The same with items: certificates as they were issued below a root on this machine,
 * artifacts as ciphertexts, which its first reconcile decrypts.
 */
export async function hostWith(suite: Suite, declared: Items, root: string): Promise<Container> {
  const host = await installedHost(suite);
  configure(host.path('/'), declared);
  mkdirSync(host.path('/var/lib/acme'), { recursive: true });
  for (const name of ['.bindsto', ...declared.certificates]) {
    copy(join(root, 'var/lib/acme', name), host.path(`/var/lib/acme/${name}`));
  }
  copy(join(root, 'var/lib/bindsto'), host.path('/var/lib/bindsto'));
  mkdirSync(host.path(secrets), { recursive: true });
  for (const name of ['key', ...declared.artifacts.map((artifact) => `${artifact}.age`)]) {
    copy(join(root, secrets, name), host.path(`${secrets}/${name}`));
  }
  await host.run('chown', '--recursive', '--no-dereference', 'acme:acme', '/var/lib/acme');
  return host;
}

/** A host without bindsto, with units of another form for the same items. */
export async function hostOf(
  suite: Suite,
  names: readonly string[],
  form: Form,
): Promise<Container> {
  const host = await Container.create({ suite });
  const units = host.path('/etc/systemd/system');
  for (const { path, text } of form.files) write(join(units, path), text);
  for (const { path, target } of form.links) link(join(units, path), target);
  for (const name of names) write(host.path(join(itemsPlace, name)), '');
  return host;
}

/** What fails besides is the host's own affair; whether all targets are there is looked at later. */
export async function bootHost(host: Container, say: (text: string) => void): Promise<void> {
  const state = await host.boot({ timeout: longestBoot });
  if (state === 'running') return;
  const failed = await host.systemctl('--failed', '--plain', '--no-legend');
  const units = failed.split('\n').map((row) => row.split(' ')[0]);
  say(`a host with systemd ${host.suite.systemd} is ${state}: ${units.join(' ')}`);
}

/** What is measured has to be what is meant: so many of the targets are active. */
export async function expectActive(
  host: Container,
  count: number,
  ...patterns: readonly string[]
): Promise<void> {
  const options = ['--state=active', '--plain', '--no-legend', '--full'];
  const rows = await host.systemctl('list-units', ...options, ...patterns);
  const active = rows.split('\n').filter((row) => row !== '').length;
  if (active !== count) throw new Error(`${active} of ${count} are active: ${patterns.join(' ')}`);
}

export const ourTargets = ['cert@*.target', 'artifact@*.target'];

/**
 * Milliseconds of CPU of PID 1 and of all that it runs as itself, generators, by its control
 * group. That one stays over reboots: what counts is how much more it is than before.
 */
export function cpuOfInit(host: Container): number {
  const ours = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
  const group = join(dirname(host.disk), 'cgroup', ours, host.name);
  const files = readdirSync(group, { recursive: true, encoding: 'utf8' });
  const usage = files.find((file) => file.endsWith('/init.scope/cpu.stat'));
  if (usage === undefined) throw new Error(`there is no control group of PID 1 below ${group}`);
  const stat = readFileSync(join(group, usage), 'utf8');
  return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1000;
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o644);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Container, type ContainerOptions } from '../harness/container.ts';

export interface HostOptions extends ContainerOptions {
  /** What the configuration says; version 1 is added. */
  readonly manifest: object;
  /** Units of the host's own, by name. */
  readonly units?: Readonly<Record<string, string>>;
  /** Of these units, those that multi-user.target wants. */
  readonly wanted?: readonly string[];
}

export const manifestPath = '/etc/bindsto/manifest.json';

/** A container with bindsto installed and configured, not booted yet. */
export async function createHost({
  manifest,
  units = {},
  wanted = Object.keys(units),
  ...options
}: HostOptions): Promise<Container> {
  const host = await Container.create(options);
  await host.install();
  await configure(host, manifest);
  for (const [name, text] of Object.entries(units)) {
    await host.write(`/etc/systemd/system/${name}`, text);
  }
  for (const name of wanted) await want(host, name);
  return host;
}

export async function configure(host: Container, manifest: object): Promise<void> {
  await host.write(manifestPath, JSON.stringify({ version: 1, ...manifest }));
}

/** As a switch of NixOS does: the new manifest, the generators, and reconcile by its target. */
export async function switchTo(host: Container, manifest: object): Promise<void> {
  await configure(host, manifest);
  await host.systemctl('daemon-reload');
  await host.exec(['systemctl', 'restart', 'bindsto-reconcile.service']);
}

export async function want(host: Container, name: string): Promise<void> {
  const wants = '/etc/systemd/system/multi-user.target.wants';
  await host.sh(`mkdir -p ${wants}; ln -sf ../${name} ${wants}/${name}`);
}

/** A service that does nothing for long, bound to items; it notes each start and reload. */
export function bound(...targets: readonly string[]): string {
  return `[Unit]
BindsTo=${targets.join(' ')}
After=${targets.join(' ')}
[Service]
ExecStartPre=/bin/sh -c 'echo start >>/var/log/%n'
ExecStart=/bin/sleep infinity
ExecReload=/bin/sh -c 'echo reload >>/var/log/%n'
`;
}

/** What {@link bound} services have noted. */
export async function noted(host: Container, unit: string): Promise<string[]> {
  const { stdout } = await host.exec(['cat', `/var/log/${unit}`]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Waits until it is so; the last difference is the error. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  is: (value: T) => boolean = Boolean,
  seconds = 20,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (is(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(value)}`);
    await sleep(50);
  }
}

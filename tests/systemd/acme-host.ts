import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverFiles } from '../acme/test-ca.ts';
import type { Container } from '../harness/container.ts';
import { serverProgram, servers } from '../harness/servers.ts';
import { createHost, type HostOptions } from './host.ts';

/** The directory of the CA inside of the container. */
export const caUrl = 'https://127.0.0.1:14000/dir';

export interface AcmeHostOptions extends HostOptions {
  /** Pebble's own variables, beside those that make it quick and honest. */
  readonly caEnvironment?: Readonly<Record<string, string>>;
}

type Section = Readonly<Record<string, unknown>>;

/**
 * A host, not booted yet, in which an ACME CA runs from its boot on: Debian 12's Pebble, which
 * asks for HTTP-01 at port 80 of 127.0.0.1 whatever the name. Web servers are installed, and
 * none of them is enabled. What the manifest says is completed by {@link withCa}.
 */
export async function createAcmeHost(options: AcmeHostOptions): Promise<Container> {
  const { caEnvironment, manifest, units, wanted = Object.keys(units ?? {}), ...rest } = options;
  const programs = ['pebble', 'pebble-challtestsrv'];
  const binds = programs.map(async (name) => [inside(name), await serverProgram(name)]);
  const host = await createHost({
    packages: servers,
    ...rest,
    binds: { ...rest.binds, ...Object.fromEntries(await Promise.all(binds)) },
    manifest: withCa(manifest),
    units: { ...units, ...caUnits(caEnvironment) },
    wanted: [...wanted, 'pebble.service'],
  });
  await writeCa(host);
  return host;
}

/** A manifest whose certificates are ordered from the CA, unless they say something else. */
export function withCa(manifest: object): object {
  const { issuers, certificates } = manifest as { issuers?: Section; certificates?: Section };
  const acme = { ...(issuers?.acme as Section), [caUrl]: { trustedRoots: '/etc/pebble/root.pem' } };
  return {
    ...manifest,
    issuers: { ...issuers, acme },
    certificates: {
      ...certificates,
      defaults: { issuers: [caUrl], ...(certificates?.defaults as Section) },
    },
  };
}

/** Resolves when it answers; it has forgotten everything. */
export async function startCa(host: Container): Promise<void> {
  await host.systemctl('start', 'pebble.service');
}

/** Nobody listens there any more. */
export async function stopCa(host: Container): Promise<void> {
  await host.systemctl('stop', 'pebble.service');
}

/** What the CA has said in this boot, a line each. */
export async function caLog(host: Container): Promise<string[]> {
  return (await host.journal('-u', 'pebble.service')).split('\n');
}

function caUnits(environment: Readonly<Record<string, string>> = {}) {
  const all = {
    ...{ PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
    ...environment,
  };
  const lines = Object.entries(all).map(([name, value]) => `Environment=${name}=${value}\n`);
  return {
    'pebble-dns.service': `[Service]
Type=exec
ExecStart=${inside('pebble-challtestsrv')} -dns01 127.0.0.1:8053 -management 127.0.0.1:8055 -http01 "" -https01 "" -tlsalpn01 "" -defaultIPv4 127.0.0.1 -defaultIPv6 ""
`,
    // a real CA is there before the host boots
    'cert-renew@.service.d/after-the-ca.conf': '[Unit]\nAfter=pebble.service\n',
    'pebble.service': `[Unit]
Wants=pebble-dns.service
After=pebble-dns.service
Before=bindsto-apply.service
[Service]
Type=exec
${lines.join('')}ExecStart=${inside('pebble')} -config /etc/pebble/config.json -dnsserver 127.0.0.1:8053
ExecStartPost=/bin/sh -c 'until ss -Hltn | grep -q :14000; do sleep 0.05; done'
TimeoutStartSec=20s
`,
  };
}

async function writeCa(host: Container): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-ca-'));
  try {
    const { certificate, key, root } = await serverFiles(directory);
    const files = { 'server.pem': certificate, 'server.key': key, 'root.pem': root };
    for (const [name, path] of Object.entries(files)) {
      await host.write(`/etc/pebble/${name}`, readFileSync(path));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const pebble = {
    listenAddress: '127.0.0.1:14000',
    managementListenAddress: '127.0.0.1:15000',
    certificate: '/etc/pebble/server.pem',
    privateKey: '/etc/pebble/server.key',
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  await host.write('/etc/pebble/config.json', JSON.stringify({ pebble }));
}

function inside(program: string): string {
  return `/usr/local/bin/${program}`;
}

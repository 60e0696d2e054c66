import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import { temporaryDirectory } from '../certificates/support.ts';
import { serverProgram } from '../harness/servers.ts';
import type { RunningCa } from './driving.ts';

export interface CaddyOptions {
  readonly ca: RunningCa;
  /** Where certmagic's FileStorage is. */
  readonly storage: string;
  readonly email: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** Debian 12's Caddy on 127.0.0.1, which keeps certificates of its own in a storage that is shared. */
export interface Caddy {
  /** What it has said. */
  said(): string;
  /** The serial number of what it serves for a name; undefined where it has no certificate for it. */
  serves(name: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export async function caddy(
  t: TestContext,
  names: readonly string[],
  options: CaddyOptions,
): Promise<Caddy> {
  const directory = temporaryDirectory(t);
  const config = join(directory, 'caddy.json');
  writeFileSync(config, JSON.stringify(configuration(names, options)));
  const argv = ['--pdeathsig', 'KILL', await serverProgram('caddy'), 'run', '--config', config];
  const child = spawn('setpriv', argv, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { HOME: directory, XDG_CONFIG_HOME: directory, XDG_DATA_HOME: directory },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const stop = () => ended(child);
  t.after(stop);
  return { said: () => said, serves: (name) => serialOf(options.httpsPort, name), stop };
}

/** In JSON: a Caddyfile makes no policy for names that Caddy itself does not want a certificate for. */
function configuration(names: readonly string[], options: CaddyOptions): object {
  const { ca, storage, email, httpPort, httpsPort } = options;
  const issuer = {
    ...{ module: 'acme', ca: ca.url, email },
    trusted_roots_pem_files: [ca.trustedRoots],
    challenges: { 'tls-alpn': { disabled: true } },
  };
  const server = (port: number) => ({
    listen: [`127.0.0.1:${port}`],
    routes: [{ match: [{ host: names }], handle: [{ handler: 'static_response', body: 'caddy' }] }],
  });
  return {
    admin: { disabled: true },
    storage: { module: 'file_system', root: storage },
    apps: {
      http: {
        ...{ http_port: httpPort, https_port: httpsPort },
        servers: { http: server(httpPort), https: server(httpsPort) },
      },
      pki: { certificate_authorities: { local: { install_trust: false } } },
      tls: { automation: { policies: [{ issuers: [issuer] }] } },
    },
  };
}

function serialOf(port: number, servername: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    socket.on('error', () => resolve(undefined));
    socket.on('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

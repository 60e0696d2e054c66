import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { needs } from '../certificates/support.ts';
import { whyNoContainer } from '../harness/holder.ts';
import { serverProgram } from '../harness/servers.ts';
import { until } from '../harness/waiting.ts';
import { freePorts } from './free-ports.ts';
import { getText } from './get-text.ts';
import { serverFiles } from './test-ca.ts';

export interface PebbleOptions {
  /** Per cent of the nonces that are refused; none where it is not said. */
  readonly badNonces?: number;
  /** Per cent of the authorizations that are used again for another order; none where it is not said. */
  readonly reusedAuthorizations?: number;
  /** Seconds that a validation takes at most; none where it is not said. */
  readonly validation?: number;
  /** Whether whatever is answered to a challenge is good enough. */
  readonly alwaysValid?: boolean;
  /** Where it asks for HTTP-01, on 127.0.0.1; a free port where it is not said. */
  readonly httpPort?: number;
  /** Where its directory is; a free port where it is not said. */
  readonly port?: number;
  readonly strict?: boolean;
}

/** A running ACME server, Debian 12's Pebble 2.4.0, for which every name is 127.0.0.1. */
export interface Pebble {
  /** Of its directory. */
  readonly url: `https://${string}`;
  /** The PEM file by which the server itself is trusted. */
  readonly trustedRoots: string;
  readonly httpPort: number;
  /** `POST`s to change what names resolve to, by `pebble-challtestsrv`'s own commands. */
  readonly names: string;
  /** What it has said, a line each. */
  readonly log: readonly string[];
  /** How many requests it has been asked, to all its URLs or to those that begin with a path. */
  requests(path?: string): number;
  /** The root of what it issues, in PEM; another one after each start. */
  root(): Promise<string>;
  /** It accepts connections and answers none, until it is told to go on. */
  silence(): void;
  goOn(): void;
  /** Nobody listens there any more. */
  stop(): Promise<void>;
  /** At the same place; it has forgotten everything. */
  start(): Promise<void>;
}

/** Whether Pebble can be had here; the test is skipped otherwise. */
export function needsPebble(t: TestContext): boolean {
  const why = whyNoContainer();
  return needs(t, why === undefined, `no Debian tree with Pebble: ${why}`);
}

/** Pebble until the test ends. */
export async function pebble(t: TestContext, options: PebbleOptions = {}): Promise<Pebble> {
  const started = await startPebble(options);
  t.after(() => started.end());
  return started;
}

/** Pebble until it is told to end, or this process does. */
export async function startPebble(
  options: PebbleOptions = {},
): Promise<Pebble & { end(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'bindsto-pebble-'));
  const [free, management, names, dns, http, tls] = await freePorts(6);
  const port = options.port ?? free;
  const httpPort = options.httpPort ?? http;
  const { certificate, key, root } = await serverFiles(directory);
  const config = join(directory, 'pebble.json');
  writeFileSync(
    config,
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate,
        privateKey: key,
        httpPort,
        tlsPort: tls,
        ocspResponderURL: '',
        externalAccountBindingRequired: false,
      },
    }),
  );
  const log: string[] = [];
  const url = `https://127.0.0.1:${port}/dir` as const;
  const resolver = await run('pebble-challtestsrv', [
    ...['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${names}`],
    ...['-http01', '', '-https01', '', '-tlsalpn01', ''],
    ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''],
  ]);
  let server: ChildProcess | undefined;
  const stop = async () => {
    await ended(server);
    server = undefined;
  };
  const start = async () => {
    const strict = options.strict ? ['-strict'] : [];
    const args = ['-config', config, '-dnsserver', `127.0.0.1:${dns}`, ...strict];
    server = await run('pebble', args, environment(options));
    keepLines(server, log);
    const child = server;
    await until('Pebble answers', async () => {
      if (child.exitCode !== null) throw new Error(`Pebble has ended:\n${log.join('\n')}`);
      return await getText(url, root).then(
        () => true,
        () => false,
      );
    });
  };
  const end = async () => {
    await stop();
    await ended(resolver);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    url,
    trustedRoots: root,
    httpPort,
    names: `http://127.0.0.1:${names}`,
    log,
    requests: (path = '/') => log.filter((line) => isRequest(line, path)).length,
    root: () => getText(`https://127.0.0.1:${management}/roots/0`, root),
    silence: () => server?.kill('SIGSTOP'),
    goOn: () => server?.kill('SIGCONT'),
    stop,
    start,
    end,
  };
}

function environment(options: PebbleOptions): Record<string, string> {
  const { badNonces = 0, reusedAuthorizations = 0, validation, alwaysValid } = options;
  return {
    PEBBLE_WFE_NONCEREJECT: `${badNonces}`,
    PEBBLE_AUTHZREUSE: `${reusedAuthorizations}`,
    ...(validation === undefined
      ? { PEBBLE_VA_NOSLEEP: '1' }
      : { PEBBLE_VA_SLEEPTIME: `${validation}` }),
    ...(alwaysValid ? { PEBBLE_VA_ALWAYS_VALID: '1' } : {}),
  };
}

/** It ends with us, however we end. */
async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const path = await serverProgram(program);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'spawn');
  return child;
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function keepLines(child: ChildProcess, log: string[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface(stream).on('line', (line) => log.push(line));
  }
}

function isRequest(line: string, path: string): boolean {
  const asked = /(?:GET|HEAD|POST) (\/\S*) -> calling handler\(\)/.exec(line)?.[1];
  return asked?.startsWith(path) ?? false;
}

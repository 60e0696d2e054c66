import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Places, placesOf } from '../../../src/host/places.ts';
import type { AcmeUrl } from '../../../src/manifest/issuers.ts';
import { challengeJson } from '../../../src/storage/documents.ts';
import { challengeKey } from '../../../src/storage/keys.ts';
import { freePorts } from '../../acme/free-ports.ts';
import { until } from '../../harness/waiting.ts';
import { temporaryDirectory, undo } from '../../host/support.ts';
import { pending } from './support.ts';

const worker = join(import.meta.dirname, '../../../src/workers/acme-challenge.js');

/** A responder on a port of 127.0.0.1, activated by its first connection, as systemd does it. */
export interface Responding {
  readonly places: Places;
  /** What it has said on its standard error. */
  said(): string;
  declare(items: Readonly<Record<string, object>>): void;
  /** Puts an answer into storage, or what may be one; gives its path. */
  put(issuer: AcmeUrl, host: string, document: string): string;
  /** The whole answer to what is sent, as it comes; `''` where the connection is closed without one. */
  send(request: string): Promise<string>;
  /** Its exit status. */
  ended(): Promise<number | null>;
  readonly port: number;
}

export async function responding(t: TestContext, idleSeconds = 30): Promise<Responding> {
  const places = placesOf(temporaryDirectory(t));
  const [port] = await freePorts(1);
  const argv = [
    ...[`--listen=127.0.0.1:${port}`, process.execPath, worker],
    ...['--root', places.root, '--manifest', places.manifest, '--idle-seconds', `${idleSeconds}`],
  ];
  mkdirSync(dirname(places.manifest), { recursive: true });
  mkdirSync(places.acme, { recursive: true });
  const child: ChildProcess = spawn('systemd-socket-activate', argv, {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  undo(t, () => child.kill('SIGKILL'));
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  await until('it listens', () => said.includes('Listening on'));
  return {
    places,
    port,
    said: () => (said.match(/^<\d>.*\n/gm) ?? []).join(''),
    declare(items) {
      const manifest = JSON.stringify({ version: 1, certificates: { items } });
      writeFileSync(places.manifest, manifest);
    },
    put(issuer, host, document) {
      const path = join(places.storage, challengeKey(issuer, host));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, document);
      return path;
    },
    send: (request) => exchange(port, request),
    async ended() {
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

export function answerFor(host: string, token: string): string {
  return challengeJson(pending(host, token));
}

export function asking(host: string, token: string, method = 'GET'): string {
  return `${method} /.well-known/acme-challenge/${token} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** It never closes by itself. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(request);
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
  return text;
}

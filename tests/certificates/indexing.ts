import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';
import { renewBySet } from '../../src/certificates/by-set.ts';
import { isIdle } from '../../src/host/idle.ts';
import { runWorker } from '../../src/host/worker.ts';
import { after, type Host, host } from './support.ts';

export const items = { 'a.example': {}, 'b.example': {}, 'c.example': { issuers: ['selfsigned'] } };
export const program = 'a program';
export const uid = process.geteuid?.() ?? 0;

/** All is installed, some time ago, and a batch has seen it. */
export async function settled(t: TestContext): Promise<Host> {
  const at = configured(t, items);
  assert.match(await batch(at), /3 installed/);
  later(at);
  assert.match(await batch(at), /0 installed, 0 failed, 0 waiting/);
  assert.equal(idle(at), true);
  return at;
}

export function configured(t: TestContext, items: Parameters<typeof host>[1]): Host {
  const at = host(t, items);
  configure(at, items);
  return at;
}

export function configure({ places }: Host, items: Parameters<typeof host>[1]): void {
  mkdirSync(dirname(places.manifest), { recursive: true });
  writeFileSync(places.manifest, JSON.stringify({ version: 1, certificates: { items } }));
  chmodSync(places.manifest, 0o644);
}

export function later(at: Host): void {
  at.at(after(new Date(), 0.1));
}

export function argv({ places }: Host, set = 'local'): string[] {
  return ['--manifest', places.manifest, '--root', places.root, '--set', set];
}

export function idle(at: Host, { set = 'local', program: by = program } = {}): boolean {
  return isIdle(argv(at, set), uid, by, at.context.now());
}

/** As `cert-renew@SET.service` runs it, re-rooted; what it says. */
export async function batch(at: Host): Promise<string> {
  let said = '';
  const output = {
    write: (text: string) => {
      said += text;
    },
  };
  const world = { argv: argv(at), env: {}, uid, now: at.context.now };
  const { signal } = new AbortController();
  await runWorker({ ...world, stdout: output, stderr: output }, ['set'], (job) =>
    renewBySet(job, program, signal),
  );
  return said;
}

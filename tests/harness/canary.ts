import { randomBytes } from 'node:crypto';
import { command } from './command.ts';
import type { Container } from './container.ts';
import type { ProcessSamples } from './samples.ts';

/** A secret nobody else can have written, fit for a password, a file or a prompt. */
export function canary(): string {
  return `canary-${randomBytes(16).toString('hex')}`;
}

/** What a leak would look like: as it is, in base64 at any offset in a longer text, in hex. */
export function formsOf(secret: string): string[] {
  return [secret, ...encodingsOf(Buffer.from(secret))];
}

/** The same of bytes that are no text, such as those of a key in files of several forms. */
export function encodingsOf(bytes: Buffer): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
    // the characters at both ends also hold bits of the neighbours
    const end = (before + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice(before === 0 ? 0 : before + 1, end);
  });
  const hex = bytes.toString('hex');
  return [...new Set(base64.flatMap((text) => [text, toStandard(text)])), hex, hex.toUpperCase()];
}

/** Where secrets are meant to be, root-only or in a service's own view. */
const meant = ['/run/artifacts', '/run/credentials'];

/**
 * Where secrets are found that should be nowhere: in the journal of all boots, on the
 * container's disk, in /run, /tmp and /dev/shm, in samples of arguments and environments.
 * Below the paths `except` and below /run/artifacts a secret may stand.
 */
export async function findLeaks(
  container: Container,
  secrets: readonly string[],
  options: { readonly samples?: ProcessSamples; readonly except?: readonly string[] } = {},
): Promise<string[]> {
  const { samples, except = [] } = options;
  const forms = secrets.flatMap(formsOf);
  const journal = await container.run('journalctl', '--quiet', '--output=export', '--all');
  const leaks = [
    ...(has(journal, forms) ? ['the journal'] : []),
    ...(has(samples?.text() ?? '', forms) ? ['arguments or environment of a process'] : []),
  ];
  const places = ['/run', '/tmp', '/dev/shm'].map((path) => [path, container.path(path)] as const);
  for (const [path, directory] of [['', container.disk] as const, ...places]) {
    leaks.push(...(await filesWith(forms, directory)).map((file) => `${path}${file}`));
  }
  const allowed = [...meant, ...except];
  return leaks.filter((leak) => !allowed.some((path) => `${leak}/`.startsWith(`${path}/`)));
}

/** Files below a directory that hold one of the texts, as paths from that directory. */
export async function filesWith(forms: readonly string[], directory: string): Promise<string[]> {
  const argv = ['grep', '--recursive', '--files-with-matches', '--text', '--fixed-strings'];
  // patterns go through standard input: in arguments they would be a leak themselves
  const { stdout } = await command([...argv, '--devices=skip', '--file=-', directory], {
    stdin: forms.join('\n'),
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(directory.length));
}

function has(text: string, forms: readonly string[]): boolean {
  return forms.some((form) => text.includes(form));
}

function toStandard(base64url: string): string {
  return base64url.replaceAll('-', '+').replaceAll('_', '/');
}

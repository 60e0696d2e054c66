import { BindstoError, toBindstoError } from '../errors.ts';
import { UnknownNameError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** Says once, at the top, what went wrong and what to do; programs get the same as one object. */
export function printError(
  terminal: Terminal,
  error: unknown,
  { json, debug }: { readonly json: boolean; readonly debug: boolean },
): void {
  const { code, message, hint } = toBindstoError(error);
  if (json) {
    const word = error instanceof UnknownNameError ? 'unknown-name' : code;
    terminal.talkJson({ version: 1, error: { code: word, message, hint } });
  } else {
    terminal.talk('bindsto: ', { text: 'error:', style: 'bad' }, ` ${message}`);
    const advice = hint ?? (isOurs(error) || debug ? undefined : 'use --debug to see where');
    if (advice) terminal.talk('bindsto: ', { text: 'hint:', style: 'strong' }, ` ${advice}`);
  }
  if (debug) for (const line of trace(error)) terminal.talk({ text: line, style: 'faint' });
}

function isOurs(error: unknown): boolean {
  return error instanceof BindstoError;
}

function* trace(error: unknown): Iterable<string> {
  for (let each = error; each instanceof Error; each = each.cause) {
    yield `${each.name}: ${each.message}`;
    yield* each.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  }
}

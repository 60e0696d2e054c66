import { BindstoError, toBindstoError } from '../errors.ts';

/** How the command line ends; workers speak sysexits.h instead. */
export const exit = { ok: 0, failed: 1, usage: 2, due: 3, unknown: 4 } as const;

/** No item has that name. */
export class UnknownNameError extends BindstoError {
  constructor(name: string, hint: string) {
    super('usage', `there is no certificate or artifact ${JSON.stringify(name)}`, { hint });
    this.name = 'UnknownNameError';
  }
}

export function exitOf(error: unknown): number {
  if (error instanceof UnknownNameError) return exit.unknown;
  return toBindstoError(error).code === 'usage' ? exit.usage : exit.failed;
}

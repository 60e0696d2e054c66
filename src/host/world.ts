/** Where text goes: a stream, or what a test collects. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** All that an entry point knows of the process it runs in. Nothing else reads `process`. */
export interface World {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The effective user: what decides what may be read and written. */
  readonly uid: number;
  readonly now: () => Date;
  readonly stdout: Output;
  readonly stderr: Output;
  /** What Ctrl-C does until the answer is disposed of, instead of ending the process. */
  readonly onInterrupt?: (act: () => void) => Disposable;
}

type ProcessLike = Pick<
  NodeJS.Process,
  'argv' | 'env' | 'geteuid' | 'stdout' | 'stderr' | 'on' | 'off'
>;

export function worldOf(process: ProcessLike): World {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    uid: process.geteuid?.() ?? 0,
    now: () => new Date(),
    stdout: process.stdout,
    stderr: process.stderr,
    onInterrupt(act) {
      process.on('SIGINT', act);
      return { [Symbol.dispose]: () => process.off('SIGINT', act) };
    },
  };
}

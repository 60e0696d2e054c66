import { type ExecFileException, execFile } from 'node:child_process';

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs programs, and can put an end to all of them. */
export class Programs {
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** @throws Error when it cannot be started, or was ended */
  async run(argv: readonly string[], env = process.env): Promise<Result> {
    const [file = '', ...args] = argv;
    const run = new Promise<Result>((resolve, reject) => {
      const options = { env, signal: this.#ending.signal, maxBuffer: 16 << 20 };
      execFile(file, args, options, (error, stdout, stderr) => {
        const status = statusOf(error);
        if (status === undefined) reject(error);
        else resolve({ status, stdout, stderr });
      });
    });
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /** The same for one that has to succeed. */
  async output(argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(argv);
    if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#running);
  }
}

function statusOf(error: ExecFileException | null): number | undefined {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : undefined;
}

import { readdirSync, readFileSync } from 'node:fs';

/** Looks again and again at the arguments and the environment of every process of a container. */
export class ProcessSamples {
  readonly #proc: string;
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  /** `proc`: the container's own, `container.path('/proc')`. Once every `every` milliseconds. */
  constructor(proc: string, every = 10) {
    this.#proc = proc;
    this.#timer = setInterval(() => this.#look(), every).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** All that was seen, each once: arguments and environments, a process a line. */
  text(): string {
    return [...this.#seen].join('\n').replaceAll('\0', ' ');
  }

  #look(): void {
    for (const pid of namesIn(this.#proc)) {
      if (!/^\d+$/.test(pid)) continue;
      this.#seen.add(read(`${this.#proc}/${pid}/cmdline`));
      this.#seen.add(read(`${this.#proc}/${pid}/environ`));
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // the container has ended
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}

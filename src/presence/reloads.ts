import { millisecondsSince } from '../host/systemctl.ts';
import type { Context } from './context.ts';
import type { Found } from './look.ts';
import type { Memory } from './memory.ts';
import { isRunning, unitName } from './units.ts';

/** Milliseconds without a change before services are told, and the longest that they wait. */
const quiet = 2_000;
const longest = 30_000;

/** Milliseconds for which a service is waited for that starts just now: it takes no orders. */
const longestStart = 5 * 60_000;

type Verb = 'try-reload-or-restart' | 'try-restart';

interface Due {
  readonly verb: Verb;
  /** When what it uses last changed, by the clock of {@link performance}. */
  readonly changed: number;
}

/**
 * Services to reload or restart, gathered so that each is told once, however many items
 * changed; and once in half a minute while they go on changing.
 */
export class Reloads {
  readonly #context: Context;
  readonly #memory: Pick<Memory, 'told'>;
  readonly #due = new Map<string, Due>();
  #first = 0;
  #last = 0;
  #areOfCertificates = false;

  constructor(context: Context, memory: Pick<Memory, 'told'>) {
    this.#context = context;
    this.#memory = memory;
  }

  add({ item, declaration, since }: Found): void {
    if (item.kind === 'certificate') this.#areOfCertificates = true;
    const age = Math.max(0, this.#context.now().getTime() - since);
    const changed = performance.now() - age;
    for (const name of declaration?.reload ?? []) {
      this.#add(name, { verb: 'try-reload-or-restart', changed });
    }
    for (const name of declaration?.restart ?? []) {
      this.#add(name, { verb: 'try-restart', changed });
    }
  }

  get isEmpty(): boolean {
    return this.#due.size === 0;
  }

  /** Some of it is about certificates, of which a batch may bring more. */
  get areOfCertificates(): boolean {
    return this.#areOfCertificates;
  }

  /** Whether it has been quiet for long enough. */
  get isTime(): boolean {
    const told = this.#context.now().getTime() - this.#memory.told;
    const isTooSoon = told >= 0 && told < longest;
    return !this.isEmpty && !isTooSoon && performance.now() - this.#last >= quiet;
  }

  /** Whether they have waited for long enough, quiet or not. */
  get isOverdue(): boolean {
    return !this.isEmpty && performance.now() - this.#first >= longest;
  }

  /** Takes what is due; resolves when the services have followed. */
  async tell(): Promise<void> {
    if (this.isOverdue) this.#memory.told = this.#context.now().getTime();
    const due = new Map(this.#due);
    this.#due.clear();
    this.#areOfCertificates = false;
    const told = new Map<string, Verb>();
    for (const { id, names, state, started } of await this.#look([...due.keys()])) {
      const each = names.flatMap((name) => due.get(name) ?? []).reduce(strongest);
      // what has started since has read the new content already
      if (started > each.changed || !isRunning(state)) continue;
      const isStarting = state === 'activating';
      if (isStarting && performance.now() - each.changed < longestStart) this.#add(id, each);
      else told.set(id, each.verb);
    }
    for (const verb of ['try-restart', 'try-reload-or-restart'] as const) {
      await this.#ask(verb, [...told.keys()].filter((id) => told.get(id) === verb).sort());
    }
  }

  #add(name: string, due: Due): void {
    const service = unitName(name);
    if (service === undefined) {
      this.#context.log.warning(`${name} cannot be reloaded: it is no name of a unit`);
      return;
    }
    this.#last = performance.now();
    if (this.isEmpty) this.#first = this.#last;
    this.#due.set(service, strongest(this.#due.get(service) ?? due, due));
  }

  /** The units by their first names, and when they began to start, by the clock of {@link performance}. */
  async #look(services: readonly string[]) {
    const properties = ['Names', 'ActiveState', 'InactiveExitTimestampMonotonic'];
    const shown = await this.#context.systemd.show(services, properties);
    return [...shown].map(([id, { Names = id, ActiveState, ...rest }]) => ({
      id,
      names: Names.split(' '),
      state: ActiveState,
      started: performance.now() - millisecondsSince(rest.InactiveExitTimestampMonotonic),
    }));
  }

  async #ask(verb: Verb, services: readonly string[]): Promise<void> {
    if (services.length === 0) return;
    const { systemd, log } = this.#context;
    log.notice(`${verb} ${services.join(' ')}`);
    const said = await systemd.ask(verb, services);
    if (said !== undefined) log.error(`${verb}: ${said}`);
  }
}

/** A restart does what a reload would do. */
function strongest(one: Due, other: Due): Due {
  const verb = one.verb === 'try-restart' ? one.verb : other.verb;
  return { verb, changed: Math.max(one.changed, other.changed) };
}

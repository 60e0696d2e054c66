import { millisecondsSince } from '../host/systemctl.ts';
import type { Context } from './context.ts';
import type { Found } from './look.ts';

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

/** Services to reload or restart, gathered so that each is told once, however many items changed. */
export class Reloads {
  readonly #context: Context;
  readonly #due = new Map<string, Due>();
  #first = 0;
  #last = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  add({ declaration, since }: Found): void {
    const age = Math.max(0, this.#context.now().getTime() - since);
    const changed = performance.now() - age;
    for (const service of declaration?.reload ?? [])
      this.#add(service, 'try-reload-or-restart', changed);
    for (const service of declaration?.restart ?? []) this.#add(service, 'try-restart', changed);
  }

  get isEmpty(): boolean {
    return this.#due.size === 0;
  }

  /** Whether it has been quiet for long enough, or too long not. */
  get isTime(): boolean {
    const now = performance.now();
    return !this.isEmpty && (now - this.#last >= quiet || now - this.#first >= longest);
  }

  /** Takes what is due; resolves when the services have followed. */
  async tell(): Promise<void> {
    const due = new Map(this.#due);
    this.#due.clear();
    const states = await this.#states([...due.keys()]);
    const now = performance.now();
    const told = new Map<Verb, string[]>([
      ['try-restart', []],
      ['try-reload-or-restart', []],
    ]);
    for (const [service, each] of [...due].sort()) {
      const { active = '', started = Number.NEGATIVE_INFINITY } = states.get(service) ?? {};
      // what has started since has read the new content already
      if (started > each.changed) continue;
      const isStarting = active === 'activating' && now - each.changed < longestStart;
      if (isStarting) this.#add(service, each.verb, each.changed);
      else told.get(each.verb)?.push(service);
    }
    for (const [verb, services] of told) await this.#ask(verb, services);
  }

  #add(service: string, verb: Verb, changed: number): void {
    const before = this.#due.get(service);
    this.#last = performance.now();
    if (this.isEmpty) this.#first = this.#last;
    this.#due.set(service, {
      verb: before?.verb === 'try-restart' ? before.verb : verb,
      changed: Math.max(changed, before?.changed ?? changed),
    });
  }

  /** With the time when they began to start, by the clock of {@link performance}; none for an alias. */
  async #states(services: readonly string[]) {
    const properties = ['ActiveState', 'InactiveExitTimestampMonotonic'];
    const shown = await this.#context.systemd.show(services, properties);
    return new Map(
      [...shown].map(([service, { ActiveState = '', InactiveExitTimestampMonotonic }]) => [
        service,
        {
          active: ActiveState,
          started: performance.now() - millisecondsSince(InactiveExitTimestampMonotonic),
        },
      ]),
    );
  }

  async #ask(verb: Verb, services: readonly string[]): Promise<void> {
    if (services.length === 0) return;
    const { systemd, log } = this.#context;
    log.notice(`${verb} ${services.join(' ')}`);
    const said = await systemd.ask(verb, services);
    if (said !== undefined) log.error(`${verb} ${services.join(' ')}: ${said}`);
  }
}

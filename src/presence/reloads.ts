import type { Context } from './context.ts';
import type { Found } from './look.ts';

/** Milliseconds without a change before services are told, and the longest that they wait. */
const quiet = 2_000;
const longest = 30_000;

/** Services to reload or restart, gathered so that each is told once, however many items changed. */
export class Reloads {
  readonly #context: Context;
  readonly #reload = new Set<string>();
  readonly #restart = new Set<string>();
  #first = 0;
  #last = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  add({ reload, restart }: Pick<Found, 'reload' | 'restart'>): void {
    for (const service of reload) this.#reload.add(service);
    for (const service of restart) this.#restart.add(service);
    if (this.#reload.size + this.#restart.size === 0) return;
    this.#last = this.#context.now().getTime();
    this.#first ||= this.#last;
  }

  /** What has just started has read the new content already. */
  haveStarted(units: readonly string[]): void {
    for (const unit of units) {
      this.#reload.delete(unit);
      this.#restart.delete(unit);
    }
  }

  areWaiting(): boolean {
    if (this.#reload.size + this.#restart.size === 0) return false;
    const now = this.#context.now().getTime();
    return now - this.#last < quiet && now - this.#first < longest;
  }

  async flush(): Promise<void> {
    const restart = [...this.#restart].sort();
    const reload = [...this.#reload].filter((service) => !this.#restart.has(service)).sort();
    this.#restart.clear();
    this.#reload.clear();
    this.#first = 0;
    await this.#tell('try-restart', restart);
    await this.#tell('try-reload-or-restart', reload);
  }

  async #tell(verb: 'try-restart' | 'try-reload-or-restart', services: readonly string[]) {
    if (services.length === 0) return;
    const { systemd, log } = this.#context;
    log.notice(`${verb} ${services.join(' ')}`);
    const said = await systemd.ask(verb, services);
    if (said !== undefined) log.error(`${verb} ${services.join(' ')}: ${said}`);
  }
}

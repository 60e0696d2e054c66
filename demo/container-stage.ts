import { setTimeout as sleep } from 'node:timers/promises';
import { Container } from '../tests/harness/container.ts';
import { servers } from '../tests/harness/servers.ts';
import { trixie } from '../tests/harness/suites.ts';
import { UnitJournal } from './journal.ts';
import { enableBelow, namesOf, type Scenario, writeBelow } from './scenario.ts';
import type { Act, Happening, Stage, UnitState } from './stage.ts';

interface Booted {
  readonly container: Container;
  readonly journal: UnitJournal;
  readonly systemd: string;
  readonly node: string;
}

const stateProperties = ['ActiveState', 'SubState', 'Result', 'InvocationID'];

/** A Debian 13 with a real systemd, an nginx and a Pebble, on a throw-away disk; gone when the stage is. */
export class ContainerStage implements Stage {
  readonly kind = 'container';
  readonly note = undefined;
  readonly leftOut: readonly string[] = [];
  #booted: Booted | undefined;
  #actBegan = 0;

  /** Resolves when PID 1 takes orders, long before it has started everything. */
  async prepare(scenario: Scenario): Promise<void> {
    const container = await Container.create({ suite: trixie, packages: servers });
    const { files, serverFiles } = scenario;
    try {
      await container.install();
      for (const file of [...files, ...serverFiles]) writeBelow(container.path(''), file);
      enableBelow(container.path(''), [...namesOf(scenario), ...scenario.servers]);
      await container.boot({ wait: false });
      const manager = await container.show('', 'Version', 'UserspaceTimestampMonotonic');
      this.#actBegan = Number(manager.UserspaceTimestampMonotonic);
      const node = await container.run('node', '--version');
      const journal = new UnitJournal(container);
      this.#booted = { container, journal, systemd: manager.Version, node };
    } catch (error) {
      await container.stop();
      throw error;
    }
  }

  get root(): string {
    return this.#up.container.path('');
  }

  get heading(): string {
    return `The machine boots: systemd ${this.systemd} is PID 1, in a container of Debian 13`;
  }

  get systemd(): string {
    return this.#up.systemd;
  }

  get node(): string {
    return this.#up.node;
  }

  async run(act: Act): Promise<void> {
    if (act === 'boot') return;
    this.#actBegan = monotonicMicroseconds();
    if (act === 'key') return; // bindsto-watch.path sees it
    await this.#up.container.systemctl('daemon-reload');
    await this.#up.container.systemctl('restart', 'bindsto-reconcile.service');
  }

  async happenings(): Promise<readonly Happening[]> {
    const news = await this.#up.journal.read(this.#actBegan);
    if (news.length === 0) await sleep(60);
    return news;
  }

  async bindsto(args: readonly string[], columns = 80): Promise<string> {
    const argv = ['env', `COLUMNS=${columns}`, 'bindsto', ...args];
    return (await this.#up.container.exec(argv)).stdout;
  }

  async states(units: readonly string[]): Promise<ReadonlyMap<string, UnitState>> {
    const argv = ['show', `--property=Id,${stateProperties.join(',')}`, '--', ...units];
    const blocks = (await this.#up.container.systemctl(...argv)).split('\n\n');
    return new Map(
      blocks.map((block) => {
        const lines = block.split('\n').map((line) => line.split('='));
        const { Id = '', ...state } = Object.fromEntries(lines) as Record<string, string>;
        const { ActiveState = '', SubState = '', Result = '', InvocationID = '' } = state;
        return [
          Id,
          {
            activeState: ActiveState,
            subState: SubState,
            result: Result,
            invocationId: InvocationID,
          },
        ];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#booted?.container.stop();
  }

  get #up(): Booted {
    if (this.#booted === undefined) throw new Error('the container is not booted');
    return this.#booted;
  }
}

/** The clock of the journal's monotonic timestamps: a container shares it with the machine. */
function monotonicMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

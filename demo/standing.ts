import type { Happening } from './stage.ts';

/** Of `bindsto status --json`, as much as the story needs. */
export interface StatusJson {
  readonly items: readonly ItemJson[];
  readonly services: readonly ServiceJson[];
}

export interface ItemJson {
  readonly kind: 'certificate' | 'artifact';
  readonly name: string;
  readonly unit: string;
  readonly state: string;
  readonly present: boolean;
  readonly backend?: string;
  readonly issuer?: string;
  /** Why it is due. */
  readonly why?: string;
  readonly nextTry?: string;
  readonly lastError?: { readonly message: string };
}

export interface ServiceJson {
  readonly unit: string;
  readonly bindsTo: readonly string[];
  readonly waitsFor: readonly string[];
}

type Move = Omit<Happening, 'seconds'>;

/** Where no service manager is: what stands, and what moves when the status is another. */
export class Standing {
  #present = new Set<string>();
  #running = new Set<string>();
  #services: readonly ServiceJson[] = [];

  /** Targets first, since services follow them. */
  follow({ items, services }: StatusJson): Move[] {
    const waitedFor = new Set(services.flatMap(({ waitsFor }) => waitsFor));
    const bound = services.flatMap(({ bindsTo }) => bindsTo);
    const targets = new Set([...items.map(({ unit }) => unit), ...bound]);
    const known = new Set(items.filter(({ present }) => present).map(({ unit }) => unit));
    const present = [...targets].filter(
      (target) => known.has(target) || (bound.includes(target) && !waitedFor.has(target)),
    );
    const running = services.filter(({ waitsFor }) => waitsFor.length === 0);
    const before = { present: this.#present, running: this.#running };
    this.#present = new Set(present);
    this.#running = new Set(running.map(({ unit }) => unit));
    this.#services = services;
    return [
      ...moves(before.present, this.#present, 'present', 'gone'),
      ...moves(before.running, this.#running, 'started', 'stopped'),
    ];
  }

  waiting(): Move[] {
    return this.#services.flatMap(({ unit, waitsFor: [target] }): Move[] =>
      target === undefined ? [] : [{ unit, turn: 'waits', target }],
    );
  }
}

function moves(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  came: Happening['turn'],
  went: Happening['turn'],
): Move[] {
  const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...one].filter((unit) => !other.has(unit));
  return [
    ...without(before, after).map((unit): Move => ({ unit, turn: went })),
    ...without(after, before).map((unit): Move => ({ unit, turn: came })),
  ];
}
